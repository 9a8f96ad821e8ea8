"""Trials as a list for programs: spreadsheets and JSON, with the exact values of what a table shows."""

from __future__ import annotations

from kleio.cli.lists.columns import columns_called
from kleio.cli.terminal.spreadsheet import spreadsheet
from kleio.trial.facts import configuration_facts
from kleio.trial.fields import spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from kleio.analysis.trial import Trial
    from kleio.cli.terminal.console import Console

FACTS = (
    "id", "status", "name", "tags", "created", "started", "ended", "duration", "exit", "attempts", "project", "command",
)  # fmt: skip
"""What a spreadsheet says of each trial, before its options and statistics."""


def spreadsheet_lines(
    console: Console, trials: Iterable[Trial], names: Sequence[str] | None, now: float
) -> Iterator[str]:
    """CSV. Without ``names``: the facts, every option, and the last value of every statistic."""
    if names is None:
        trials = list(trials)
        names = [*FACTS, "config", *_statistics(trials)]
    names, trials = _with_options(names, trials)
    shown = columns_called(names, (), now)
    rows = ([_cell(one.exact(trial)) for one in shown] for trial in trials)
    yield from spreadsheet(console, [one.name for one in shown], rows)


def records(trials: Iterable[Trial], names: Sequence[str], now: float) -> Iterator[dict[str, Any]]:
    """For JSON: of each trial these columns, by name."""
    names, trials = _with_options(names, trials)
    shown = columns_called(names, (), now)
    for trial in trials:
        yield {one.name: one.exact(trial) for one in shown}


def _with_options(names: Sequence[str], trials: Iterable[Trial]) -> tuple[Sequence[str], Iterable[Trial]]:
    """``config`` as every option that one of the trials has: whether all have the same makes no column come or go."""
    if "config" not in names:
        return names, trials
    trials = list(trials)
    found = dict.fromkeys(name for trial in trials for name, _ in configuration_facts(trial.configuration))
    place = names.index("config")
    options = [spelled("config", name) for name in found]
    return list(dict.fromkeys([*names[:place], *options, *names[place + 1 :]])), trials


def _statistics(trials: Iterable[Trial]) -> list[str]:
    found = dict.fromkeys(name for trial in trials for name in trial.summary.get("statistics") or ())
    return [spelled("stats", name) for name in found]


def _cell(value: Any) -> Any:
    """Tags as one types them."""
    is_words = isinstance(value, list) and all(isinstance(word, str) for word in value)
    return ";".join(value) if is_words else value
