"""``kleio ship``: send what dead launchers on this machine left, now."""

from __future__ import annotations

import os

import click

from kleio.cli.command import Command
from kleio.cli.options import json_option
from kleio.connection.address import printable
from kleio.trial.quoting import escaped
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("ship", cls=Command, short_help="Send all records that wait on this machine to their journals.")
@click.option(
    "--set-aside", "bring", is_flag=True,
    help="Also what was set aside: entered as what ran offline is.",
)  # fmt: skip
@click.option(
    "--instead-of", "gone", metavar="ADDRESS",
    help="What waits for the journal at ADDRESS, which is gone for good, is entered into the one in use.",
)  # fmt: skip
@json_option
@click.pass_obj
def command(context: Context, bring: bool, gone: str | None, as_json: bool) -> int:
    """Send to their journals all records that wait on this machine, and close their attempts.

    Every kleio command does so in passing; this one takes its time, and covers every journal. Attempts that still run
    send their records themselves. An attempt that its journal does not hold, for its trial was deleted or the journal
    is another one than it was, is set aside, and sent once the journal holds it. With --set-aside it is entered into
    the journal of now: as an attempt of its trial or, if that is not to be had, as a trial of its own. With
    --instead-of the same is done with what waits for a journal that does not come back. Exit code: 75 if something
    could not be sent.
    """
    from kleio.cli.moving.sending import bring_in_all, redirect_all, send_all, sent_line, waiting_by_journal
    from kleio.dataclass import asdict
    from kleio.spool.aside import attempts_aside
    from kleio.spool.leftover import live_attempts

    console = context.console
    problems = redirect_all(context, gone) if gone is not None else []
    problems += bring_in_all(context) if bring else []
    done = send_all(context)
    running = live_attempts(context.settings.data)
    aside = attempts_aside(context.settings.data)
    if as_json:
        console.json("ship", {"sent": [asdict(one) for one in done], "running": running, "aside": aside})
    else:
        for one in done:
            console.line(sent_line(one))
        if running:
            console.say(f"{len(running)} still running: what they record is sent as they go")
        if aside:
            console.say(
                f"{counted(len(aside), 'attempt')} set aside in {os.path.dirname(aside[0])}, for their journals do not "
                "hold them: if those are not the ones that were there, bring those back, or enter the attempts into "
                "those of now with `kleio ship --set-aside`; if you deleted the trials: kleio gc --set-aside"
            )
        if not done and not aside:
            console.say("nothing waits to be sent")
        others = waiting_by_journal(context).keys() - {printable(context.settings.journal)}
        if others:
            console.say(
                f"something waits for {', '.join(map(escaped, sorted(others)))}: if that is gone for good, enter it "
                "into the journal in use with: kleio ship --instead-of ADDRESS"
            )
    for problem in problems:
        console.fail(problem)
    return 75 if problems or any(one.problem for one in done) else 0
