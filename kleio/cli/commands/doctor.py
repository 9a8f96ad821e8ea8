"""``kleio doctor``: whether this machine has what kleio needs."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import json_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context

STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command("doctor", cls=Command)
@json_option
@click.pass_obj
def command(context: Context, as_json: bool) -> int:
    """Check whether this machine has what kleio needs.

    Python, git, SQLite, settings, disk, spool, journal, clock, limits and terminal. Each line is ok, warn or fail,
    with what mends it. Exit code: 1 if anything failed.
    """
    from kleio.cli.terminal.fitting import wrapped
    from kleio.cli.upkeep.diagnosis import diagnose
    from kleio.dataclass import asdict
    from kleio.trial.quoting import escaped

    console = context.console
    checks = diagnose(context)
    if as_json:
        console.json("doctor", [asdict(check) for check in checks])
    for check in [] if as_json else checks:
        state = console.paint(check.state.ljust(4), STYLES[check.state])
        room = console.width - 17 if console.width else 1 << 30
        text = check.message + (f". Mend: {check.mend}" if check.mend else "")
        first, *rest = wrapped(escaped(text), max(room, 20))
        console.line(f"{state}  {check.name:<10} {first}")
        for line in rest:
            console.line(" " * 17 + line)
    return 1 if any(check.state == "fail" for check in checks) else 0
