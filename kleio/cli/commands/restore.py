"""``kleio restore``: take trials out of the trash."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import TrialWord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context


@click.command("restore", cls=Command)
@click.argument("words", metavar="ID…", nargs=-1, required=True, type=TrialWord())
@click.pass_obj
def command(context: Context, words: tuple[str, ...]) -> int:
    """Take trials out of the trash, as they were. The parents of a branch, which it reads through, come with it.

    Each of the IDs is handled; the exit code is 0 if all could be.
    """
    from kleio.cli.several import for_each
    from kleio.clock import SystemClock
    from kleio.launcher.care.trash import restore

    def back(trial: Trial) -> str:
        moved = [document["_id"][:7] for document in restore(context.journal, trial.document, SystemClock())]
        parents = f", and of its parents {', '.join(moved[:-1])}" if len(moved) > 1 else ""
        return f"trial {trial.short_id} [{trial.status}] is restored{parents}"

    return for_each(context, words, back, trash=True)
