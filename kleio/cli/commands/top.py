"""``kleio top``: what runs, live and on the whole screen."""

from __future__ import annotations

import click

from kleio.cli.command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("top", cls=Command)
@click.option("-a", "--all", "everywhere", is_flag=True, help="Of all projects, not only of this repository.")
@click.pass_obj
def command(context: Context, everywhere: bool) -> None:
    """Show the trials that run, live: step and pace, processors and memory, time since the last output.

    Keys: enter shows what the chosen trial prints, s suspends it, / filters (a part of the line, or a filter such as
    config.lr > 0.1), escape shows all again, q quits. Needs the extra `top`.
    """
    from kleio.cli.overview.overseeing import oversee

    oversee(context, everywhere=everywhere)
