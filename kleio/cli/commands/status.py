"""``kleio status``: how many trials are in which status."""

from __future__ import annotations

from collections import Counter

import click

from kleio.cli.command import Command
from kleio.cli.options import json_option
from kleio.cli.selecting import tags_option, where_option
from kleio.trial.status import BRANCHED, STATUSES
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kleio.cli.context import Context
    from kleio.cli.terminal.console import Console

ORDER = (
    "running", "reserved", "new", "suspended", "interrupted", "failover", "switchover", "broken", "acknowledged",
    "arriving", "completed", "branched",
)  # fmt: skip
WORD = max(map(len, ORDER))
assert set(ORDER) == STATUSES


@click.command("status", cls=Command)
@tags_option
@where_option
@click.option("-a", "--all", "everything", is_flag=True, help="Of all projects, and with branched trials.")
@click.option("--short", is_flag=True, help="The total only, on one line.")
@json_option
@click.pass_obj
def command(context: Context, tags: tuple[str, ...], where: str, everything: bool, short: bool, as_json: bool) -> None:
    """Count trials by status: all of them, then those of each tag.

    Inside a repository those of its project, elsewhere all. A trial counts for each of its tags.
    """
    from kleio.cli.here import current_project

    project = None if everything else current_project(context)
    tally = context.trials.tally(where, tags=tags, project=project)
    hidden = () if everything else (BRANCHED,)
    total = _without(tally.statuses, hidden)
    tagged = {tag: counts for tag in tally.tags if (counts := _without(tally.tags[tag], hidden))}
    console = context.console
    if where and not total.total():
        from kleio.cli.lists.unheard import reasons

        for remark in reasons(context.trials, where, project):
            console.say(remark)
    if as_json:
        by_tag = {tag: _counts(tagged[tag]) for tag in sorted(tagged)}
        console.json("status", {**_counts(total), "tags": by_tag})
    elif short:
        parts = [f"{total[word]} {word}" for word in ORDER if total[word]]
        console.line(f"{counted(total.total(), 'trial')}{': ' if parts else ''}{', '.join(parts)}")
    else:
        width = len(str(total.total()))
        lines = [*_lines(console, "total", total, width)]
        for tag in sorted(tagged):
            lines += ["", *_lines(console, tag, tagged[tag], width)]
        for line in lines:
            console.line(line)


def _without(counts: Mapping[str, int], hidden: Collection[str]) -> Counter[str]:
    return Counter({word: number for word, number in counts.items() if word not in hidden})


def _counts(counts: Mapping[str, int]) -> dict[str, object]:
    return {"total": sum(counts.values()), "statuses": {word: counts[word] for word in ORDER if counts.get(word)}}


def _lines(console: Console, title: str, counts: Counter[str], width: int) -> Iterator[str]:
    """A title with its total, and below it the statuses; all numbers below one another."""
    from kleio.cli.presentation import STATUS_STYLES
    from kleio.cli.terminal.fitting import columns_of
    from kleio.cli.terminal.table import GAP, INDENT
    from kleio.trial.quoting import escaped

    shown = escaped(title)
    space = " " * max(0, len(INDENT) + WORD - columns_of(shown))
    yield f"{console.paint(shown, 'bold')}{space}{GAP}{counts.total():>{width}}"
    for word in ORDER:
        if counts[word]:
            text = console.paint(word.ljust(WORD), STATUS_STYLES.get(word, "dim"))
            yield f"{INDENT}{text}{GAP}{counts[word]:>{width}}"
