"""Drains the queue: runs every trial of a project that may be reserved, one after the other, until none is left.

Any number of workers may do so at once, on any number of machines; the reservation sees to it that each trial is run
by one. Each trial runs in a process of its own, by the same way as ``kleio exec ID``, so that a trial that breaks,
is suspended from elsewhere or has its launcher killed does not end the worker.

A trial is run where it may be run: one whose code or environment is another than here is refused and skipped. One
that was suspended while this worker was at work was stopped by somebody who meant it, and is left alone.
"""

from __future__ import annotations

import random
from collections import Counter

from kleio.dataclass import dataclass
from kleio.journal.change import EVENTS
from kleio.journal.contract import TrialQuery
from kleio.spool.attempt.liveness import Observer
from kleio.spool.attempt.resolving import resolved
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal
    from kleio.trial.clauses import Clause

    Document = dict[str, Any]

MOST_TRIES = 3
"""How often one worker runs a trial whose launcher died each time."""
MOST_REFUSALS = 10
"""How often it looks whether processes that a dead launcher left have ended."""
PAUSE = 1.0
"""Seconds between two looks at a queue that has nothing to run."""


@dataclass
class Report:
    """What a worker did. ``skipped`` counts trials that may run, but not here or not now."""

    ran: int = 0
    skipped: int = 0


class Worker:
    """One worker. ``run`` starts a trial by its id, returns the launcher's pid when it is over."""

    def __init__(
        self,
        journal: Journal,
        project: str | None,
        run: Callable[[str], int],
        clock: Clock,
        *,
        tags: Sequence[str] = (),
        where: Clause | None = None,
        most: int | None = None,
        idle_exit: float = 0.0,
        wait: Callable[[float], None],
        is_over: Callable[[], bool] = lambda: False,
        chance: Callable[[int], int] = random.randrange,
    ) -> None:
        """Trials of ``project``, or of all; ``most`` at most. Ends when there was nothing to run for ``idle_exit``
        seconds, or at ``is_over``."""
        self._journal, self._project, self._run, self._clock = journal, project, run, clock
        self._tags, self._where, self._most, self._idle_exit = tuple(tags), where, most, idle_exit
        self._wait, self._is_over, self._chance = wait, is_over, chance
        self._tries: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._done: dict[str, int] = {}
        """For trials that are not to be started here again: their fence; somebody else may still move them on."""
        self._suspended_before: frozenset[tuple[str, int]] = frozenset()
        self.report = Report()

    def drain(self) -> Report:
        """Run trials until nothing is left."""
        suspended = self._journal.find_trials(self._query(status.SUSPENDED))
        self._suspended_before = frozenset((document["_id"], document["fence"]) for document in suspended)
        idle_since = self._clock.monotonic()
        while not self._is_finished():
            queue = self._queue()
            is_empty = not queue
            if self._work_off(queue):
                idle_since = self._clock.monotonic()
            elif is_empty and self._clock.monotonic() - idle_since >= self._idle_exit:
                break
            else:
                self._wait(PAUSE)
        return self.report

    def _is_finished(self) -> bool:
        return self._is_over() or (self._most is not None and self.report.ran >= self._most)

    def _work_off(self, queue: list[Document]) -> bool:
        """Try all of them. Whether any was run."""
        started = False
        while queue and not self._is_finished():
            document = queue.pop(0)
            now = self._journal.trial(document["_id"])
            if now is None or now["rvn"] != document["rvn"]:
                continue  # somebody was faster
            if self._attempt(document):
                started = True
            elif queue:
                queue.insert(0, queue.pop(self._chance(len(queue))))  # out of step with whoever was faster
        return started

    def _attempt(self, document: Document) -> bool:
        """Run one. False if it was not to be had."""
        trial, before = document["_id"], document["fence"]
        pid = self._run(trial)
        after = self._journal.trial(trial)
        if after is None:
            return False
        if after["fence"] == before:
            self._refused(trial, after)
            return False
        if not self._was_started_by(pid, trial, after["fence"]):
            return False
        self._tries[trial] += 1
        self.report.ran += 1
        if after["status"] not in (status.FAILOVER, *status.HELD):
            self._done[trial] = after["fence"]
        return True

    def _refused(self, trial: str, document: Document) -> None:
        """It did not start: because it must not here, or because something of its last attempt still lives."""
        self._refusals[trial] += 1
        if document["status"] in status.RESERVABLE or self._refusals[trial] >= MOST_REFUSALS:
            self._done[trial] = document["fence"]
            self.report.skipped += 1

    def _was_started_by(self, pid: int, trial: str, fence: int) -> bool:
        """Whether this attempt is that of our process, and not of somebody who was faster."""
        events = (segment.body for segment in self._journal.segments(trial, attempt=fence, stream=EVENTS))
        return any(event["status"] == status.RESERVED and event["who"].get("pid") == pid for event in events)

    def _queue(self) -> list[Document]:
        """What could be run now, oldest first."""
        observer = Observer(self._journal)
        found = []
        for document in self._journal.find_trials(self._query(*status.RESERVABLE, *status.HELD)):
            document, word, _ = observer.current(document)
            if word in status.RESERVABLE and self._may(document, word):
                found.append(document)
        return found[::-1]

    def _may(self, document: Document, word: str) -> bool:
        trial, fence = document["_id"], document["fence"]
        if document.get("secrets"):
            return False  # nobody is there to type them
        if word == status.NEW and (document.get("refers") or {}).get("rerun"):
            return False  # `kleio rerun` is about to start it, on its own code
        if self._tries[trial] >= MOST_TRIES or self._done.get(trial) == fence:
            return False
        return word != status.SUSPENDED or (trial, fence) in self._suspended_before

    def _query(self, *statuses: str) -> TrialQuery:
        wanted = TrialQuery(project=self._project, tags=self._tags, statuses=frozenset(statuses), where=self._where)
        return resolved(self._journal, Observer(self._journal), wanted)
