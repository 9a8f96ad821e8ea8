"""``kleio why``: the likely causes of different results."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import json_option, pager_option, trials_argument
from kleio.errors import TrialRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("why", cls=Command)
@trials_argument
@click.option("-a", "--all", "everything", is_flag=True, help="The unlikely causes and all lines too.")
@pager_option
@json_option
@click.pass_obj
def command(context: Context, words: tuple[str, ...], everything: bool, no_pager: bool, as_json: bool) -> None:
    """Say why the results of two trials differ: what was recorded to differ, the likeliest cause first.

    What the script was told and what it read comes first, then the code that it runs, the packages that this code
    imports, the interpreter and the machine. If nothing recorded differs, what is left is chance, or an input that
    nobody recorded; it says so. With one trial that is a branch: compared with its parent.
    """
    from kleio.analysis.causes import explain
    from kleio.analysis.comparison import compare
    from kleio.cli.reports.difference import sides, uncompared_remarks
    from kleio.cli.reports.reasons import Reasons, reasons_json
    from kleio.cli.terminal.pager import page

    trials = sides(context, words)
    if len(trials) != 2:
        raise click.UsageError("name two trials")
    for trial in trials:
        if not trial.fence:
            raise TrialRefused(f"trial {trial.short_id} has never run: it has no results to explain")
    comparison = compare(trials, context.cwd, context.environ)
    found = explain(comparison, context.cwd, context.environ)
    if as_json:
        context.console.json("why", reasons_json(comparison, found))
        return
    reasons = Reasons(context.console, comparison, found, everything=everything)
    page(context.console, context.environ, reasons.lines(), not no_pager)
    for remark in uncompared_remarks(comparison):
        context.console.say(remark)
