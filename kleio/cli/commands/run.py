"""``kleio run``: record and run a command. Parsed by ``cli/grammar.py``; click only shows its help."""

from __future__ import annotations

import click

from kleio.cli.grammar import OPTIONS
from kleio.cli.options import CommandOrTrial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from kleio.cli.grammar import Option


def launch_command(
    name: str,
    metavar: str,
    text: str,
    word: click.ParamType,  # type: ignore[type-arg]
    table: Sequence[Option] = OPTIONS,
) -> click.Command:
    """The face of a launching command for help and completion, made of the grammar's own table."""
    options: list[click.Parameter] = [
        click.Option(
            option.names,
            help=option.help,
            metavar=option.metavar,
            is_flag=option.metavar is None,
            multiple=option.many,
            type=click.Choice(option.choices) if option.choices else None,
        )
        for option in table
    ]
    words = click.Argument(["words"], nargs=-1, metavar=metavar, type=word)
    return click.Command(
        name,
        params=[*options, words],
        callback=_missing,
        help=text,
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    )


def _missing(**_: Any) -> None:
    """The grammar sends a line here only if no word follows the options."""
    context = click.get_current_context()
    raise click.UsageError(f"{context.command.name}: what is to be run?", context)


command = launch_command(
    "run",
    "COMMAND [ARGUMENTS]… | ID",
    """Record and run COMMAND. `kleio COMMAND …` is the same.

    A single word that is no executable selects a recorded trial, which is resumed. The same command again resumes its
    trial if it was interrupted; while it is running, completed or broken, it is refused. Without COMMAND it is
    `kleio work`, which runs what was registered.

    Exit code: the command's own. Before it was started: 75 busy or journal unreachable, 125 refused, 126 not
    executable, 127 not found, 2 usage.
    """,
    CommandOrTrial(),
)
