"""Directives that write the reference from the program itself, so that it cannot be out of date.

::

    .. kleio-commands::       what `--help` says of every command
    .. kleio-settings::       every setting: default, variable, flag, meaning
    .. kleio-errors::         every expected failure and its exit code
    .. kleio-moves::          the statuses and what may follow each
    .. kleio-causes::         why an attempt ended
    .. kleio-failpoints::     the places where a test can strike
    .. kleio-docstring:: M    the docstring of a module, as it stands
"""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.util.nodes import nested_parse_with_titles

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click
    from docutils import nodes
    from sphinx.application import Sphinx


class Written(Directive):
    """A directive whose content is reStructuredText that ``lines`` yields."""

    has_content = False

    def lines(self) -> Iterator[str]:
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        from docutils import nodes

        node = nodes.section()
        node.document = self.state.document
        nested_parse_with_titles(self.state, StringList([*self.lines()], source=type(self).__name__), node)
        return node.children


def heading(text: str, underline: str = "-") -> Iterator[str]:
    yield from ("", text, underline * len(text), "")


def literal(text: str) -> Iterator[str]:
    yield from ("::", "", *(f"    {line}".rstrip() for line in text.splitlines()), "")


def table(widths: str, rows: list[tuple[str, ...]]) -> Iterator[str]:
    """A list table; the first row is its head. A cell may have several lines."""
    yield from ("", ".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", "")
    for row in rows:
        for position, cell in enumerate(row):
            first, *more = cell.splitlines() or [""]
            yield f"   {'* -' if position == 0 else '  -'} {first}".rstrip()
            yield from (f"       {line}" for line in more)
    yield ""


class Commands(Written):
    def lines(self) -> Iterator[str]:
        import click

        from kleio.cli.group import group

        context = click.Context(group, info_name="kleio", max_content_width=100, **group.context_settings)
        yield from literal(group.get_help(context))
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None, name
            yield from self.command(context, name, command)

    def command(self, parent: click.Context, name: str, command: click.Command) -> Iterator[str]:
        import click

        context = click.Context(command, info_name=name, parent=parent, max_content_width=100)
        yield f".. _{context.command_path.replace(' ', '-')}:"
        yield from heading(context.command_path)
        yield from literal(command.get_help(context))
        if isinstance(command, click.Group):
            for below in command.list_commands(context):
                found = command.get_command(context, below)
                assert found is not None, below
                yield from self.command(context, below, found)


def setting_docstrings() -> dict[str, str]:
    """What stands below each setting in ``kleio/settings.py``; neighbours without words of their own share the next."""
    from kleio import settings

    tree = ast.parse(Path(settings.__file__).read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    waiting: list[str] = []
    meaning: dict[str, str] = {}
    for statement in body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            waiting.append(statement.target.id)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and waiting:
            text = " ".join(str(statement.value.value).split())
            meaning.update(dict.fromkeys(waiting, text))
            waiting.clear()
    return meaning


def shown_default(name: str) -> str:
    from kleio.settings import Settings

    value = getattr(Settings(), name)
    if isinstance(value, tuple):
        return " ".join(f"``{word}``" for word in value) or "none"
    if isinstance(value, int) and value >= 1 << 20 and not value % (1 << 20):
        return f"``{value >> 20} MiB``"
    if isinstance(value, float):
        return f"``{value:g}`` s"
    return f"``{value}``" if value else "see below"


class Settings(Written):
    def lines(self) -> Iterator[str]:
        from kleio.settings import NAMES, PROJECT_FORBIDDEN

        meaning = setting_docstrings()
        for name in NAMES:
            yield f".. _setting-{name.replace('_', '-')}:"
            yield from heading(name, "~")
            yield from (meaning[name], "")
            yield f":default: {shown_default(name)}"
            yield f":variable: ``KLEIO_{name.upper()}``"
            where = "the user's file only" if name in PROJECT_FORBIDDEN else "the user's or the project's file"
            yield f":file: ``{name}`` in {where}"
            yield ""


class Errors(Written):
    def lines(self) -> Iterator[str]:
        from kleio import errors

        rows = [("error", "exit code", "meaning")]
        for name, kind in vars(errors).items():
            if inspect.isclass(kind) and issubclass(kind, errors.KleioError):
                rows.append((f"``{name}``", str(kind.exit_code), inspect.getdoc(kind) or ""))
        yield from table("30 10 60", rows)


class Moves(Written):
    def lines(self) -> Iterator[str]:
        from kleio.trial import status

        rows = [("status", "may be reserved", "may be followed by")]
        for name, following in status.MOVES.items():
            after = ", ".join(f"``{word}``" for word in status.MOVES if word in following) or "nothing"
            rows.append((f"``{name}``", "yes" if name in status.RESERVABLE else "no", after))
        yield from table("20 20 60", rows)


class Causes(Written):
    def lines(self) -> Iterator[str]:
        from kleio.trial.causes import CAUSES

        yield from table("20 80", [("cause", "meaning"), *((f"``{word}``", what) for word, what in CAUSES.items())])


class FailPoints(Written):
    def lines(self) -> Iterator[str]:
        from kleio.failpoints import NAMES

        yield from (f"- ``{name}``" for name in sorted(NAMES))
        yield ""


class Docstring(Written):
    required_arguments: ClassVar[int] = 1

    def lines(self) -> Iterator[str]:
        module = importlib.import_module(self.arguments[0])
        yield from (inspect.getdoc(module) or "").splitlines()
        yield ""


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("kleio-commands", Commands)
    app.add_directive("kleio-settings", Settings)
    app.add_directive("kleio-errors", Errors)
    app.add_directive("kleio-moves", Moves)
    app.add_directive("kleio-causes", Causes)
    app.add_directive("kleio-failpoints", FailPoints)
    app.add_directive("kleio-docstring", Docstring)
    return {"parallel_read_safe": True}
