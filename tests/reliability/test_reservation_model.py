"""The reservation protocol as a model, every state of it visited (``docs/design/reservation.rst``).

Three launchers and a curer share one document. Each step below is one access to the journal, as the code makes it:
reads and compare-and-sets are apart, so anybody may act in between, and a process that is paused for days is one that
takes no step for long. Replies get lost after the change was made or before, launchers die at any point, and the curer
may take a living one for dead. What the steps are allowed to do to the status comes from the program's own tables.

The same protocol without its tokens must fail: else the model could not see what they are for.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import pytest

from kleio.spool.closing import OPEN
from kleio.trial.status import (
    COMPLETED,
    FAILOVER,
    HELD,
    NEW,
    RESERVABLE,
    RESERVED,
    RUNNING,
    SUSPENDED,
    may_move,
)  # fmt: skip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    Document = tuple[str, int, int]
    """Status, fence, and the owner: the number of a launcher, or 0."""
    Launcher = tuple[str, int, Document | None]
    """What it is about to do, its fence, and what it has read for that."""
    Step = tuple[str, Document, Launcher]
    State = tuple[Document, tuple[Launcher, ...], tuple[Document, bool] | None, int]
    """The third part is what the curer has read and whether that is still so; the last, how often it may yet err."""

IDLE, RESERVING, UNSURE, OUT = "idle", "reserving", "unsure", "out"
HOLDING, LOOKING, RECLAIMING, STALE = "holding", "looking", "reclaiming", "stale"
ENDED, CLOSING, DEAD, BURYING, GONE = "ended", "closing", "dead", "burying", "gone"
LIVE = frozenset({HOLDING, LOOKING, RECLAIMING, STALE})
"""The launcher's command runs."""


FINISHED: Launcher = (OUT, 0, None)


class Violation(Exception):
    """What must never happen."""


@dataclass(frozen=True)
class Protocol:
    """Which tokens the compare-and-sets name. ``errors``: how often a living launcher is taken for dead."""

    launchers: int = 3
    errors: int = 1
    fence: bool = True
    owner: bool = True


@dataclass
class Explored:
    """All states by number, how they were reached first, and what follows from each."""

    states: dict[State, int] = field(default_factory=dict)
    before: list[tuple[int, str]] = field(default_factory=list)
    edges: list[list[int]] = field(default_factory=list)

    def story(self, number: int) -> str:
        steps: list[str] = []
        while number:
            number, step = self.before[number]
            steps.append(step)
        return "\n".join(reversed(steps))


def steps(protocol: Protocol, state: State) -> Iterator[tuple[str, State]]:
    """Everything that may happen next."""
    for number in range(1, protocol.launchers + 1):
        for step, document, launcher in Actor(protocol, number, state[0], state[1][number - 1]).steps():
            yield f"{number} {step}", _after(state, document, number, launcher)
    yield from _curer_steps(protocol, state)


def _after(state: State, document: Document, number: int, launcher: Launcher) -> State:
    old, launchers, cure, errors = state
    if cure is not None and document != old:
        cure = (cure[0], False)
    return document, (*launchers[: number - 1], launcher, *launchers[number:]), cure, errors


