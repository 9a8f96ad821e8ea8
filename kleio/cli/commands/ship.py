"""``kleio ship``: send what dead launchers on this machine left, now."""

from __future__ import annotations

import os

import click

from kleio.cli.command import Command
from kleio.cli.options import json_option
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("ship", cls=Command, short_help="Send all records that wait on this machine to their journals.")
@json_option
@click.pass_obj
def command(context: Context, as_json: bool) -> int:
    """Send to their journals all records that wait on this machine, and close their attempts.

    Every kleio command does so in passing; this one takes its time, and covers every journal. Attempts that still run
    send their records themselves. Records of a trial that their journal does not hold are set aside, and sent once it
    does. Exit code: 75 if something could not be sent.
    """
    from kleio.cli.moving.sending import send_all, sent_line
    from kleio.dataclass import asdict
    from kleio.spool.aside import set_aside
    from kleio.spool.leftover import live_attempts

    console = context.console
    done = send_all(context)
    running = live_attempts(context.settings.data)
    aside = set_aside(context.settings.data)
    if as_json:
        console.json("ship", {"sent": [asdict(one) for one in done], "running": running, "aside": aside})
    else:
        for one in done:
            console.line(sent_line(one))
        if running:
            console.say(f"{len(running)} still running: what they record is sent as they go")
        if aside:
            console.say(
                f"{counted(len(aside), 'attempt')} set aside in {os.path.dirname(aside[0])}: the journals do not hold "
                "the trials, which were deleted (then remove them with `kleio gc --set-aside`), or those journals are "
                "not the ones that were there"
            )
        if not done and not aside:
            console.say("nothing waits to be sent")
    return 75 if any(one.problem for one in done) else 0
