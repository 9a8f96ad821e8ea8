"""The store of another tool → parcels, run by run: what cannot be read does not keep the others."""

from __future__ import annotations

import importlib
import os

from kleio.errors import StoreUnreadable
from kleio.moving.foreign.parcel import RunParcel, identity
from kleio.moving.foreign.run import RUNNING, UNREADABLE
from kleio.moving.selection import Waiting
from kleio.moving.transfer import FAILED, Moved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kleio.moving.foreign.run import Run
    from kleio.moving.foreign.secrets import Redactor
    from kleio.trial.snapshot import Project

TOOLS = ("sacred", "mlflow", "guild")
OUTSIDE = frozenset({"mlflow"})
"""Tools that may keep artifacts anywhere."""


def parcels(
    tool: str,
    path: str,
    project: Project,
    redactor: Redactor,
    *,
    running: bool,
    say: Callable[[str], None],
    artifacts: Sequence[str] = (),
) -> Iterator[RunParcel | Waiting | Moved]:
    """The runs of a store as trials of ``project``. ``running``: also those that never said that they ended.

    ``say`` is told of runs that never ran. ``artifacts`` are directories outside of the store that may be read too, of
    those tools in ``OUTSIDE``.
    """
    path = os.path.expanduser(path)
    read = importlib.import_module(f"kleio.moving.foreign.{tool}").runs
    for run in read(path, artifacts) if artifacts else read(path):
        if isinstance(run, str):
            say(f"{run}: passed over")
        elif isinstance(run, StoreUnreadable):
            yield Moved("", FAILED, why=run.message, hint=run.hint)
        elif run.status == RUNNING and not running:
            yield Waiting(
                identity(run), f"run {run.id} still runs, or died without a word; --running takes it as it is"
            )
        else:
            yield _parcel(run, project, redactor)


def _parcel(run: Run, project: Project, redactor: Redactor) -> RunParcel | Moved:
    trial = identity(run)
    try:
        return RunParcel(run, project, redactor)
    except StoreUnreadable as error:
        return Moved(trial, FAILED, why=f"run {run.id}: {error.message}", hint=error.hint)
    except UNREADABLE as error:
        return Moved(trial, FAILED, why=f"run {run.id} in {run.path} is not what it should be: {error}")
