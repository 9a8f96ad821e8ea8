"""``kleio stats``: what a trial's script logged by ``log_statistic``."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import (
    StatisticName,
    StatisticNames,
    check_attempt,
    check_rank,
    format_options,
    pager_option,
    trial_argument,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("stats", cls=Command, short_help="Print the statistics of a trial, one line a point.")
@trial_argument
@click.option(
    "--sort", type=StatisticName(), metavar="KEY", help="By the values of KEY; points without a number come last."
)
@click.option("-r", "--reverse", is_flag=True, help="The latest first; with --sort the largest.")
@click.option(
    "--keys", type=StatisticNames(), multiple=True, metavar="A,B",
    help="Only these, and only points that have one of them. May be repeated.",
)  # fmt: skip
@click.option(
    "-n", "--last", "most", type=click.IntRange(min=1), metavar="N", help="Only the latest N; with --sort the first N."
)
@click.option("--every", type=click.IntRange(min=1), default=1, metavar="N", help="Only every N-th of these.")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="Only of this execution.")
@click.option("--rank", type=click.IntRange(min=0), metavar="N", help="Only of this rank of a distributed training.")
@click.option("-a", "--all", "superseded", is_flag=True, help="Also what a later attempt took back (resume_from).")
@pager_option
@format_options
@click.pass_obj
def command(
    context: Context,
    word: str,
    sort: str | None,
    reverse: bool,
    keys: tuple[tuple[str, ...], ...],
    most: int | None,
    every: int,
    attempt: int | None,
    rank: int | None,
    superseded: bool,
    no_pager: bool,
    form: str,
) -> None:
    """Print the statistics of a trial, one line a point, in the order of logging.

    A trial's own and, after them, those that other trials attached to it. --format json adds to each point its time,
    attempt, process and rank.
    """
    from itertools import chain

    from kleio.analysis.inheritance import whole_statistics
    from kleio.analysis.series import read_statistics
    from kleio.cli.reports.points import Wanted, lines_of, newest, point_json, selected
    from kleio.cli.terminal.pager import page
    from kleio.spool.records.writers import read_ranks
    from kleio.spool.shipping.summary import losses_text
    from kleio.trial.quoting import escaped

    trial = context.select(word)
    check_attempt(trial, attempt)
    names = tuple(dict.fromkeys(chain.from_iterable(keys))) or None
    wanted = Wanted(names, rank, sort, reverse, most)
    if attempt is None:
        statistics = whole_statistics(context.journal, trial.id, trial.inherits_from(), superseded=superseded)
    else:
        statistics = read_statistics(context.journal, trial.id, attempt=attempt, superseded=superseded)
    records = newest(context.journal, trial, wanted, superseded=superseded) if attempt is None else ()
    records = (records or selected(statistics, wanted))[::every]
    if not records and rank is not None:
        ranks = read_ranks(context.journal, trial.id).values()
        check_rank(trial, rank, [*ranks, *(record.rank for record in statistics.records)])
    if form == "json":
        context.console.json_list("stats", (point_json(record, names) for record in records))
        return
    page(context.console, context.environ, lines_of(context.console, records, names, form), not no_pager)
    if not records:
        context.console.say("no statistics" + (" fit" if len(statistics) else f" in trial {trial.short_id}"))
    losses = losses_text(trial.summary)
    if losses:
        context.console.warn(f"trial {trial.short_id} is incomplete: {escaped(losses)}")
