"""Kleio's own commands: names → files, loaded when asked for.

``cli/main.py`` decides by the first word whether a line is one of these or the user's command; what comes here is
parsed by click. A command's file has the click command under the name ``command``.
"""

from __future__ import annotations

import importlib
import os

import click

from kleio import __version__
from kleio.cli.context import Context
from kleio.cli.names import ALIASES, COMMANDS
from kleio.cli.terminal.console import Console

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem


SECTIONS = (
    ("Run", "run exec branch rerun save sweep work"),
    ("Look", "ls status info cat tail replay top stats plot artifacts"),
    ("Compare and check", "diff why checkout verify pdb fsck"),
    ("Care", "suspend kill switchover acknowledge cure tag name note rm restore gc"),
    ("Inside a command", "log artifact"),
    ("Move", "export import copy ship"),
    ("Set up", "config db doctor completion"),
)
"""Kleio's commands as ``kleio --help`` shows them; each stands in one section."""
COMPLETE = "_KLEIO_COMPLETE"
"""The variable by which a shell's completion script asks."""


class LazyGroup(click.Group):
    """A group that imports a command's file only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        file = COMMANDS.get(ALIASES.get(cmd_name, cmd_name))
        if file is None:
            return None
        command = importlib.import_module(f"kleio.cli.commands.{file}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with its first sentence, whole."""
        width = max(map(len, COMMANDS))
        for title, names in SECTIONS:
            commands = [(name, self.get_command(ctx, name)) for name in names.split()]
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), summary(command)) for name, command in commands if command])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Kleio's commands as the first word; files where the user's own command is being typed."""
        from click.shell_completion import CompletionItem

        # click keeps the words behind the group's options here; the first is none of kleio's, or it would be asked.
        typed = [*getattr(ctx, "_protected_args", ()), *ctx.args]
        own = [] if typed else super().shell_complete(ctx, incomplete)
        return own or [CompletionItem(incomplete, type="file")]


def summary(command: click.Command) -> str:
    """What a command does, in one sentence; what follows a colon is left to its own help."""
    text = " ".join((command.short_help or command.help or "").split("\n\n")[0].split())
    ends = [text.find(mark) for mark in (". ", ": ", "; ") if mark in text]
    return text[: min(ends)] + "." if ends else text


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        Console().line(f"kleio {__version__}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="[OPTIONS]",
    subcommand_metavar="COMMAND [ARGUMENTS]…",
    epilog="Exit codes: the command's own; 1 what was compared or looked for differs or is missing; 2 usage; 3 a bug "
    "in kleio; 75 try again later; 125 refused or failed; 126 not executable; 127 not found.",
)
@click.option("--journal", metavar="ADDRESS", help="sqlite:///PATH or mongodb://HOST/NAME.")
@click.option("--data", metavar="DIRECTORY", help="Where spools, caches and logs are kept.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors on stderr.")
@click.option("-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show it.")
@click.pass_context
def group(ctx: click.Context, journal: str | None, data: str | None, quiet: bool) -> None:
    """An experiment journal: put `kleio` before a command and nothing about that run is lost.

    \b
      kleio python train.py --lr 0.1    record and run a command
      kleio -- ls                       the same, though kleio has an `ls` too
      kleio ls                          what was recorded
    """
    console = ctx.obj if isinstance(ctx.obj, Console) else Console()
    console.quiet = console.quiet or quiet
    ctx.obj = Context(console, {"journal": journal, "data": data})
    ctx.call_on_close(ctx.obj.close)


def run_group(words: Sequence[str], console: Console) -> int:
    """Run one of kleio's own commands; returns its exit code. Exceptions are for ``failures.guarded``.

    Not by click's own ``main``, which has its own ideas of Ctrl-C and closed pipes.
    """
    instruction = os.environ.get(COMPLETE)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(group, {}, "kleio", COMPLETE, instruction)
    try:
        with group.make_context("kleio", list(words), obj=console) as ctx:
            result = group.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    return result if isinstance(result, int) else 0
