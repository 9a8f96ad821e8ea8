"""What ``kleio top`` shows of the trials that run: from their documents, and of those on this machine as of now.

Elsewhere the figures are those of the latest heartbeat. No history is read, but the little that waits to be shipped.
"""

from __future__ import annotations

import os

from kleio.cli.lists.columns import progress_at, ran, seconds_left, step_told
from kleio.dataclass import dataclass
from kleio.errors import FilterError
from kleio.spool.attempt.directory import place_of
from kleio.spool.attempt.processes import by_attempt
from kleio.spool.shipping.telling import Stepping, latest_output, logged_so_far
from kleio.trial.status import HELD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context
    from kleio.clock import Clock

COMPARISONS = ("<", ">", "=", " in ", " contains ", " matches ", " is ")


@dataclass(frozen=True)
class Gauge:
    """One trial that runs. ``cpu`` is in percent of one processor, ``silent`` in seconds since its last output."""

    id: str
    short: str
    status: str
    label: str
    host: str
    command: str
    progress: str
    left: float | None
    cpu: float | None
    memory: float | None
    silent: float | None
    ran: float


class Gauges:
    """Reads them again and again: what processors did is told by two looks at the same process."""

    def __init__(self, context: Context, clock: Clock, *, project: str | None) -> None:
        self._context, self._clock, self._project = context, clock, project
        self._processes: dict[int, Any] = {}
        self._steppings: dict[str, Stepping] = {}
        self._host = os.uname().nodename

    def read(self, words: str = "") -> list[Gauge]:
        """All that fit ``words``: a filter, or a part of what is shown. Raises ``FilterError``."""
        is_filter = any(sign in words for sign in COMPARISONS)
        trials = list(
            self._context.trials.trials(words if is_filter else "", statuses=sorted(HELD), project=self._project)
        )
        if not trials:
            self._context.close()  # what was no journal yet may be one the next time
        here = by_attempt() if any(self._is_here(trial) for trial in trials) else {}
        gauges = [self._gauge(trial, here) for trial in trials]
        self._forget({pid for pids in here.values() for pid in pids}, here)
        wanted = "" if is_filter else words.lower()
        return [
            one
            for one in gauges
            if wanted in f"{one.id} {one.label} {one.host} {one.status} {one.command}".lower()
        ]  # fmt: skip

    def _is_here(self, trial: Trial) -> bool:
        return bool(trial.holder.get("host") == self._host)

    def _gauge(self, trial: Trial, here: Mapping[str, Sequence[int]]) -> Gauge:
        now = self._clock.wall()
        told = trial.document.get("progress") or {}
        told = told if told.get("attempt") == trial.fence else {}
        sample, printed, step = told.get("metrics") or {}, told.get("output"), step_told(trial)
        directory = place_of(trial.document) if self._is_here(trial) else None
        if directory is not None:
            sample = {**sample, **self._sample(here.get(directory, ()))}
            printed = latest_output(directory) or printed
            step = self._step(directory, step)
        return Gauge(
            id=trial.id,
            short=trial.short_id,
            status=trial.status,
            label=" ".join(filter(None, [trial.name, *(f"#{tag}" for tag in trial.tags)])),
            host=str(trial.holder.get("host") or ""),
            command=trial.command,
            progress=progress_at(trial, step),
            left=seconds_left(trial, step),
            cpu=sample.get("cpu"),
            memory=sample.get("memory"),
            silent=None if printed is None else max(0.0, now - printed),
            ran=ran(trial, now),
        )

    def _step(self, directory: str, told: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """The step of the moment, at the pace that was told until two looks tell a newer one."""
        stepping = self._steppings.setdefault(directory, Stepping(self._clock))
        step = stepping.step(logged_so_far(directory))
        if step is None:
            return told
        if step["rate"] is None and told is not None and told["name"] == step["name"]:
            return {**step, "rate": told["rate"]}
        return step

    def _sample(self, pids: Sequence[int]) -> dict[str, float]:
        """What these processes take now; the processors' part only if all have been looked at before."""
        import psutil

        known = all(pid in self._processes for pid in pids)
        cpu = memory = 0.0
        for pid in pids:
            try:
                process = self._processes.setdefault(pid, None) or psutil.Process(pid)
                self._processes[pid] = process
                cpu += process.cpu_percent(None)
                memory += process.memory_info().rss
            except psutil.Error:
                self._processes.pop(pid, None)  # it has ended
        if not pids:
            return {}
        return {"memory": memory, "cpu": cpu} if known else {"memory": memory}

    def _forget(self, living: set[int], here: Mapping[str, Sequence[int]]) -> None:
        self._steppings = {directory: one for directory, one in self._steppings.items() if directory in here}
        self._processes = {pid: process for pid, process in self._processes.items() if pid in living}


def complaint(error: FilterError) -> str:
    """A filter that is not understood, in one line."""
    return error.message.splitlines()[0]
