"""``kleio completion``: the script that makes the Tab key work."""

from __future__ import annotations

import click

from kleio.cli.command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes the Tab key work.

    It completes commands, options and the ids of trials:

    \b
      bash: eval "$(kleio completion bash)" in ~/.bashrc
      zsh:  eval "$(kleio completion zsh)" in ~/.zshrc
      fish: kleio completion fish > ~/.config/fish/completions/kleio.fish
    """
    from click.shell_completion import get_completion_class

    from kleio.cli.bash import Bash

    context: Context = ctx.obj
    script = Bash if shell == "bash" else get_completion_class(shell)
    assert script is not None
    context.console.line(script(ctx.find_root().command, {}, "kleio", "_KLEIO_COMPLETE").source().strip("\n"))
