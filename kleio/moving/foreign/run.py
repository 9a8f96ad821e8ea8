"""A run that another tool recorded, as its reader found it, whichever tool that was."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from heapq import merge

from kleio.dataclass import dataclass, field
from kleio.errors import StoreUnreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    T = TypeVar("T")
    Metrics = Callable[[], "Iterable[Point]"]

COMPLETED = "completed"
BROKEN = "broken"
RUNNING = "running"
"""It says that it still runs: it does, or nobody could write down its end."""
TOGETHER = 1.0
"""Seconds within which values of one step were logged together."""
LONGEST_TEXT = 64 << 20
UNREADABLE = (OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What reading raises where a store holds something else than its tool writes: a wrong type, a number that is too
large, a value that is nested too deeply. That is a fault of one run, and none of kleio."""


@dataclass(frozen=True)
class Point:
    """One value of one metric."""

    time: float
    step: int | None
    name: str
    value: Any


@dataclass(frozen=True)
class File:
    """A file of a run: under which name, and where it lies."""

    name: str
    path: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """``key`` tells the run from all others of its tool, wherever the store lies; ``id`` is what the tool calls it.

    ``argv`` would run it again, as far as that is known. Times are seconds since the epoch. ``output`` are files of
    what it printed: stream → path.
    """

    tool: str
    id: str
    key: tuple[str, ...]
    path: str
    argv: tuple[str, ...]
    status: str
    why: str
    configuration: Mapping[str, Any]
    started: float
    ended: float | None = None
    exit_code: int | None = None
    experiment: str | None = None
    name: str | None = None
    tags: tuple[str, ...] = ()
    user: str | None = None
    host: str | None = None
    commit: str | None = None
    remote: str | None = None
    dirty: bool = False
    environment: Mapping[str, Any] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    metrics: Metrics = field(default=tuple, repr=False)
    files: tuple[File, ...] = ()
    output: Mapping[str, str] = field(default_factory=dict)


def attempted(read: Callable[[str], T], path: str) -> T | StoreUnreadable:
    """A run, or why it cannot be read: that does not keep the others."""
    try:
        return read(path)
    except StoreUnreadable as error:
        return error
    except UNREADABLE as error:
        return StoreUnreadable(f"{path} is not what it should be: {type(error).__name__}: {error}")


def rows(points: Iterable[Point]) -> Iterator[tuple[float, dict[str, Any]]]:
    """Points as records of statistics: what was logged together at one step is one record."""
    record: dict[str, Any] = {}
    time, step = 0.0, None
    for point in points:
        if record and (point.step != step or point.name in record or abs(point.time - time) > TOGETHER):
            yield time, _with_step(record, step)
            record = {}
        if not record:
            time, step = point.time, point.step
        record[point.name] = point.value
    if record:
        yield time, _with_step(record, step)


def _with_step(record: dict[str, Any], step: int | None) -> dict[str, Any]:
    if step is None:
        return record
    name = "step" if "step" not in record else "_step"
    return {name: step, **record}


def by_time(series: Iterable[Iterable[Point]]) -> Iterator[Point]:
    """Several series, each in its own order, as one. Those of one moment come together."""
    return merge(*series, key=lambda point: (point.time, point.step or 0))


def files_below(root: str, *, leave_out: Callable[[str], bool] = lambda name: False) -> list[tuple[str, str]]:
    """The regular files below a directory: (name relative to it, path), sorted. Symbolic links are not followed."""
    found = []
    for above, directories, names in os.walk(root):
        inside = os.path.relpath(above, root)
        prefix = "" if inside == "." else inside.replace(os.sep, "/") + "/"
        directories[:] = sorted(name for name in directories if not leave_out(prefix + name))
        for name in names:
            path = os.path.join(above, name)
            if not leave_out(prefix + name) and os.path.isfile(path) and not os.path.islink(path):
                found.append((prefix + name, path))
    return sorted(found)


def within(root: str, *parts: str) -> str | None:
    """The place below ``root`` with its links resolved; nothing if it is not there, or a link leads out of ``root``.

    Whoever made the store may have put links into it that lead to files of whoever imports it.
    """
    full = os.path.realpath(os.path.join(root, *parts))
    return full if lies_in(full, os.path.realpath(root)) and os.path.exists(full) else None


def lies_in(path: str, directory: str) -> bool:
    """Whether a path is the directory or below it; both without links."""
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def text_of(path: str) -> str:
    """A small text file of a store. ``StoreUnreadable`` if it is not one, or is a link."""
    try:
        with open(path, encoding="utf-8", errors="replace", opener=_not_a_link) as file:
            text = file.read(LONGEST_TEXT + 1)
    except OSError as error:
        raise StoreUnreadable(f"{path} cannot be read: {error.strerror}")
    if len(text) > LONGEST_TEXT:
        raise StoreUnreadable(f"{path} is larger than {LONGEST_TEXT >> 20} MiB, which such a file never is")
    return text


def _not_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def yaml_of(path: str) -> Any:
    """A YAML file of a store, plain values only."""
    import yaml

    try:
        return yaml.load(text_of(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, *UNREADABLE) as error:
        raise StoreUnreadable(f"{path} is no YAML file: {' '.join(str(error).split())[:200]}")


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, with names as text; else an empty one."""
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}


def words(value: Any) -> list[str]:
    """The words of a list; none of anything else."""
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else []
