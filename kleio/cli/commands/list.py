"""``kleio ls``: trials, one line each."""

from __future__ import annotations

import click

from kleio.cli.options import json_option, tags_option
from kleio.trial.status import STATUSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("ls")
@tags_option
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(sorted(STATUSES)),
    metavar="STATUS",
    help="In this status, such as running or broken. May be repeated.",
)
@click.option("-a", "--all", "everywhere", is_flag=True, help="Of all projects, not only of this repository.")
@click.option("-n", "--limit", type=click.IntRange(min=1), metavar="N", help="At most N, the newest.")
@json_option
@click.pass_obj
def command(
    context: Context,
    tags: tuple[str, ...],
    statuses: tuple[str, ...],
    everywhere: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """List trials, newest first: short id, [status], command.

    Inside a repository those of its project, elsewhere all.
    """
    from kleio.cli.here import current_project
    from kleio.cli.presentation import STATUS_STYLES, short_ids, trial_json
    from kleio.cli.table import cut

    console = context.console
    project = None if everywhere else current_project(context)
    trials = list(context.trials.find(tags=tags, statuses=statuses or None, project=project, limit=limit))
    if as_json:
        console.json("ls", [trial_json(trial) for trial in trials])
        return
    short = short_ids([trial.id for trial in trials])
    for trial in trials:
        status = console.paint(f"[{trial.status}]", STATUS_STYLES.get(trial.status, "dim"))
        used = len(short[trial.id]) + len(trial.status) + 4
        command = cut(trial.command, max(console.width - used, 10) if console.width else 0)
        console.line(f"{console.paint(short[trial.id], 'bold')} {status} {command}")
    if not trials:
        context.console.say(_nothing(context, bool(tags or statuses), project is not None))


def _nothing(context: Context, filtered: bool, in_project: bool) -> str:
    from kleio.connection.address import printable

    if filtered:
        return "no trial fits"
    where = f"in {printable(context.settings.journal)}"
    return f"no trial of this project {where}; `kleio ls -a` lists all" if in_project else f"no trial {where} yet"
