"""Runs of MLflow, of its file store (``mlruns``) and its SQLite store.

Artifacts are taken from where the run says that they are, if that is a directory of this machine; otherwise from where
they usually lie beside the store. A store may say anything, ``~/.ssh`` for example, and whoever imports it did not
write it: a directory is read if it lies in the store, if MLflow made it (``…/ID OF THE RUN/artifacts``), or below one
that the user names; another one is refused.
"""

from __future__ import annotations

import os
import re
import shlex
from functools import partial
from urllib.parse import unquote, urlsplit

from kleio.capture.commandline.scalars import typed
from kleio.errors import StoreUnreadable
from kleio.moving.foreign import mlflow_database
from kleio.moving.foreign.mlflow_database import MlflowRun
from kleio.moving.foreign.pieces import lines_of
from kleio.moving.foreign.run import (
    BROKEN,
    COMPLETED,
    RUNNING,
    File,
    Point,
    Run,
    attempted,
    by_time,
    files_below,
    lies_in,
    mapping,
    text_of,
    within,
    yaml_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

TOOL = "mlflow"
NEVER_RAN = frozenset({"SCHEDULED"})
_STATUSES = {"FINISHED": COMPLETED, "RUNNING": RUNNING}
_BY_NUMBER = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_BESIDE = ("mlruns", "mlartifacts")
"""Where MLflow keeps artifacts by itself, beside a database."""
_ID = re.compile(r"[0-9a-f]{32}")


def runs(path: str, artifacts: Sequence[str] = ()) -> Iterator[Run | str | StoreUnreadable]:
    """The runs of a store; text for one that is passed over, and why. ``artifacts``: directories to read besides."""
    path = path.removeprefix("file://").removeprefix("sqlite:///")
    found: Iterator[MlflowRun | StoreUnreadable]
    if os.path.isfile(path):
        found = mlflow_database.stored(path)
        beside = os.path.dirname(os.path.realpath(path))
        places = [os.path.join(beside, name) for name in _BESIDE]
    else:
        within_it = os.path.join(path, "mlruns")
        found = _stored(within_it if os.path.isdir(within_it) else path)
        places = [os.path.realpath(path)]
    places += map(os.path.realpath, artifacts)
    for one in found:
        yield one if isinstance(one, StoreUnreadable) else attempted(partial(_run, one, places), os.path.abspath(path))


def _run(one: MlflowRun, places: Sequence[str], path: str) -> Run | str:
    if not one.active:
        return f"run {one.id} was deleted"
    if one.status in NEVER_RAN or one.started is None:
        return f"run {one.id} never ran ({one.status})"
    own = {key: value for key, value in one.tags.items() if not key.startswith("mlflow.")}
    place = _artifacts(one, places, path)
    return Run(
        tool=TOOL,
        id=one.id,
        key=(one.id,),
        path=path,
        argv=_argv(one),
        status=_STATUSES.get(one.status, BROKEN),
        why=one.status.lower(),
        configuration={key: typed(value) for key, value in one.params.items()},
        started=one.started,
        ended=one.ended,
        experiment=one.experiment,
        name=one.tags.get("mlflow.runName") or one.name,
        tags=tuple(f"{key}={value}" for key, value in own.items()),
        user=one.tags.get("mlflow.user"),
        commit=one.tags.get("mlflow.source.git.commit"),
        remote=one.tags.get("mlflow.source.git.repoURL"),
        more={"status": one.status, "tags": dict(one.tags)},
        metrics=one.metrics,
        files=tuple(File(name, full) for name, full in files_below(place)) if place else (),
    )


def _argv(one: MlflowRun) -> tuple[str, ...]:
    """The line that would make the same run, as far as MLflow knows it: a project's in full, else the script alone."""
    source = one.tags.get("mlflow.source.name") or one.source
    if one.tags.get("mlflow.source.type") == "PROJECT":
        options = [word for key, value in one.params.items() for word in ("-P", f"{key}={value}")]
        return ("mlflow", "run", source or ".", *options)
    if not source:
        return ("mlflow", "run", one.experiment or one.id)
    return ("python", source) if source.endswith(".py") else (source,)


def _artifacts(one: MlflowRun, places: Iterable[str], store: str) -> str | None:
    """The directory of a run's artifacts, if it is to be had here. ``StoreUnreadable`` if it is none of the store's."""
    for place in (_local(one.artifact_uri), one.beside):
        if not place or not os.path.isdir(place):
            continue
        real = os.path.realpath(place)
        if not _made_by_mlflow(real, one.id) and not any(lies_in(real, each) for each in places):
            raise StoreUnreadable(
                f"run {one.id} says that its artifacts lie in {place}, which is outside of the store",
                hint=f"if that is so: kleio import mlflow --artifacts {shlex.quote(place)} {shlex.quote(store)}",
            )
        return real
    return None


def _made_by_mlflow(place: str, run: str) -> bool:
    """Whether a directory is one that MLflow makes for a run's artifacts, wherever the experiment has them."""
    above, name = os.path.split(place)
    return name == "artifacts" and os.path.basename(above) == run and _ID.fullmatch(run) is not None


def _local(uri: str) -> str | None:
    parts = urlsplit(uri)
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost"):
        return None
    return unquote(parts.path) if parts.scheme else uri


def _stored(path: str) -> Iterator[MlflowRun | StoreUnreadable]:
    """The runs of a file store that were not deleted; ``path`` is the store, an experiment or a run."""
    named = _meta(path) if _has_meta(path) else None
    if named is not None and _id(named):
        above = os.path.dirname(os.path.abspath(path))
        experiment = _meta(above).get("name") if _has_meta(above) else None
        yield attempted(partial(_read, experiment), os.path.abspath(path))
        return
    experiments = [path] if named is not None else [place for place in _directories(path) if _has_meta(place)]
    if not experiments:
        raise StoreUnreadable(
            f"{path} holds no runs of MLflow", hint="name its directory `mlruns`, or its SQLite file `mlflow.db`"
        )
    for place in experiments:
        meta = attempted(_meta, place)
        if isinstance(meta, StoreUnreadable):
            yield meta
        elif _active(meta):
            yield from _of_experiment(place, meta.get("name"))


def _of_experiment(path: str, name: object) -> Iterator[MlflowRun | StoreUnreadable]:
    for place in filter(_has_meta, _directories(path)):
        one = attempted(partial(_read, name), place)
        if isinstance(one, StoreUnreadable) or one.active:
            yield one


def _has_meta(path: str) -> bool:
    return os.path.isfile(os.path.join(path, "meta.yaml"))


def _meta(path: str) -> Mapping[str, Any]:
    """What MLflow wrote about a run or an experiment. ``StoreUnreadable`` if that cannot be read."""
    found = attempted(lambda file: mapping(yaml_of(file)), os.path.join(path, "meta.yaml"))
    if isinstance(found, StoreUnreadable):
        raise found
    return found


def _id(meta: Mapping[str, Any]) -> object:
    """The id of a run; nothing for an experiment."""
    return meta.get("run_id") or meta.get("run_uuid")


def _active(meta: Mapping[str, Any]) -> bool:
    return bool(meta.get("lifecycle_stage", "active") == "active")


def _read(experiment: object, path: str) -> MlflowRun:
    meta = _meta(path)
    status = meta.get("status")
    return MlflowRun(
        id=str(_id(meta) or os.path.basename(path)),
        experiment=str(experiment) if experiment is not None else None,
        name=str(meta.get("run_name") or ""),
        status=_BY_NUMBER.get(status, str(status)) if isinstance(status, int) else str(status),
        started=mlflow_database.seconds(meta.get("start_time")),
        ended=mlflow_database.seconds(meta.get("end_time")),
        source=str(meta.get("source_name") or ""),
        artifact_uri=str(meta.get("artifact_uri") or ""),
        beside=os.path.join(path, "artifacts"),
        params={name: text_of(full) for name, full in _files(path, "params")},
        tags={name: text_of(full) for name, full in _files(path, "tags")},
        metrics=lambda: by_time([_series(name, full) for name, full in _files(path, "metrics")]),
        active=_active(meta),
    )


def _files(path: str, kind: str) -> list[tuple[str, str]]:
    place = within(path, kind)
    return files_below(place) if place is not None else []


def _series(name: str, path: str) -> Iterator[Point]:
    """``TIME VALUE STEP`` a line; the oldest stores have no step."""
    for line in lines_of(path):
        parts = line.split()
        if not parts:
            continue
        try:
            yield Point(float(parts[0]) / 1000, int(parts[2]) if len(parts) > 2 else 0, name, float(parts[1]))
        except (ValueError, IndexError):
            raise StoreUnreadable(f"{path} has a line that is no metric: {line[:80]!r}")


def _directories(path: str) -> list[str]:
    if not os.path.isdir(path):
        return []
    places = (os.path.join(path, name) for name in sorted(os.listdir(path)) if not name.startswith("."))
    return [place for place in places if os.path.isdir(place)]
