"""What the columns of ``kleio ls`` show: every field of the filter language, and a few made for the eye.

A column has a name that one types, a title, and what it says of a trial: as text for people, and exactly for
spreadsheets and programs. ``config`` stands for as many columns as there are options that differ.
"""

from __future__ import annotations

from kleio.cli.presentation import STATUS_STYLES
from kleio.cli.terminal.table import Column
from kleio.cli.terminal.wording import text_of
from kleio.dataclass import dataclass, replace
from kleio.errors import FilterError, UsageError
from kleio.trial.clauses import Field
from kleio.trial.fields import field_of, value_of
from kleio.trial.identity import SHORT
from kleio.trial.progress import step_of
from kleio.trial.quoting import escaped
from kleio.trial.status import FAILOVER, HELD, INTERRUPTED, SUSPENDED, SWITCHOVER
from kleio.units import ago_text, duration_text, rate_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from kleio.analysis.moment import Moment
    from kleio.analysis.trial import Trial

MADE = {
    "label": "name and tags in one column",
    "progress": "the last step of what runs or stopped, and how fast it goes",
    "config": "the options that are not the same in all trials of the list",
}
"""Columns that are no fields of the filter language."""
TITLES = {"label": "name and tags", "duration": "took"}
"""Of columns whose titles are not their names."""
LONGEST_VALUE = 40
"""An option with a longer value, such as a program behind ``-c``, is no column."""
MOST_OPTIONS = 6
"""Columns of a terminal that ``config`` makes at most, unless somebody asks for it by name."""
UNFINISHED = HELD | {SUSPENDED, INTERRUPTED, FAILOVER, SWITCHOVER}
LINKS = ("parent", "within")
"""Ids of trials; other ids are shown longer."""
LONG = 12
PALETTE = {f"[{word}]": style for word, style in STATUS_STYLES.items()}


@dataclass(frozen=True)
class Shown:
    """One column. ``text`` is for people, ``exact`` for spreadsheets; ``most`` columns of a terminal are enough, and
    ``brief`` makes of a text what is left of it where there is little room."""

    name: str
    column: Column
    text: Callable[[Trial], str]
    exact: Callable[[Trial], Any]
    most: int = 0
    brief: Callable[[str], str] = str


def names_of(words: Iterable[str], default: Sequence[str]) -> tuple[str, ...]:
    """The columns that somebody wrote down; those after a ``+`` are added to the default, before the command."""
    wanted = [word.strip() for word in words if word.strip()]
    names = written(wanted)
    if wanted and wanted[0].startswith("+"):
        names = (*(name for name in default if name != "command"), *names, "command")
    return tuple(dict.fromkeys(names)) or tuple(default)


def written(words: Iterable[str]) -> tuple[str, ...]:
    """The names that stand there, without ``+``."""
    return tuple(filter(None, (word.strip().removeprefix("+").strip() for word in words)))


def columns_called(
    names: Iterable[str], trials: Sequence[Trial], now: float, most_options: int | None = None
) -> list[Shown]:
    """The columns with these names, each once. Raises ``UsageError`` for one that does not exist."""
    shown: list[Shown] = []
    for name in names:
        if name == "config":
            keys = differing(trials)[:most_options]
            shown += [_of_field(Field(f"config.{key}", "config", key, "any"), now) for key in keys]
        else:
            shown.append(_column(name, now))
    once = [*{one.name: one for one in reversed(shown)}.values()][::-1]
    titles = [one.column.title for one in once]
    return [_aligned(one if titles.count(one.column.title) == 1 else _in_full(one), trials) for one in once]


def _in_full(one: Shown) -> Shown:
    """By its whole name, where the title is that of another column, too."""
    return replace(one, column=replace(one.column, title=escaped(one.name)))


def _aligned(one: Shown, trials: Iterable[Trial]) -> Shown:
    """Options stand as numbers do, below one another by their last digits, unless one of them is a word."""
    if not one.name.startswith("config.") or all(_is_number(one.exact(trial)) for trial in trials):
        return one
    return replace(one, column=replace(one.column, right=False))


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def differing(trials: Sequence[Trial]) -> list[str]:
    """Options that are not the same wherever they occur, those that most trials have first."""
    values: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    for trial in trials:
        for name, value in trial.configuration.items():
            if not name.startswith("_pos_"):
                values.setdefault(name, set()).add(repr(value))
                counts[name] = counts.get(name, 0) + 1
    names = [name for name, found in values.items() if len(found) > 1 and max(map(len, found)) <= LONGEST_VALUE]
    return sorted(names, key=lambda name: -counts[name])


