"""What ``kleio ls`` was asked for, and the way the answer takes: a table, plain lines, JSON, CSV, or a live screen."""

from __future__ import annotations

from kleio.clock import SystemClock
from kleio.dataclass import dataclass, replace
from kleio.errors import SettingsError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context


BLOCK = 500
"""Trials whose short ids are told apart from one another."""


@dataclass(frozen=True)
class Asked:
    """The options of ``kleio ls``."""

    tags: tuple[str, ...] = ()
    statuses: tuple[tuple[str, ...], ...] = ()
    where: str = ""
    sort: str | None = None
    limit: int | None = None
    everywhere: bool = False
    columns: tuple[str, ...] | None = None
    save: bool = False
    tree: bool = False
    watch: bool = False
    no_pager: bool = False
    form: str | None = None

    @property
    def filtered(self) -> bool:
        return bool(self.tags or self.statuses or self.where)

    @property
    def named(self) -> tuple[str, ...]:
        """Columns that were asked for by their names."""
        from kleio.cli.lists.columns import written

        return written(self.columns or ())

    @property
    def plain(self) -> bool:
        """Whether nothing was said of how the list should look."""
        return self.form is None and self.columns is None and not self.tree


def show(context: Context, asked: Asked) -> None:
    """Answer."""
    _answer(context, asked)
    if (asked.sort is None and asked.columns is None) or asked.watch:
        return
    from kleio.cli.here import current_project
    from kleio.cli.lists.unheard import filtered_by, shown_by, unheard_of

    told = {(field.root, field.key) for field in filtered_by(asked.where)}
    fields = [field for field in shown_by(asked.sort, asked.columns or ()) if (field.root, field.key) not in told]
    project = None if asked.everywhere else current_project(context)
    if next(context.trials.find(limit=1, project=project), None) is not None:
        for remark in unheard_of(context.trials, fields, project):
            context.console.say(remark)


def _answer(context: Context, asked: Asked) -> None:
    if asked.plain and not asked.watch and not asked.save and not context.console.is_terminal:
        _plain(context, asked)
        return
    from kleio.cli.lists.forms import columns_wanted
    from kleio.settings import DEFAULTS

    names = columns_wanted(asked.columns, context.settings.columns, DEFAULTS["columns"])
    if asked.columns is not None or asked.form in (None, "table"):
        _check_setting(context, [name for name in names if name not in asked.named])
    if asked.save:
        _save(context, asked, names)
    if asked.watch:
        _watch(context, asked, names)
    elif asked.form == "json":
        _json(context, asked, names)
    elif asked.form == "csv":
        from kleio.cli.lists.exact import spreadsheet_lines

        wanted = None if asked.columns is None else names
        for line in spreadsheet_lines(context.console, found(context, asked), wanted, SystemClock().wall()):
            context.console.line(line)
    else:
        _lines(context, asked, names)


def _check_setting(context: Context, names: list[str]) -> None:
    """Columns that nobody typed: where they are set is said if one of them does not exist."""
    from kleio.cli.lists.columns import columns_called

    try:
        columns_called(names, (), 0.0)
    except UsageError as error:
        origin = context.settings.origins["columns"]
        what = "" if origin == "KLEIO_COLUMNS" else " columns:"
        raise SettingsError(f"{origin}:{what} {error.message}", hint=error.hint) from None


def found(context: Context, asked: Asked) -> Iterator[Trial]:
    """The trials that were asked for."""
    from kleio.cli.here import current_project

    statuses = tuple(word for words in asked.statuses for word in words)
    return context.trials.trials(
        asked.where,
        sort=asked.sort,
        limit=asked.limit,
        tags=asked.tags,
        statuses=statuses or None,
        project=None if asked.everywhere else current_project(context),
    )


