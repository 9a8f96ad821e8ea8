"""What happened to a trial, move by move, and the attempts that these moves make up."""

from __future__ import annotations

from itertools import groupby

from kleio.analysis.moment import Moment
from kleio.dataclass import dataclass, field
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from kleio.journal.contract import Journal

STREAM = "status"
ENDS = frozenset({status.COMPLETED, status.BROKEN, status.SUSPENDED, status.INTERRUPTED, status.FAILOVER})
"""Statuses by which an attempt is over."""


@dataclass(frozen=True)
class Event:
    """One move of a trial's status: when, by whom and why. ``more`` is what the launcher added."""

    id: str
    attempt: int
    status: str
    moment: Moment
    who: Mapping[str, Any]
    why: str
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cause(self) -> str | None:
        """Of an end: one of ``trial.causes``."""
        found = (self.more.get("outcome") or {}).get("cause") or self.more.get("cause")
        return None if found is None else str(found)


@dataclass(frozen=True)
class Outcome:
    """How a command ended: with an exit code or by a signal, why in words, and the cause as one of ``trial.causes``."""

    code: int | None
    signal: int | None
    why: str
    cause: str | None = None

    @staticmethod
    def of(stored: Mapping[str, Any] | None) -> Outcome | None:
        """The outcome that a document's ``{"code", "signal", "why", "cause"}`` means."""
        if not stored:
            return None
        return Outcome(stored.get("code"), stored.get("signal"), str(stored.get("why") or ""), stored.get("cause"))

    def __str__(self) -> str:
        end = f"exit {self.code}" if self.code is not None else ""
        if self.signal is not None:
            name = _signal_name(self.signal)
            end = f"killed by {name}"
            if self.why == name:
                return end
        if not end or self.why.startswith(end):
            return self.why or end
        return f"{end} ({self.why})" if self.why else end


@dataclass(frozen=True)
class Attempt:
    """One execution of a trial, the first of which has the ``number`` 1.

    ``started`` is when it was launched, ``ended`` and ``outcome`` are of its end, ``duration`` is in seconds. ``who``
    launched it (host, user, process), and ``events`` are its moves. ``argv``, ``cwd``, ``code`` and ``environment`` are
    as of then; ``usage`` is what its processes took: seconds of processors, bytes of memory. ``capture`` says how its
    output was captured, in a word of :mod:`kleio.trial.kept`; it is empty if that is not known.
    """

    number: int
    status: str
    started: Moment
    ended: Moment | None
    duration: float | None
    outcome: Outcome | None
    who: Mapping[str, Any]
    argv: tuple[str, ...]
    cwd: str
    code: Mapping[str, Any]
    environment: Mapping[str, Any]
    usage: Mapping[str, Any]
    capture: str
    events: tuple[Event, ...]


def read_history(journal: Journal, document: Mapping[str, Any]) -> list[Event]:
    """All moves of the trial, oldest first.

    The latest one stands in the document itself; its segment may be missing if a process died in between.
    """
    found = {
        str(segment.body["id"]): _event(segment.attempt, segment.body)
        for segment in journal.segments(document["_id"], stream=STREAM)
        if "id" in segment.body
    }
    latest = document.get("event")
    if latest and latest.get("id") not in found:
        found[str(latest.get("id"))] = _event(int(document.get("fence", 0)), latest)
    return sorted(found.values(), key=lambda event: (event.attempt, event.moment, _rank(event.status)))


def typed_cut(events: Iterable[Event]) -> str | None:
    """Where a branch was to leave its parent, as it was typed; ``None`` if nobody said or that is not known."""
    return next(
        (str(event.more["cut"]) for event in events if event.status == status.NEW and event.more.get("cut")), None
    )


def attempts_of(events: Iterable[Event], current: str) -> list[Attempt]:
    """The attempts that ``events`` make up, in order. ``current`` is the trial's status as of now."""
    grouped = [(number, tuple(group)) for number, group in groupby(events, key=lambda event: event.attempt) if number]
    last = grouped[-1][0] if grouped else 0
    return [_attempt(number, group, current if number == last else None) for number, group in grouped]


def _attempt(number: int, events: tuple[Event, ...], current: str | None) -> Attempt:
    launch = next((event for event in events if event.status == status.RESERVED), events[0])
    ends = [event for event in events if event.status in ENDS]
    end = ends[-1] if ends and events.index(ends[-1]) >= _last_held(events) else None
    word = end.status if end else current if current in status.HELD | ENDS else status.FAILOVER
    return Attempt(
        number=number,
        status=str(word),
        started=launch.moment,
        ended=end.moment if end else None,
        duration=_duration(launch, end),
        outcome=_outcome(end),
        who=launch.who,
        argv=tuple(launch.more.get("argv") or ()),
        cwd=str(launch.more.get("cwd") or ""),
        code=launch.more.get("code") or {},
        environment=launch.more.get("environment") or {},
        usage=(end.more.get("usage") if end else None) or {},
        capture=next((str(event.more["output"]) for event in events if event.more.get("output")), ""),
        events=events,
    )


def _last_held(events: tuple[Event, ...]) -> int:
    return max((index for index, event in enumerate(events) if event.status in status.HELD), default=-1)


def _duration(launch: Event, end: Event | None) -> float | None:
    if end is None:
        return None
    measured = end.more.get("duration")
    if isinstance(measured, int | float):
        return float(measured)
    return max(0.0, end.moment.time - launch.moment.time)


def _outcome(end: Event | None) -> Outcome | None:
    if end is None:
        return None
    return Outcome.of(end.more.get("outcome")) or Outcome(None, None, end.why, end.more.get("cause"))


def _event(attempt: int, body: Mapping[str, Any]) -> Event:
    known = {"id", "status", "time", "offset", "who", "why"}
    return Event(
        id=str(body.get("id")),
        attempt=attempt,
        status=str(body.get("status")),
        moment=Moment.of(body) or Moment(0.0),
        who=body.get("who") or {},
        why=str(body.get("why") or ""),
        more={key: value for key, value in body.items() if key not in known},
    )


def _rank(word: str) -> int:
    """Orders moves that bear the same time."""
    order = (status.NEW, status.RESERVED, status.RUNNING)
    return order.index(word) if word in order else len(order)


def _signal_name(number: int) -> str:
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
