"""``kleio fsck``: whether all that was recorded is still there, and as it was."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import TrialWord, json_option
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("fsck", cls=Command)
@click.argument("words", metavar="[ID]...", nargs=-1, type=TrialWord())
@click.option("-a", "--all", "everything", is_flag=True, help="All trials of the journal.")
@json_option
@click.pass_obj
def command(context: Context, words: tuple[str, ...], everything: bool, as_json: bool) -> int:
    """Count the records of trials again and hash their blobs again.

    Records are counted against the manifest that was written when an attempt was closed. A trial is incomplete if
    records were lost on their way, which the journal tells itself. Exit code: 1 if anything else is missing or damaged.
    """
    from kleio.analysis.checking import check_trial
    from kleio.cli.terminal.progress import progress
    from kleio.cli.upkeep.verdict import verdict
    from kleio.dataclass import asdict

    if not words and not everything:
        raise click.UsageError("which trials? Name them, or add --all")
    console = context.console
    trials = context.trials.find() if everything else [context.select(word) for word in words]
    total = context.trials.count() if everything else len(words)
    found = []
    with progress(console, "checking", total=total, unit="trials") as advance:
        for trial in trials:
            checked = check_trial(context.journal, context.blobs, trial.id, trial.fence, trial.history())
            found.append(checked)
            for line in () if as_json else verdict(console, trial, checked):
                console.line(line)
            advance(1)
    if as_json:
        console.json("fsck", [asdict(one) for one in found])
    elif everything:
        damaged = sum(bool(one.damage) for one in found)
        incomplete = sum(bool(one.told and not one.damage) for one in found)
        lost = f", {incomplete} incomplete" if incomplete else ""
        console.say(f"{counted(len(found), 'trial')}, {damaged or 'none'} damaged{lost}")
    return 1 if any(one.damage for one in found) else 0
