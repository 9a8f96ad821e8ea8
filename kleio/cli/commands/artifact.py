"""``kleio artifact``. ``cli/main.py`` calls ``cli/inside.py`` itself; click shows the help."""

from __future__ import annotations

import click

from kleio.cli.command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("artifact", cls=Command, short_help="Store a file with the trial, from any language.")
@click.argument("file", metavar="FILE")
@click.option("-n", "--name", metavar="NAME", help="A label. Default: the name of the file without its directory.")
@click.option("-s", "--set", "metadata", metavar="KEY=VALUE", multiple=True, help="Metadata. Repeat for several.")
@click.option("--durable", is_flag=True, help="Survive a power cut, which costs a wait for the disk.")
@click.pass_obj
def command(context: Context, file: str, name: str | None, metadata: tuple[str, ...], durable: bool) -> int:
    """Store a file with the trial in which this is called, from any language. FILE `-` is stdin.

    Its bytes are copied before this returns: `kleio artifact model.bin --name weights --set epoch=3`. Outside of a
    command that kleio started it is only named, and a pipe is read to its end. Exit code: 2 if a KEY is given twice,
    125 if FILE cannot be read.
    """
    from kleio.cli.inside import artifact

    words = [f"--set={one}" for one in metadata] + ["--durable"] * durable + ([f"--name={name}"] if name else [])
    return artifact([*words, "--", file], context.console)
