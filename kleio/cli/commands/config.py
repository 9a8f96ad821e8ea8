"""``kleio config``: every setting, its value, and where the value came from."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import json_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.cli.context import Context


@click.command("config", cls=Command)
@json_option
@click.pass_obj
def command(context: Context, as_json: bool) -> None:
    """Show every setting and where its value comes from.

    Flags win over KLEIO_* variables, these over the project's kleio.toml (or [tool.kleio] in pyproject.toml), that
    over your own config.toml, that over the defaults.
    """
    from kleio.cli.terminal.table import Column, table
    from kleio.connection.address import printable
    from kleio.settings import NAMES, unknown_variables, user_file

    settings, console = context.settings, context.console
    values: dict[str, Any] = {name: getattr(settings, name) for name in NAMES}
    values["journal"] = printable(settings.journal)
    if as_json:
        data = {name: {"value": value, "origin": settings.origins[name]} for name, value in values.items()}
        console.json("config", {"settings": data, "user_file": user_file(context.environ)})
        return
    rows = [(name, settings.origins[name], shown(value)) for name, value in values.items()]
    for line in table(
        console, (Column("setting", "bold"), Column("from", "dim", wrap=True), Column("value", wrap=True)), rows
    ):
        console.line(line)
    for name, close in unknown_variables(context.environ):
        console.warn(f"the variable {name} means nothing to kleio" + (f"; did you mean {close}?" if close else ""))


def shown(value: Any) -> str:
    """The value as one would write it."""
    from kleio.units import duration_text, size_text

    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, int):
        return size_text(value)
    return duration_text(value) if isinstance(value, float) else str(value)
