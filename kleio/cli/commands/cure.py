"""``kleio cure``: write down what became of trials whose launchers died."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import NumberRange, json_option
from kleio.cli.selecting import tags_option
from kleio.errors import TrialBusy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kleio.cli.context import Context
    from kleio.launcher.care.cure import Cured


@click.command("cure", cls=Command, short_help="Write down what became of trials whose launcher died.")
@tags_option
@click.option("--dry-run", "--print-only", is_flag=True, help="Show what would be done, and the evidence; do nothing.")
@click.option(
    "--threshold-coefficient",
    "leases",
    type=NumberRange(min=0),
    default=1.0,
    show_default=True,
    metavar="X",
    help="A launcher on another machine is dead after X leases without a heartbeat while it is watched.",
)
@click.option("--extensive", is_flag=True, help="Accepted for old scripts: every cure ships all that is left.")
@json_option
@click.pass_obj
def command(
    context: Context, tags: tuple[str, ...], dry_run: bool, leases: float, extensive: bool, as_json: bool
) -> None:
    """Find trials whose launcher died without a word, and write down what became of them.

    What a dead launcher left in its spool on this machine is sent to the journal first, and its end is replayed; a
    trial without an end becomes failover and can be resumed. Living launchers are left alone, and one that was only
    cut off takes its trial back. It does no harm to do this again, or twice at once.
    """
    from kleio.clock import SystemClock
    from kleio.dataclass import asdict
    from kleio.launcher.care.cure import cure, examine, foretold

    clock, journal = SystemClock(), context.untouched_journal()
    patients = examine(journal, clock, tags=tags, leases=leases, say=context.console.say)
    if dry_run:
        found = [foretold(patient) for patient in patients]
    else:
        found = [cure(journal, patient, context.settings, clock) for patient in patients]
        context.send_leftovers()
    if as_json:
        context.console.json("cure", [asdict(one) for one in found])
    else:
        _show(context, found, dry_run)
    problems = [one for one in found if one.problem]
    if problems:
        raise TrialBusy(
            "\n".join(f"trial {one.trial[:7]}: {one.problem}" for one in problems),
            hint=problems[0].mend or None,
        )


def _show(context: Context, found: Sequence[Cured], dry_run: bool) -> None:
    from kleio.cli.presentation import short_ids
    from kleio.cli.terminal.table import Column, table

    if not found:
        context.console.say("nothing to cure: no trial is reserved or running")
        return
    short = short_ids([one.trial for one in found])
    arrow = "would be" if dry_run else "is"
    rows = [
        (short[one.trial], one.before, "" if one.after == one.before else f"{arrow} {one.after}", one.evidence)
        for one in found
    ]
    for line in table(context.console, (Column(style="bold"), Column(), Column(), Column(wrap=True)), rows):
        context.console.line(line)
