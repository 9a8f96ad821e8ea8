"""``kleio info``: all that is known of one trial."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import json_option, pager_option, trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context


@click.command("info", cls=Command)
@trial_argument
@pager_option
@json_option
@click.pass_obj
def command(context: Context, word: str, no_pager: bool, as_json: bool) -> None:
    """Show all that is known of one trial.

    Its command, status, attempts, configuration, code, environment and results.

    ID is an id, the beginning of one, a name or a tag, as long as it fits one trial only.
    """
    from kleio.cli.presentation import details_json
    from kleio.cli.reports.portrait import Portrait
    from kleio.cli.terminal.pager import page
    from kleio.clock import SystemClock

    trial = context.select(word)
    attempts = trial.attempts()
    children = list(context.trials.find(parent=trial.id))
    output = _output_sizes(trial)
    edits = trial.edits()
    packages = dict(trial.capture().get("environment", {}).get("packages") or {})
    if as_json:
        details = details_json(trial, attempts, [child.id for child in children], output, packages, edits)
        context.console.json("info", details)
        return
    portrait = Portrait(context.console, trial, attempts, children, output, packages, SystemClock(), edits)
    page(context.console, context.environ, portrait.lines(), not no_pager)


def _output_sizes(trial: Trial) -> dict[str, int]:
    """Bytes of each stream: as summed up at the end, or as far as they are known now."""
    from kleio.trial.status import HELD

    known = trial.summary.get("output")
    if known and trial.status not in HELD:
        return {str(stream): int(size) for stream, size in known.items()}
    output = trial.output
    return {
        stream: sum(output.size(attempt, stream) for attempt in output.attempts()) for stream in ("stdout", "stderr")
    }