def _lines(context: Context, asked: Asked, names: tuple[str, ...]) -> None:
    from itertools import chain

    from kleio.cli.lists.forms import table_lines
    from kleio.cli.terminal.pager import page

    console = context.console
    now = SystemClock().wall()
    lines = table_lines(console, found(context, asked), names, now, named=asked.named, tree=asked.tree)
    first = next(lines, None)
    if first is None:
        console.say(_nothing(context, asked))
        return
    page(console, context.environ, chain((first,), lines), not asked.no_pager)


def _plain(context: Context, asked: Asked) -> None:
    """A line is always ``ID [STATUS] COMMAND``, nothing cut: scripts read it, whatever columns somebody has set."""
    from itertools import islice

    from kleio.cli.presentation import short_ids
    from kleio.trial.quoting import escaped

    trials = found(context, asked)
    shown = False
    while block := list(islice(trials, BLOCK)):
        shown = True
        short = short_ids([trial.id for trial in block])
        for trial in block:
            context.console.line(f"{short[trial.id]} [{trial.status}] {escaped(trial.command)}")
    if not shown:
        context.console.say(_nothing(context, asked))


def _json(context: Context, asked: Asked, names: tuple[str, ...]) -> None:
    from itertools import chain, islice

    from kleio.cli.lists.exact import records
    from kleio.cli.presentation import trial_json

    if asked.columns is None:
        rows: Iterator[Any] = map(trial_json, found(context, asked))
    else:
        rows = records(found(context, asked), names, SystemClock().wall())
    first = list(islice(rows, 1))
    if not first and asked.where:
        context.console.say(_nothing(context, asked))
    context.console.json_list("ls", chain(first, rows))


def _watch(context: Context, asked: Asked, names: tuple[str, ...]) -> None:
    from kleio.cli.lists.forms import table_lines
    from kleio.cli.terminal.fitting import cut
    from kleio.cli.terminal.watching import watch

    if asked.form not in (None, "table"):
        raise UsageError(f"--watch shows a table, and no {asked.form}")
    console = context.console

    def frame(rows: int) -> list[str]:
        fitting = replace(asked, limit=min(asked.limit or rows + 1, rows + 1))  # one more tells that there are more
        now = SystemClock().wall()
        trials = found(context, fitting)
        lines = list(table_lines(console, trials, names, now, named=asked.named, tree=asked.tree, tell=False))
        if len(lines) > rows + 1:
            return [*lines[:rows], console.paint("… and more; --where, --sort and --limit choose", "dim")]
        if lines:
            return lines
        context.close()  # what was no journal yet may be one the next time
        return [cut(_nothing(context, asked), console.width)]

    watch(console, frame)


def _save(context: Context, asked: Asked, names: tuple[str, ...]) -> None:
    from kleio.configfiles import write_entry
    from kleio.settings import user_file

    if asked.columns is None:
        raise UsageError("--save keeps --columns, and none are given", hint="kleio ls --columns A,B --save")
    from kleio.cli.lists.columns import columns_called

    columns_called(names, (), 0.0)  # what does not exist is not written down
    path = user_file(context.environ)
    if path is None:
        raise UsageError("there is no home directory whose config.toml could keep them")
    write_entry(path, "columns", names)
    context.console.say(f"these columns are kept in {path}")


def _nothing(context: Context, asked: Asked) -> str:
    from kleio.cli.here import current_project
    from kleio.connection.address import parse_address, printable
    from kleio.journal.registry import is_unmade
    from kleio.trial.quoting import escaped

    address = parse_address(context.settings.journal)
    if is_unmade(address):
        return f"no trial yet: there is no journal at {escaped(address.location)}; the first `kleio COMMAND` makes it"
    if asked.filtered:
        from kleio.cli.lists.unheard import reasons

        project = None if asked.everywhere else current_project(context)
        return "; ".join(["no trial fits", *reasons(context.trials, asked.where, project)])
    where = f"in {printable(context.settings.journal)}"
    if asked.everywhere or current_project(context) is None:
        return f"no trial {where} yet"
    return f"no trial of this project {where}; `kleio ls -a` lists all"
