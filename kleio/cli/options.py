"""Arguments and options that several commands share."""

from __future__ import annotations

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from click.shell_completion import CompletionItem

    Decorated = Callable[..., Any]


class TrialWord(click.ParamType):  # type: ignore[type-arg]
    """The word that selects a trial: an id, a prefix of one, a unique name or a unique tag."""

    name = "trial"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from kleio.cli.completing import trial_words

        return trial_words(ctx, incomplete)


class CommandWord(click.ParamType):  # type: ignore[type-arg]
    """A word of the user's command: anything; the Tab key offers files."""

    name = "command"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


def trial_argument(function: Decorated) -> Decorated:
    """``ID``: one trial."""
    return click.argument("word", metavar="ID", type=TrialWord())(function)


def json_option(function: Decorated) -> Decorated:
    """``--json``: the result for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")(function)


def format_options(function: Decorated) -> Decorated:
    """``--format table|json|csv``; ``--json`` is the second of them."""
    function = click.option("--json", "form", flag_value="json", help="The same as --format json.")(function)
    return click.option(
        "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True,
        help="For people, for programs, for spreadsheets.",
    )(function)  # fmt: skip


def tags_option(function: Decorated) -> Decorated:
    """``--tags 'a;b'``: all of them."""
    return click.option(
        "--tags",
        default="",
        metavar="'A;B'",
        callback=lambda _, __, text: split_tags(text),
        help="With all these tags.",
    )(function)


def split_tags(text: str) -> tuple[str, ...]:
    """The tags that ``'a;b'`` names, in order, each once."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(";") if word.strip()))
