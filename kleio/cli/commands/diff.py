"""``kleio diff``: what differs between trials."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import json_option, pager_option, trials_argument
from kleio.errors import KleioError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context

SECTIONS = (
    "command", "configuration", "inputs", "code", "packages", "environment", "machine", "outcome", "statistics",
    "artifacts", "output",
)  # fmt: skip


@click.command("diff", cls=Command)
@trials_argument
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(SECTIONS),
    metavar="SECTION",
    help="Only this, such as code or packages. Repeat for several.",
)
@click.option("--stat", "short", is_flag=True, help="Of code only the files and how many lines changed.")
@click.option("-a", "--all", "everything", is_flag=True, help="Every row and every line, however many.")
@pager_option
@json_option
@click.pass_obj
def command(
    context: Context,
    words: tuple[str, ...],
    only: tuple[str, ...],
    short: bool,
    everything: bool,
    no_pager: bool,
    as_json: bool,
) -> int:
    """Show what differs between two or more trials, and nothing else.

    Command, configuration, code line by line, packages, environment, statistics, artifacts and the first line of the
    output that is not the same, as of the latest attempts; with one trial that is a branch: what it differs in from
    its parent. What could not be compared is told. Exit code: 0 if nothing differs, 1 if something does, 125 if none of
    what --only names could be compared.
    """
    from kleio.analysis.comparison import compare
    from kleio.cli.reports.difference import Report, difference_json, sides, uncompared_remarks
    from kleio.cli.terminal.pager import page

    trials = sides(context, words)
    found = compare(trials, context.cwd, context.environ).only(only)
    remarks = uncompared_remarks(found)
    if only and not found and found.uncompared.keys() >= {*only}:
        raise KleioError("; ".join(remarks))
    if as_json:
        context.console.json("diff", difference_json(found))
        return 1 if found else 0
    report = Report(context.console, found, short=short, everything=everything)
    page(context.console, context.environ, report.lines(), not no_pager)
    for remark in remarks:
        context.console.say(remark)
    if not found:
        context.console.say("nothing that was recorded differs" + (f" in {', '.join(only)}" if only else ""))
    return 1 if found else 0
