"""MLflow's SQLite store, read only.

No query stays open while a caller works on what it gave: a training that logs meanwhile would find the database locked.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import quote

from kleio.dataclass import dataclass
from kleio.errors import StoreUnreadable
from kleio.moving.foreign.run import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST = 1.7976931348623157e308
"""What MLflow writes in place of an infinity."""


@dataclass(frozen=True)
class MlflowRun:
    """A run as either store of MLflow has it. ``beside`` is where its artifacts lie if the store was moved."""

    id: str
    experiment: str | None
    name: str
    status: str
    started: float | None
    ended: float | None
    source: str
    artifact_uri: str
    beside: str
    params: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: Callable[[], Iterable[Point]]
    active: bool = True


def stored(path: str) -> Iterator[MlflowRun]:
    """The runs of the database that were not deleted, oldest first."""
    with closing(_connect(path)) as database:
        query = (
            "SELECT r.run_uuid, e.name, r.name, r.status, r.start_time, r.end_time, r.source_name, r.artifact_uri,"
            " r.experiment_id FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id"
            " WHERE r.lifecycle_stage = 'active' AND e.lifecycle_stage = 'active' ORDER BY r.start_time, r.run_uuid"
        )
        for row in list(_rows(database, path, query)):
            run, experiment, name, status, started, ended, source, uri, number = row
            beside = os.path.join(os.path.dirname(os.path.abspath(path)), "mlruns", str(number), str(run), "artifacts")
            yield MlflowRun(
                str(run), experiment, name or "", str(status), seconds(started), seconds(ended), source or "",
                uri or "", beside, _pairs(database, path, "params", run), _pairs(database, path, "tags", run),
                _metrics(path, run),
            )  # fmt: skip


def seconds(milliseconds: Any) -> float | None:
    """A time as MLflow keeps it."""
    return milliseconds / 1000 if isinstance(milliseconds, (int, float)) else None


def _metrics(path: str, run: str) -> Callable[[], Iterator[Point]]:
    copy = (
        "CREATE TEMP TABLE points AS SELECT timestamp, step, key, value, is_nan FROM metrics WHERE run_uuid = ?"
        " ORDER BY timestamp, step, key"
    )

    def read() -> Iterator[Point]:
        with closing(_connect(path)) as database:
            list(_rows(database, path, copy, run))  # may be millions: they lie in a file of SQLite's own, not in memory
            for time, step, key, value, is_nan in _rows(database, path, "SELECT * FROM temp.points ORDER BY rowid"):
                number = float("nan") if is_nan else float(value)
                if abs(number) >= _LARGEST:
                    number = float("inf") if number > 0 else float("-inf")
                yield Point(time / 1000, int(step or 0), str(key), number)

    return read


def _pairs(database: sqlite3.Connection, path: str, table: str, run: str) -> dict[str, str]:
    query = f"SELECT key, value FROM {table} WHERE run_uuid = ? ORDER BY key"  # noqa: S608 - one of two words
    return {str(key): str(value) for key, value in _rows(database, path, query, run)}


def _rows(database: sqlite3.Connection, path: str, query: str, *values: str) -> Iterator[Any]:
    try:
        yield from database.execute(query, values)
    except sqlite3.Error as error:
        raise StoreUnreadable(f"{path} is no store of MLflow: {error}", hint="name its `mlruns` or its SQLite file")


def _connect(path: str) -> sqlite3.Connection:
    try:
        database = sqlite3.connect(f"file:{quote(os.path.abspath(path))}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise StoreUnreadable(f"{path} cannot be opened: {error}")
    # One text that is not UTF-8 would end the query for all runs. The files of the other store are read so, too.
    database.text_factory = lambda text: text.decode(errors="replace")
    return database
