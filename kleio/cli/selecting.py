"""Options that choose trials: by a filter, by status, by tags.

One that is given and says nothing is refused. It would choose every trial, which is hardly what was meant by
``--where "$F"`` with an ``F`` that nobody set; to choose all, one leaves the option away.
"""

from __future__ import annotations

import click

from kleio.cli.options import split_tags, split_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from click.shell_completion import CompletionItem

    Decorated = Callable[..., Any]

LEAVE_IT_AWAY = "without the option all trials are meant"
SAY_ALL = "--all means all trials"
LABELS = ("-t", "--tags", "--tag")


class StatusWords(click.ParamType):  # type: ignore[type-arg]
    """``running``, or several with commas between."""

    name = "status"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        from kleio.trial.status import STATUSES

        words = value if isinstance(value, tuple) else split_words(value)
        if not words:
            self.fail(f"no status is named; {LEAVE_IT_AWAY}", param, ctx)
        for word in words:
            if word not in STATUSES:
                self.fail(f"{word!r} is none of {', '.join(sorted(STATUSES))}", param, ctx)
        return tuple(words)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from kleio.cli.completing import status_words

        return status_words(incomplete)


class Filter(click.ParamType):  # type: ignore[type-arg]
    """A filter; the Tab key offers the fields for its last word."""

    name = "filter"

    def __init__(self, advice: str = LEAVE_IT_AWAY) -> None:
        self._advice = advice

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip():
            self.fail(f"the filter is empty; {self._advice}", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from kleio.cli.completing import filter_words

        return filter_words(ctx, incomplete)


class TagWords(click.ParamType):  # type: ignore[type-arg]
    """Tags with ``;`` between that a trial gets, or none."""

    name = "tags"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from kleio.cli.completing import tag_words

        return tag_words(ctx, incomplete)


class WantedTags(TagWords):
    """Tags by which trials are chosen."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not split_tags(value):
            self.fail(f"no tag is named; {LEAVE_IT_AWAY}", param, ctx)
        return str(value)


def tags_option(function: Decorated) -> Decorated:
    """``--tags 'a;b'``, as often as one likes: all of them."""
    return _with_tags(function, ("--tags",), WantedTags(), "With all these tags. May be repeated.")


def queue_tags_option(function: Decorated) -> Decorated:
    """The same by the names that it has where a trial is launched."""
    return _with_tags(function, LABELS, WantedTags(), "With all these tags. May be repeated.")


def labels_options(function: Decorated) -> Decorated:
    """``--tags 'a;b'`` and ``--tag c``, both as often as one likes: the tags that a trial gets, as ``tags``."""
    return _with_tags(function, LABELS, TagWords(), "Tags. May be repeated.")


def _with_tags(function: Decorated, names: Sequence[str], kind: TagWords, text: str) -> Decorated:
    return click.option(
        *names,
        "tags",
        multiple=True,
        metavar="'A;B'",
        type=kind,
        callback=lambda _, __, texts: split_tags(";".join(texts)),
        help=text,
    )(function)


def where_option(function: Decorated) -> Decorated:
    """``--where FILTER``, as often as one likes: those of which all are true, as one filter."""
    return click.option(
        "--where",
        multiple=True,
        metavar="FILTER",
        type=Filter(),
        callback=lambda _, __, texts: joined_filters(texts),
        help="Those that fit, such as 'stats.loss.min < 0.2 and config.lr > 0.01'. Repeated: that fit all.",
    )(function)


def joined_filters(texts: Sequence[str]) -> str:
    """One filter that holds where all of ``texts`` hold. Raises ``FilterError`` for one that is no filter by itself."""
    if len(texts) < 2:
        return "".join(texts)
    from kleio.trial.statement import parse

    for text in texts:
        parse(text)
    return " and ".join(f"({text})" for text in texts)
