"""Runs of Sacred, as its ``FileStorageObserver`` leaves them: ``RUN/{run,config,metrics,info}.json``, ``cout.txt``.

Values that Sacred wrote with jsonpickle are read as the plain data that they hold; nothing is unpickled.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone

from kleio.errors import StoreUnreadable
from kleio.moving.foreign.run import (
    BROKEN,
    COMPLETED,
    RUNNING,
    File,
    Point,
    Run,
    attempted,
    by_time,
    mapping,
    text_of,
    within,
    words,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

TOOL = "sacred"
NEVER_RAN = frozenset({"QUEUED"})
_STATUSES = {"COMPLETED": COMPLETED, "RUNNING": RUNNING}


def runs(path: str) -> Iterator[Run | str | StoreUnreadable]:
    """The runs below ``path``, or the one that lies there; text for one that is passed over, and why."""
    if os.path.isfile(os.path.join(path, "run.json")):
        yield attempted(_run, os.path.abspath(path))
        return
    names = sorted(os.listdir(path), key=lambda name: (len(name), name)) if os.path.isdir(path) else []
    found = [name for name in names if os.path.isfile(os.path.join(path, name, "run.json"))]
    if not found:
        raise StoreUnreadable(
            f"{path} holds no run of Sacred",
            hint="name the directory of its FileStorageObserver, in which each run has a directory with a run.json",
        )
    for name in found:
        yield attempted(_run, os.path.abspath(os.path.join(path, name)))


def _run(path: str) -> Run | str:
    told = mapping(_json(path, "run.json"))
    status, number = str(told.get("status")), os.path.basename(path)
    if status in NEVER_RAN or not told.get("start_time"):
        return f"run {number} never ran ({status})"
    experiment, meta, host = (mapping(told.get(name)) for name in ("experiment", "meta", "host"))
    name = str(experiment.get("name") or "")
    end = told.get("stop_time") or told.get("heartbeat")
    ended = _time(end) if end else None
    output = within(path, "cout.txt")
    repository = mapping(next(iter(experiment.get("repositories") or ()), None))
    environment = {
        key: plain(host[key]) for key in ("cpu", "python_version", "os", "gpus") if host.get(key) is not None
    }
    return Run(
        tool=TOOL,
        id=number,
        key=(name, number, str(told["start_time"]), str(host.get("hostname"))),
        path=path,
        argv=_argv(experiment, meta, told),
        status=_STATUSES.get(status, BROKEN),
        why=_why(status, told),
        configuration=mapping(plain(_json(path, "config.json"))),
        started=_time(told["start_time"]),
        ended=ended,
        experiment=name or None,
        host=host.get("hostname"),
        commit=repository.get("commit"),
        remote=repository.get("url"),
        dirty=bool(repository.get("dirty")),
        environment=environment,
        packages=dict(word.partition("==")[::2] for word in words(experiment.get("dependencies")) if "==" in word),
        more={"status": status, "result": plain(told.get("result")), "info": plain(_json(path, "info.json"))},
        metrics=lambda: _metrics(path, told, ended),
        files=tuple(_files(path, told, experiment)),
        output={"stdout": output} if output is not None and os.path.isfile(output) else {},
    )


def _argv(experiment: Mapping[str, Any], meta: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[str, ...]:
    """The line that would make the same run: ``python FILE COMMAND with NAMED… KEY=VALUE…``."""
    options = mapping(meta.get("options"))
    line = ["python", str(experiment.get("mainfile") or experiment.get("name") or "main.py")]
    command = told.get("command")
    if command and options.get("COMMAND"):
        line.append(str(command))
    updates = words(options.get("UPDATE"))
    if not updates:
        updates = [f"{key}={_compact(value)}" for key, value in mapping(meta.get("config_updates")).items()]
        updates = words(meta.get("named_configs")) + updates
    return (*line, "with", *updates) if updates else tuple(line)


def _compact(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(plain(value), separators=(",", ":"))


def _why(status: str, told: Mapping[str, Any]) -> str:
    trace = words(told.get("fail_trace"))
    last = trace[-1].strip().splitlines()[-1:] if trace else []
    return f"{status.lower()}: {last[0][:500]}" if last else status.lower()


def _metrics(path: str, told: Mapping[str, Any], ended: float | None) -> Iterator[Point]:
    series = [_series(name, mapping(entry)) for name, entry in mapping(_json(path, "metrics.json")).items()]
    yield from by_time(series)
    result = plain(told.get("result"))
    if isinstance(result, (int, float)) and not isinstance(result, bool):
        yield Point(ended or _time(told["start_time"]), None, "result", result)


def _series(name: str, entry: Mapping[str, Any]) -> Iterable[Point]:
    steps, times, values = (entry.get(key) or [] for key in ("steps", "timestamps", "values"))
    if not len(steps) == len(times) == len(values):
        raise StoreUnreadable(f"metric {name!r} has {len(values)} values, {len(steps)} steps and {len(times)} times")
    for step, time, value in zip(steps, times, values, strict=True):
        yield Point(_time(time), step, name, plain(value))


def _files(path: str, told: Mapping[str, Any], experiment: Mapping[str, Any]) -> Iterator[File]:
    for name in words(told.get("artifacts")):
        yield from _file(path, name, name, {})
    for entry in experiment.get("sources") or ():
        shown, stored = (*words(entry), "", "")[:2]
        yield from _file(os.path.dirname(path), stored, shown, {"kind": "source"})


def _file(root: str, inside: str, shown: str, metadata: Mapping[str, Any]) -> Iterator[File]:
    """The file, if it is one and lies in the store: the names come out of a JSON file that anybody may have written."""
    full = within(root, inside)
    if full is not None and os.path.isfile(full):
        yield File(shown, full, metadata)


def _json(path: str, name: str) -> Any:
    full = os.path.join(path, name)
    if not os.path.isfile(full) and name != "run.json":
        return {}
    try:
        return json.loads(text_of(full))
    except (ValueError, RecursionError) as error:
        raise StoreUnreadable(f"{full} is no JSON file: {error}")


def _time(text: Any) -> float:
    """Sacred writes UTC without saying so."""
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        raise StoreUnreadable(f"{text!r} is no time")
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def plain(value: Any) -> Any:
    """What jsonpickle wrote, as plain data: tuples, sets and arrays as lists, objects as their fields."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    for key in ("py/tuple", "py/set"):
        if key in value:
            return plain(value[key])
    if "values" in value and str(value.get("py/object", "")).startswith("numpy"):
        return plain(value["values"])
    return {str(key): plain(item) for key, item in value.items() if not str(key).startswith("py/")}