def _column(name: str, now: float) -> Shown:
    if name == "id":
        return Shown(name, Column("id", "bold"), lambda trial: trial.short_id, lambda trial: trial.id)
    if name == "status":
        column = Column("status", "dim", palette=PALETTE)
        return Shown(name, column, lambda trial: f"[{trial.status}]", lambda trial: trial.status)
    if name == "command":
        return Shown(name, Column("command", give=True), _command, _command)
    if name == "label":
        return Shown(name, Column(TITLES[name], "magenta"), _label, _label, 24)
    if name == "progress":
        column = Column("progress", "cyan")
        return Shown(name, column, progress_text, progress_text, 30, lambda text: text.partition(", ")[0])
    if name == "duration":
        return Shown(
            name,
            Column(TITLES[name], right=True),
            lambda trial: duration_text(seconds) if (seconds := ran(trial, now)) else "",
            lambda trial: ran(trial, now),
        )
    return _field(name, now)


def _field(name: str, now: float) -> Shown:
    try:
        field = field_of(name, name, 0)
    except FilterError as error:
        from kleio.trial.words import shortened

        what = error.message.partition("\n")[0]
        hint = [what] if not what.startswith("there is no") else [error.hint.removesuffix("?")] if error.hint else []
        hint.append(f"a list also has {', '.join(MADE)}")
        hint = [f"the column of this title is called {called}" for called in TITLES if TITLES[called] == name] or hint
        raise UsageError(f"there is no column {shortened(repr(name))}", hint="; ".join(hint)) from None
    return _of_field(field, now)


def _of_field(field: Field, now: float) -> Shown:
    name = field.name
    title = escaped((field.key or name) + (f".{field.aspect}" if field.aspect not in ("", "last") else ""))

    def exact(trial: Trial) -> Any:
        return value_of(field, trial.document)

    if field.kind == "time":
        return Shown(
            name,
            Column(title),
            lambda trial: _when(getattr(trial, name), now),
            lambda trial: _iso(getattr(trial, name)),
        )
    if field.kind == "id":
        length = SHORT if name in LINKS else LONG
        return Shown(name, Column(title), lambda trial: _shown(exact(trial))[:length], exact)
    right = field.kind in ("number", "statistic") or name.startswith("config.")
    return Shown(name, Column(title, right=right), lambda trial: _shown(exact(trial)), exact, 20)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return ";".join(value)
    return text_of(value)


def _command(trial: Trial) -> str:
    return trial.command


def _label(trial: Trial) -> str:
    return " ".join(filter(None, [trial.name, "#" + " #".join(trial.tags) if trial.tags else ""]))


def _when(moment: Moment | None, now: float) -> str:
    if moment is None:
        return ""
    return ago_text(now - moment.time) or moment.as_datetime().strftime("%Y-%m-%d")


def _iso(moment: Moment | None) -> str | None:
    return None if moment is None else moment.iso()


def ran(trial: Trial, now: float) -> float:
    """Seconds for which its command has run, up to now if it runs."""
    if trial.status in HELD and trial.started is not None:
        return trial.duration + max(0.0, now - trial.started.time)
    return trial.duration


def step_told(trial: Trial) -> Mapping[str, Any] | None:
    """How far a running trial had come at its latest heartbeat (:mod:`kleio.trial.progress`)."""
    told = trial.document.get("progress") or {}
    return told.get("step") if trial.status in HELD and told.get("attempt") == trial.fence else None


def progress_text(trial: Trial) -> str:
    """``epoch 3/9, 12/min``: the last step of a trial that runs or may be resumed, and its pace while it runs."""
    return progress_at(trial, step_told(trial))


def progress_at(trial: Trial, live: Mapping[str, Any] | None) -> str:
    """The same with a step that is known from elsewhere."""
    if trial.status not in UNFINISHED:
        return ""
    found = (live["name"], live["value"]) if live else step_of(trial.summary.get("statistics") or {})
    if found is None:
        return ""
    name, value = found
    total = _total(trial, name)
    text = f"{name} {value:.12g}{f'/{total:.12g}' if total else ''}" if name else f"{value:.12g} records"
    return f"{text}, {rate_text(live['rate'])}" if live and live.get("rate") else text


def seconds_left(trial: Trial, step: Mapping[str, Any] | None) -> float | None:
    """How long a running trial needs for the rest of its steps at the pace of this one, if one can tell."""
    total = _total(trial, step["name"]) if step else None
    if not step or not total or not step.get("rate"):
        return None
    return max(0.0, (total - float(step["value"])) / float(step["rate"]))


def _total(trial: Trial, name: str) -> float | None:
    """The number of steps that the command was asked for, if an option is called as such options are."""
    for option in (f"{name}s", f"num_{name}s", f"max_{name}s", f"n_{name}s", f"total_{name}s", f"max-{name}s"):
        value = trial.configuration.get(option)
        if name and isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return value
    return None
