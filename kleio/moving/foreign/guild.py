"""Runs of Guild AI: ``runs/ID/.guild/{attrs,output,…}``, the run's own files, and scalars in event files."""

from __future__ import annotations

import os

from kleio.errors import StoreUnreadable
from kleio.moving.foreign.run import (
    BROKEN,
    COMPLETED,
    RUNNING,
    File,
    Run,
    attempted,
    by_time,
    files_below,
    mapping,
    within,
    words,
    yaml_of,
)
from kleio.moving.foreign.tfevents import scalars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kleio.moving.foreign.run import Point

TOOL = "guild"
OWN = ".guild"
_NOT_YET = ("STAGED", "PENDING")
_KINDS = {"s": "source", "d": "dependency"}


def runs(path: str) -> Iterator[Run | str | StoreUnreadable]:
    """The runs of a Guild home, of its directory ``runs``, or one run; text for one that is passed over, and why."""
    if os.path.isdir(os.path.join(path, OWN, "attrs")):
        yield attempted(_run, os.path.abspath(path))
        return
    for place in (path, os.path.join(path, "runs"), os.path.join(path, OWN, "runs")):
        names = sorted(os.listdir(place)) if os.path.isdir(place) else []
        found = [name for name in names if os.path.isdir(os.path.join(place, name, OWN, "attrs"))]
        if found:
            break
    else:
        raise StoreUnreadable(f"{path} holds no runs of Guild", hint="name its home, usually ~/.guild, or a run of it")
    for name in found:
        yield attempted(_run, os.path.abspath(os.path.join(place, name)))


def _run(path: str) -> Run | str:
    attrs = _attrs(path)
    number = str(attrs.get("id") or os.path.basename(path))
    started, ended = (_seconds(attrs.get(name)) for name in ("started", "stopped"))
    if started is None or any(os.path.exists(os.path.join(path, OWN, mark)) for mark in _NOT_YET):
        return f"run {number} never ran"
    code = attrs.get("exit_status")
    code = code if isinstance(code, int) else None
    status = RUNNING if ended is None else COMPLETED if code == 0 else BROKEN
    operation = _operation(path)
    flags = mapping(attrs.get("flags"))
    platform = mapping(attrs.get("platform"))
    output = within(path, OWN, "output")
    return Run(
        tool=TOOL,
        id=number,
        key=(number,),
        path=path,
        argv=("guild", "run", operation, *(f"{key}={_flag(value)}" for key, value in flags.items())),
        status=status,
        why="running" if status == RUNNING else "terminated" if code is None else f"exit {code}",
        configuration=flags,
        started=started,
        ended=ended,
        exit_code=code if code is None or code >= 0 else None,
        experiment=operation,
        tags=tuple(words(attrs.get("tags"))),
        user=str(attrs.get("user") or "") or None,
        host=str(attrs.get("host") or "") or None,
        commit=_commit(attrs),
        environment={key: value for key, value in platform.items() if isinstance(value, (str, int, float)) and value},
        packages=dict(word.partition("==")[::2] for word in words(attrs.get("pip_freeze")) if "==" in word),
        more={"label": attrs.get("label"), "command": words(attrs.get("cmd")), "comments": attrs.get("comments")},
        metrics=lambda: _metrics(path),
        files=tuple(_files(path)),
        output={"stdout": output} if output is not None and os.path.isfile(output) else {},
    )


def _attrs(path: str) -> dict[str, Any]:
    """The attributes that are of use; the run's environment variables, which may be anything, are not even read."""
    wanted = ("id", "started", "stopped", "exit_status", "flags", "platform", "tags", "user", "host", "vcs_commit",
              "pip_freeze", "label", "cmd", "comments")  # fmt: skip
    found = ((name, within(path, OWN, "attrs", name)) for name in wanted)
    return {name: yaml_of(full) for name, full in found if full is not None and os.path.isfile(full)}


def _operation(path: str) -> str:
    """The name of the operation: the last word of ``.guild/opref``."""
    place = within(path, OWN, "opref")
    if place is None or not os.path.isfile(place):
        return "unknown"
    with open(place, encoding="utf-8", errors="replace") as file:
        found = file.read(4096).split()
    return found[-1].strip("'\"") if found else "unknown"


def _flag(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "yes", False: "no"}[value]
    return str(value)


def _commit(attrs: Mapping[str, Any]) -> str | None:
    """``git:COMMIT``, with a ``*`` behind it where files differed."""
    word = str(attrs.get("vcs_commit") or "").partition("git:")[2].rstrip("*")
    return word or None


def _seconds(microseconds: Any) -> float | None:
    return microseconds / 1e6 if isinstance(microseconds, (int, float)) else None


def _metrics(path: str) -> Iterator[Point]:
    series = []
    for name, full in files_below(path, leave_out=lambda name: name.startswith((f"{OWN}/sourcecode", f"{OWN}/attrs"))):
        if "tfevents" in os.path.basename(name):
            inside = os.path.dirname(name)
            prefix = "" if inside in ("", OWN) else f"{inside}/"
            series.append(scalars(full, prefix))
    return by_time(series)


def _files(path: str) -> Iterator[File]:
    kinds = _manifest(path)
    for name, full in files_below(path, leave_out=lambda name: name == OWN):
        if "tfevents" not in os.path.basename(name):
            yield File(name, full, {"kind": kinds[name]} if name in kinds else {})
    sources = within(path, OWN, "sourcecode")
    for name, full in files_below(sources) if sources is not None else ():
        yield File(name, full, {"kind": "source"})


def _manifest(path: str) -> dict[str, str]:
    """Which of the run's files are copies of its sources and of what it depends on: ``s NAME DIGEST PLACE`` a line."""
    import shlex

    place = within(path, OWN, "manifest")
    found: dict[str, str] = {}
    if place is not None and os.path.isfile(place):
        with open(place, encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    parts = shlex.split(line)
                except ValueError:
                    continue
                if len(parts) > 1 and parts[0] in _KINDS:
                    found[parts[1]] = _KINDS[parts[0]]
    return found
