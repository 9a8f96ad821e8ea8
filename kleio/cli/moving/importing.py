"""The runs of another tool on the command line."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kleio.cli.context import Context


def import_store(
    context: Context,
    tool: str,
    path: str,
    *,
    running: bool,
    artifacts: Sequence[str] = (),
    dry_run: bool,
    as_json: bool,
) -> int:
    """Bring the runs into the journal, as trials of the project in which the user stands; the exit code."""
    from kleio.capture.code.project import project_of
    from kleio.capture.secrets.redactor import load_redactor
    from kleio.cli.moving.transfers import report
    from kleio.clock import SystemClock
    from kleio.moving.delivery import Delivery
    from kleio.moving.foreign.reading import parcels
    from kleio.moving.transfer import transfer

    settings = context.settings
    deadline = SystemClock().monotonic() + settings.git_timeout
    project = project_of(context.cwd, settings.data, os.environ, deadline)
    journal = context.journal if dry_run else context.writable_journal()
    redactor, say = load_redactor(settings.data), context.console.say
    found = parcels(tool, path, project, redactor, running=running, say=say, artifacts=artifacts)
    moved = transfer(found, Delivery(journal, context.blobs), dry_run=dry_run)
    return report(context, "import", moved, total=None, dry_run=dry_run, as_json=as_json)
