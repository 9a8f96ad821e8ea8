"""What the Tab key offers beyond click's own: trials, tags, columns, the fields of filters, and what a trial recorded.

All of it comes from the trials on the line, or else the newest of the journal; nothing is offered, and nothing said, if
that is away.
"""

from __future__ import annotations

import re
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click
    from click.shell_completion import CompletionItem

    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context

MOST = 50
RECENT = 200
"""Trials whose tags, options and statistics are offered."""


def trial_words(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Ids, names and tags of trials that begin with ``incomplete``, newest first, with their commands as help."""
    from kleio.trial.identity import SHORT

    by_id = [
        (trial.id[: max(SHORT, len(incomplete))], f"[{trial.status}] {trial.command}")
        for trial in _trials(ctx, MOST, incomplete)
    ]
    named: dict[str, str] = {}
    counts: dict[str, int] = {}
    for trial in _trials(ctx, RECENT):
        for word in (trial.name, *trial.tags):
            if word and word.startswith(incomplete):
                counts[word] = counts.get(word, 0) + 1
                named.setdefault(word, f"[{trial.status}] {trial.command}")
    unique = [(word, text) for word, text in named.items() if counts[word] == 1]
    return _items([*by_id, *unique])


def tag_words(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Tags in use, for the last of those typed."""
    typed, separator, last = incomplete.rpartition(";")
    tags = sorted({tag for trial in _trials(ctx, RECENT) for tag in trial.tags})
    return _items((typed + separator + tag, "") for tag in tags if tag.startswith(last))


def status_words(incomplete: str) -> list[CompletionItem]:
    """Statuses, for the last of those typed."""
    from kleio.trial.status import STATUSES

    typed, separator, last = incomplete.rpartition(",")
    return _items((typed + separator + word, "") for word in sorted(STATUSES) if word.startswith(last))


def column_words(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Columns of ``kleio ls``, for the last of those typed."""
    from kleio.cli.lists.columns import MADE

    typed, separator, last = incomplete.rpartition(",")
    plus = "+" if not separator and last.startswith("+") else ""
    known = {**MADE, **dict(_fields(ctx))}
    last = last[len(plus) :]
    return _items((typed + separator + plus + word, text) for word, text in known.items() if word.startswith(last))


def field_words(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Fields to sort by."""
    minus = "-" if incomplete.startswith("-") else ""
    word = incomplete[len(minus) :]
    return _items((minus + name, text) for name, text in _fields(ctx) if name.startswith(word))


def filter_words(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Fields for the last word of a filter."""
    typed = re.sub(r"[\w.\-]*\Z", "", incomplete)
    word = incomplete[len(typed) :]
    return _items((typed + name, text) for name, text in _fields(ctx) if name.startswith(word))


def statistic_words(ctx: click.Context, incomplete: str, split: str = "") -> list[CompletionItem]:
    """Names of statistics of the trials on the line, or of the newest ones; for the last of those typed."""
    typed, separator, last = incomplete.rpartition(split) if split else ("", "", incomplete)
    names = dict.fromkeys(name for trial in _meant(ctx) for name in trial.summary.get("statistics") or ())
    return _items((typed + separator + name, "") for name in names if name and name.startswith(last))


def artifact_words(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Names of artifacts of the trial on the line."""
    names: dict[str, None] = {}
    with _reading(ctx) as context:
        names = dict.fromkeys(one.name for word in _words(ctx) for one in context.select(word).artifacts())
    return _items((name, "") for name in names if name.startswith(incomplete))


def _words(ctx: click.Context) -> tuple[str, ...]:
    """What stands on the line where trials are named. Behind an option whose value is just being typed click has not
    told arguments apart."""
    word = ctx.params.get("word")
    return (word,) if word else tuple(ctx.params.get("words") or ctx.args)


def _meant(ctx: click.Context) -> list[Trial]:
    words = _words(ctx)
    if not words:
        return _trials(ctx, RECENT)
    found: list[Trial] = []
    with _reading(ctx) as context:
        found += [context.select(word) for word in words]
    return found


def _fields(ctx: click.Context) -> Iterator[tuple[str, str]]:
    """Fields of the filter language, with the options and statistics of the newest trials; and what they are."""
    from kleio.trial.fields import PLAIN, spelled

    yield from ((name, text.replace("``", "")) for name, (_, _, text) in PLAIN.items())
    options: dict[str, None] = {}
    statistics: dict[str, None] = {}
    for trial in _trials(ctx, RECENT):
        options.update(dict.fromkeys(trial.configuration))
        statistics.update(dict.fromkeys(trial.summary.get("statistics") or ()))
    yield from ((spelled("config", name), "an option") for name in options if not name.startswith("_pos_"))
    yield from ((spelled("stats", name), "its last value") for name in statistics)


def _trials(ctx: click.Context, limit: int, prefix: str = "") -> list[Trial]:
    found: list[Trial] = []
    with _reading(ctx) as context:
        found += context.trials.trials(limit=limit, id_prefix=prefix or None)
    return found


@contextmanager
def _reading(ctx: click.Context) -> Iterator[Context]:
    """The journal of the line; what fails inside ends it, and nobody is told."""
    from kleio.cli.context import Context
    from kleio.cli.terminal.console import Console
    from kleio.errors import KleioError

    params = ctx.find_root().params
    context = Context(Console(quiet=True), {"journal": params.get("journal"), "data": params.get("data")})
    try:
        yield context
    except KleioError:
        pass
    finally:
        context.close()


def _items(offers: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from kleio.trial.quoting import escaped

    return [CompletionItem(word, help=escaped(text) or None) for word, text in offers if word.isprintable()]
