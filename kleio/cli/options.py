"""Arguments and options that several commands share."""

from __future__ import annotations

import re
from math import isnan

import click

from kleio.cli.command import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from click.shell_completion import CompletionItem

    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context
    from kleio.cli.grammar import Option

    Decorated = Callable[..., Any]

MOST_RANKS = 16
"""Ranks that are named to somebody who asked for another one."""


class TrialWord(click.ParamType):  # type: ignore[type-arg]
    """The word that selects a trial: an id, a prefix of one, a unique name or a unique tag."""

    name = "trial"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from kleio.cli.completing import trial_words

        return trial_words(ctx, incomplete)


class Duration(click.ParamType):  # type: ignore[type-arg]
    """A time such as ``30d`` or ``1h30m``, in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from kleio.units import parse_duration

        if isinstance(value, (int, float)):
            return float(value)
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class NumberRange(click.FloatRange):
    """A number in a range; to click, ``nan`` is in every one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if isnan(number):
            self.fail(f"{value} is no number", param, ctx)
        return number


class CommaWords(click.ParamType):  # type: ignore[type-arg]
    """Columns with commas between."""

    name = "columns"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        words = value if isinstance(value, tuple) else split_words(value)
        if not words:
            self.fail("no column is named", param, ctx)
        return words

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from kleio.cli.completing import column_words

        return column_words(ctx, incomplete)


class SortField(click.ParamType):  # type: ignore[type-arg]
    """A field of the filter language, with ``-`` before it for the greatest first."""

    name = "field"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip(" +-"):
            self.fail("no field is named; without the option the newest come first", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from kleio.cli.completing import field_words

        return field_words(ctx, incomplete)


class SortingCommand(Command):
    """A command with a ``SortField``: the Tab key completes ``--sort -dur``, too. Click by itself would take that for
    an option, and it does not hand on which words stand before it."""

    typed = "kleio.typed"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[self.typed] = tuple(args)
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        before = ctx.meta.get(self.typed, ())[-1:]
        for param in self.params:
            if isinstance(param.type, SortField) and before and before[0] in param.opts:
                return param.shell_complete(ctx, incomplete)
        return super().shell_complete(ctx, incomplete)


class StatisticName(click.ParamType):  # type: ignore[type-arg]
    """Name of a statistic; the Tab key offers those of the trial on the line."""

    name = "name"
    split = ""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from kleio.cli.completing import statistic_words

        return statistic_words(ctx, incomplete, self.split)


class StatisticNames(StatisticName):
    """Several, with ``,`` between."""

    name = "names"
    split = ","

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        names = value if isinstance(value, tuple) else tuple(filter(None, value.split(self.split)))
        if not names:
            self.fail("no statistic is named; without the option all are shown", param, ctx)
        return names


class ArtifactName(click.ParamType):  # type: ignore[type-arg]
    """What a script called an artifact, in front of ``KEY=VALUE``."""

    name = "name"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from kleio.cli.completing import artifact_words

        return [] if ctx.params.get(param.name or "") else artifact_words(ctx, incomplete)


class CommandWord(click.ParamType):  # type: ignore[type-arg]
    """A word of the user's command: anything; the Tab key offers files."""

    name = "command"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


class CommandOrTrial(CommandWord):
    """The same, where the first word may select a trial as well."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from kleio.cli.completing import trial_words

        trials = trial_words(ctx, incomplete) if incomplete and not ctx.params.get("words") else []
        return [*trials, *super().shell_complete(ctx, param, incomplete)]


def trial_argument(function: Decorated) -> Decorated:
    """``ID``: one trial."""
    return click.argument("word", metavar="ID", type=TrialWord())(function)


def trials_argument(function: Decorated) -> Decorated:
    """``ID…``: one or more trials."""
    return click.argument("words", metavar="ID…", nargs=-1, required=True, type=TrialWord())(function)


def why_option(function: Decorated) -> Decorated:
    """``--why TEXT``: kept with the event."""
    return click.option("--why", default="", metavar="TEXT", help="The reason, kept with the event.")(function)


def timeout_option(function: Decorated) -> Decorated:
    """``--timeout SECONDS`` of what is confirmed by another process."""
    text = "How long to wait for the confirmation. Default: a lease and the setting stop_grace."
    return click.option("--timeout", type=NumberRange(min=0), metavar="SECONDS", help=text)(function)


def pager_option(function: Decorated) -> Decorated:
    """``--no-pager``, of what may be longer than the screen."""
    return click.option("--no-pager", is_flag=True, help="Do not page what is longer than the screen.")(function)


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


def check_attempt(trial: Trial, attempt: int | None) -> None:
    """Refuse the number of an attempt that there is not."""
    if attempt is not None and attempt > trial.fence:
        there = f"; the latest is {trial.fence}" if trial.fence else ": it has never run"
        raise click.BadParameter(f"trial {trial.short_id} has no attempt {attempt}{there}", param_hint="--attempt")


def remark_if_new(context: Context, trial: Trial) -> None:
    """Say why nothing is printed of a trial that was saved only."""
    if not trial.fence:
        inherits = "; what a branch begins with is its parent's" if trial.parent_id else ", so that it printed nothing"
        context.console.say(f"trial {trial.short_id} has not run yet{inherits}")


def check_rank(trial: Trial, rank: int | None, there: Iterable[int | None]) -> None:
    """Refuse a rank that there is not; ``there`` are those of the trial's processes."""
    ranks = sorted({one for one in there if one is not None})
    if rank is not None and rank not in ranks:
        shown = [*map(str, ranks[:MOST_RANKS]), *(["…"] if len(ranks) > MOST_RANKS else [])]
        known = f"; it has {', '.join(shown)}" if ranks else ": none of its processes has one"
        raise click.BadParameter(f"trial {trial.short_id} has no rank {rank}{known}", param_hint="--rank")


def checkout_options(function: Decorated) -> Decorated:
    """``--attempt N``, ``--fetch`` and ``--link PATH`` of what restores recorded code."""
    for decorate in (
        click.option("--link", "links", multiple=True, metavar="PATH", help="Link this path of your tree into it."),
        click.option("--fetch", is_flag=True, help="Ask the remote for a commit that is not here."),
        click.option(
            "--attempt", type=click.IntRange(min=1), metavar="N", help="The code of this attempt. Default: the latest."
        ),
    ):  # fmt: skip
        function = decorate(function)
    return function


def click_options(table: Sequence[Option]) -> Callable[[Decorated], Decorated]:
    """Options of the grammar's table as click's."""

    def decorate(function: Decorated) -> Decorated:
        for option in reversed(table):
            choices = click.Choice(option.choices) if option.choices else None
            flag = option.metavar is None
            function = click.option(
                *option.names, option.key, help=option.help, metavar=option.metavar, is_flag=flag, type=choices
            )(function)
        return function

    return decorate


def split_words(text: str) -> tuple[str, ...]:
    """The words between commas, in order; a comma in quotation marks parts nothing."""
    words = re.findall(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^,])+""", text)
    return tuple(word.strip() for word in words if word.strip())


def split_tags(text: str) -> tuple[str, ...]:
    """The tags that ``'a;b'`` names, in order, each once."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(";") if word.strip()))
