"""What every one of kleio's commands has in common: no option that was typed is dropped without a word."""

from __future__ import annotations

import click

from kleio.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Command(click.Command):
    """A command that refuses a second value for an option that takes one; click by itself would take the last."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:
            refuse_repeated(self.make_parser(ctx).parse_args(args=list(args))[2])
        return super().parse_args(ctx, args)


class Group(click.Group):
    """A command that has commands of its own."""

    command_class = Command


def refuse_repeated(typed: Iterable[click.Parameter]) -> None:
    """``UsageError`` if the value of one of these is overruled by a later one. A flag may be repeated."""
    seen: dict[str | None, click.Option] = {}
    for option in typed:
        if not isinstance(option, click.Option) or option.multiple or option.is_bool_flag:
            continue
        before = seen.get(option.name)
        if before is option and not option.is_flag:
            raise UsageError(f"{_called(option)} is given twice")
        if before not in (None, option):
            raise UsageError(f"{_called(before)} and {_called(option)} cannot be given both")
        seen[option.name] = option


def _called(option: click.Option) -> str:
    return max(option.opts, key=len)