@dataclass(frozen=True)
class Actor:
    """One launcher at one moment, and what it may do."""

    protocol: Protocol
    me: int
    document: Document
    launcher: Launcher

    def steps(self) -> Iterator[Step]:
        phase = self.launcher[0]
        if phase in (IDLE, RESERVING, UNSURE):
            return self._before()
        return self._with_command() if phase in LIVE else self._behind()

    def _before(self) -> Iterator[Step]:
        phase, known, _ = self.launcher
        status, fence, owner = document = self.document
        if phase == IDLE:
            if status in RESERVABLE:
                yield "finds it reservable", document, (RESERVING, fence, None)
        elif phase == RESERVING:
            yield "sends its reservation, which is lost", document, (UNSURE, 0, None)
            if status in RESERVABLE and (not self.protocol.fence or fence == known):
                reserved = (RESERVED, fence + 1, self.me)
                yield "reserves", reserved, (HOLDING, fence + 1, None)
                yield "reserves; the reply is lost", reserved, (UNSURE, 0, None)
        else:
            yield "dies", document, (GONE, 0, None)
            if self.protocol.owner and owner == self.me:
                yield "finds its own token", document, (HOLDING, fence, None)
            else:
                yield "finds somebody else's", document, FINISHED

    def _with_command(self) -> Iterator[Step]:
        phase, own, _ = self.launcher
        status, fence, owner = document = self.document
        holding: Launcher = (HOLDING, own, None)
        if phase in (HOLDING, STALE):
            yield "sees the end of its command", document, (ENDED, own, None)
        if phase == HOLDING:
            yield "dies", document, (DEAD, own, None)
            if self._matches((RESERVED,), self.me):
                yield from self._write("says that it runs", (RUNNING, fence, owner), holding)
                yield "gives up before it starts", (SUSPENDED, fence, 0), FINISHED
            if not self._matches(HELD, self.me):
                yield "misses its lease", document, (LOOKING, own, None)
        elif phase == LOOKING:
            if self._is_mine() and status == FAILOVER:
                yield "was taken for dead", document, (RECLAIMING, own, None)
            else:
                yield "is told of its successor", document, (STALE, own, None)
        elif phase == RECLAIMING:
            if status == FAILOVER and (not self.protocol.fence or fence == own):
                yield from self._write("takes it back", (RUNNING, fence, self.me), holding)
            else:
                yield "is too late to take it back", document, holding

    def _behind(self) -> Iterator[Step]:
        """After the command's end, or the launcher's: by itself, or by whoever finds its spool."""
        phase, own, seen = self.launcher
        status, fence, owner = document = self.document
        if phase in (ENDED, DEAD):
            if self._is_mine() and status in OPEN:
                yield "is read to be closed", document, (CLOSING if phase == ENDED else BURYING, own, document)
            else:
                yield "is over for others already", document, FINISHED
        elif phase in (CLOSING, BURYING) and seen is not None:
            if not self._matches((seen[0],), seen[2]):
                yield "is closed too late", document, (ENDED if phase == CLOSING else DEAD, own, None)
            elif phase == CLOSING and status == RESERVED:
                yield from self._write("is marked as running first", (RUNNING, fence, owner), (ENDED, own, None))
            else:
                end = COMPLETED if phase == CLOSING else FAILOVER
                yield from self._write(f"is closed as {end}", (end, fence, 0), FINISHED)

    def _is_mine(self) -> bool:
        _, fence, owner = self.document
        return not self.protocol.owner or (fence == self.launcher[1] and owner in (self.me, 0))

    def _matches(self, statuses: Collection[str], owner: int) -> bool:
        """A compare-and-set on the status and the tokens that the protocol has."""
        return (
            self.document[0] in statuses
            and (not self.protocol.fence or self.document[1] == self.launcher[1])
            and (not self.protocol.owner or self.document[2] == owner)
        )

    def _write(self, step: str, change: Document, after: Launcher) -> Iterator[Step]:
        """A write of the trial's state; and the same with a lost reply, after which it is tried again."""
        own, latest = self.launcher[1], self.document[1]
        if latest != own:
            raise Violation(f"{self.me} {step} as attempt {own}, and writes over attempt {latest}")
        yield step, change, after
        yield f"{step}; the reply is lost", change, self.launcher


