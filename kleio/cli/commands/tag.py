"""``kleio tag``: show and change the tags of a trial."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import json_option, split_tags, trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


class TagCommand(Command):
    """``-TAG`` is one word, not a cluster of letters of which ``h`` would ask for the help."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words: list[str] = []
        end = args.index("--") if "--" in args else len(args)
        for word in args[:end]:
            removes = word[:1] == "-" and word[1:2] not in ("", "-") and word != "-h"
            words.append(f"--remove={word[1:]}" if removes and words[-1:] != ["--remove"] else word)
        return super().parse_args(ctx, words + args[end:])


@click.command("tag", short_help="Add, remove and print the tags of a trial.", cls=TagCommand)
@trial_argument
@click.argument("changes", nargs=-1, metavar="[[+]TAG | -TAG]…")
@click.option("--remove", "removed", multiple=True, metavar="'A;B'", help="Remove these. May be repeated.")
@json_option
@click.pass_obj
def command(context: Context, word: str, changes: tuple[str, ...], removed: tuple[str, ...], as_json: bool) -> None:
    """Add and remove tags of a trial, and print those that it has then.

    TAG or +TAG adds one, -TAG removes one; a tag that begins with a dash is removed by --remove. Tags belong to no
    attempt: they hold for the trial whenever it ran.
    """
    from kleio.clock import SystemClock
    from kleio.launcher.care.labels import change_tags
    from kleio.trial.quoting import escaped

    add = [tag for each in changes if not each.startswith("-") for tag in split_tags(each.removeprefix("+"))]
    remove = [tag for each in changes if each.startswith("-") for tag in split_tags(each.removeprefix("-"))]
    remove += [tag for each in removed for tag in split_tags(each)]
    trial = context.select(word)
    tags = list(trial.tags)
    if changes or removed:
        tags = change_tags(context.journal, trial.id, SystemClock(), add=add, remove=remove)
    if as_json:
        context.console.json("tag", {"id": trial.id, "tags": tags})
        return
    for tag in tags:
        context.console.line(escaped(tag))
