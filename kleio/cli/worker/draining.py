"""What ``kleio work`` puts together: which trials, how they are launched, and the worker that runs them."""

from __future__ import annotations

import os

from kleio.capture.code.project import project_of
from kleio.cli.grammar import OPTIONS
from kleio.cli.running.processes import Launcher, spelled
from kleio.cli.worker.isolation import IsolatedLauncher
from kleio.clock import SystemClock
from kleio.dataclass import dataclass, field
from kleio.errors import KleioError
from kleio.launcher.worker import Worker
from kleio.spool.keeper import pause
from kleio.trial.statement import parse
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.cli.context import Context

SIGNALLED = 128


@dataclass(frozen=True)
class WorkOrder:
    """What a worker was asked for. ``passed`` are the options that each launch gets."""

    tags: tuple[str, ...] = ()
    where: str = ""
    most: int | None = None
    idle_exit: float = 0.0
    everywhere: bool = False
    isolated: bool = False
    links: tuple[str, ...] = ()
    passed: Mapping[str, Any] = field(default_factory=dict)


def work(context: Context, order: WorkOrder) -> int:
    """Drain the queue; the exit code of the worker: where something could be run and nothing was, that of the last
    launch, so that a job which did nothing does not look done."""
    clock, settings = SystemClock(), context.settings
    statement = parse(order.where)
    launcher = _launcher(context, order)
    deadline = clock.monotonic() + settings.git_timeout
    project = None if order.everywhere else project_of(context.cwd, settings.data, os.environ, deadline).id
    worker = Worker(
        context.writable_journal(), project, launcher.run, clock, tags=order.tags, where=statement, most=order.most,
        idle_exit=order.idle_exit, wait=pause, is_over=lambda: launcher.stopped_by is not None,
    )  # fmt: skip
    report = worker.drain()
    skipped = f", {report.skipped} could not run here" if report.skipped else ""
    context.console.say(f"worker: {counted(report.ran, 'trial')} run{skipped}")
    if launcher.stopped_by is not None:
        return SIGNALLED + launcher.stopped_by
    return (launcher.code or KleioError.exit_code) if report.skipped and not report.ran else 0


def _launcher(context: Context, order: WorkOrder) -> Launcher:
    values = {**order.passed, **context.flags, "quiet": context.console.quiet}
    if order.isolated:
        values["data"] = context.settings.data  # a relative one would mean another in a checkout
    options = [word for option in OPTIONS for word in spelled(option, values)]
    if order.isolated:
        return IsolatedLauncher(options, context, order.links, everywhere=order.everywhere)
    return Launcher(options)
