"""``kleio gc``: free the space of what nothing refers to."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import Duration, json_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("gc", cls=Command, short_help="Remove what no trial refers to, and what was in the trash long.")
@click.option(
    "--trash-age", type=Duration(), default="30d", show_default=True, metavar="TIME",
    help="Purge what has been in the trash for so long.",
)  # fmt: skip
@click.option(
    "--set-aside", "aside", is_flag=True,
    help="Also what was set aside here, for its journal does not hold it.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would be removed; remove nothing.")
@json_option
@click.pass_obj
def command(context: Context, trash_age: float, aside: bool, dry_run: bool, as_json: bool) -> int:
    """Remove artifacts and snapshots that no trial refers to, and trials that were in the trash for long.

    Safe while trials run, here and elsewhere: what was stored within the last day always stays. What `kleio ship` set
    aside is only mentioned unless --set-aside asks for its removal. Exit code: 75 if something could not be removed.
    """
    from kleio.cli.upkeep.removing import aside_of, collected_lines
    from kleio.dataclass import asdict
    from kleio.errors import TrialBusy
    from kleio.launcher.care.collecting import collect

    found = collect(context.journal, context.blobs, trash_age=trash_age, dry_run=dry_run)
    left = aside_of(context, remove=aside, dry_run=dry_run)
    if as_json:
        context.console.json("gc", {**asdict(found), "aside": asdict(left), "dry_run": dry_run})
    else:
        for line in collected_lines(found, left, dry_run):
            context.console.line(line)
    problems = [*found.problems, *left.problems]
    for problem in problems:
        context.console.fail(problem)
    return TrialBusy.exit_code if problems else 0