def _curer_steps(protocol: Protocol, state: State) -> Iterator[tuple[str, State]]:
    document, launchers, cure, errors = state
    if cure is None:
        if document[0] in HELD:
            owner = launchers[document[2] - 1] if document[2] else (DEAD, 0, None)
            if owner[0] in (DEAD, BURYING, GONE):
                yield "the curer finds it dead", (document, launchers, (document, True), errors)
            elif errors:
                yield "the curer takes it for dead", (document, launchers, (document, True), errors - 1)
        return
    fresh = cure[1]
    # ``rvn`` stands for all of the document; without tokens only the status is compared.
    if fresh or (not protocol.owner and not protocol.fence and document[0] in HELD):
        yield "the curer writes failover", ((FAILOVER, document[1], document[2]), launchers, None, errors)
    else:
        yield "the curer is too late", (document, launchers, None, errors)


def check(protocol: Protocol, state: State, step: str, after: State) -> None:
    """What holds of every step, and of every state."""
    (old, _, _), (new, fence, owner) = state[0], after[0]
    if old != new and not may_move(old, new):
        raise Violation(f"{step}: {old} becomes {new}, which is no move")
    if fence < state[0][1]:
        raise Violation(f"{step}: the fence falls")
    if new in HELD and owner and after[1][owner - 1][0] == OUT:
        raise Violation(f"{step}: a ghost holds the trial, for launcher {owner} does not know that it does")
    if after[3] == protocol.errors and sum(each[0] in LIVE for each in after[1]) > 1:
        raise Violation(f"{step}: two live copies, though nobody was taken for dead wrongly")


def explore(protocol: Protocol) -> Explored:
    """Breadth first, so that the story of a violation is a shortest one."""
    first: State = ((NEW, 0, 0), ((IDLE, 0, None),) * protocol.launchers, None, protocol.errors)
    found = Explored({first: 0}, [(0, "")], [[]])
    queue = deque([first])
    while queue:
        state = queue.popleft()
        number = found.states[state]
        try:
            for step, after in steps(protocol, state):
                place = found.states.get(after)
                if place is None:
                    place = found.states[after] = len(found.before)
                    found.before.append((number, step))
                    found.edges.append([])
                    queue.append(after)
                check(protocol, state, step, after)
                found.edges[number].append(place)
        except Violation as violation:
            raise Violation(f"{found.story(number)}\n{violation}") from None
    return found


def stuck(found: Explored) -> list[int]:
    """States from which the trial never becomes free or completed again, whatever happens."""
    backward: list[list[int]] = [[] for _ in found.edges]
    for number, following in enumerate(found.edges):
        for place in following:
            backward[place].append(number)
    good = [number for state, number in found.states.items() if state[0][0] not in HELD]
    reached = bytearray(len(backward))
    for number in good:
        reached[number] = 1
    while good:
        for number in backward[good.pop()]:
            if not reached[number]:
                reached[number] = 1
                good.append(number)
    return [number for number, yes in enumerate(reached) if not yes]


def test_no_state_of_the_protocol_breaks_its_promise():
    found = explore(Protocol())
    assert len(found.states) >= 100_000
    dead_ends = stuck(found)
    assert dead_ends == [], found.story(dead_ends[0])
    seen = {state[0][0] for state in found.states}
    assert seen == {NEW, RESERVED, RUNNING, SUSPENDED, FAILOVER, COMPLETED}, "all that can be reached was"
    assert any(sum(each[0] in LIVE for each in state[1]) > 1 for state in found.states), "it was tempted"


@pytest.mark.parametrize(
    ("protocol", "broken"),
    [
        (Protocol(fence=False, owner=False), "ghost|writes over"),
        (Protocol(owner=False), "ghost"),
        (Protocol(fence=False, errors=2), "writes over"),
        (Protocol(fence=False, owner=False, errors=0), "ghost|writes over"),
    ],
    ids=["status only", "no owner", "no fence", "status only, no errors"],
)
def test_without_its_tokens_the_protocol_fails(protocol, broken):
    with pytest.raises(Violation, match=broken) as caught:
        explore(protocol)
    assert len(str(caught.value).splitlines()) < 12, "the shortest story is short"
