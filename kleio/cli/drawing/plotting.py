"""What ``kleio plot`` draws: a curve for each trial and statistic, labelled by what tells them apart."""

from __future__ import annotations

from math import isfinite, isinf, isnan

from kleio.analysis.comparison import ABSENT, compare_options
from kleio.analysis.curves import USUAL, curve_of, names_for
from kleio.cli.presentation import short_ids
from kleio.cli.terminal.fitting import cut
from kleio.cli.terminal.wording import text_of
from kleio.dataclass import dataclass
from kleio.errors import UsageError
from kleio.trial.quoting import escaped
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from kleio.analysis.curves import Curve
    from kleio.analysis.trial import Trial

MOST_OPTIONS = 4
"""Options that a label names; of those that its trial has."""
LONGEST_VALUE = 24
MOST_NOTES = 5
LIKELY = ("loss", "train_loss", "val_loss", "accuracy", "acc", "error", "reward")
"""What is drawn if nothing was asked for, the first that was logged."""


@dataclass(frozen=True)
class Wanted:
    """What to draw. ``y`` may be empty: then the likeliest."""

    y: tuple[str, ...]
    x: str | None
    smooth: float
    most: int
    log_x: bool = False
    log_y: bool = False


@dataclass(frozen=True)
class Drawing:
    """Labelled curves, statistic by statistic and in each trial by trial; ``raw`` are those before smoothing, none if
    nothing was smoothed. ``notes`` say what cannot be seen."""

    curves: tuple[tuple[str, Curve], ...]
    raw: tuple[Curve, ...]
    x_name: str
    y_name: str
    notes: tuple[str, ...] = ()


def drawing_of(trials: Sequence[Trial], wanted: Wanted) -> Drawing:
    """The curves. ``UsageError`` if a statistic was logged by none of the trials."""
    names = wanted.y or (_likeliest(trials),)
    labels, ids = _labels(trials), short_ids([trial.id for trial in trials])
    curves, raw, notes = [], [], []
    for name, found in zip(names, _curves(trials, names, wanted.x), strict=True):
        if not any(map(len, found)):
            raise _nothing(trials, name, wanted.x)
        for trial, label, curve in zip(trials, labels, found, strict=True):
            smooth = curve.smoothed(wanted.smooth) if wanted.smooth else curve
            shown = smooth.within(positive_x=wanted.log_x, positive_y=wanted.log_y)
            notes += _unseen(smooth, ids[trial.id], wanted)
            several = len(names) > 1
            curves.append((f"{name} {label}".strip() if several else label, shown.downsampled(wanted.most)))
            raw.append(curve.within(positive_x=wanted.log_x, positive_y=wanted.log_y).downsampled(wanted.most))
        if not any(_finite(curve) for _, curve in curves[-len(trials) :]):
            raise _invisible(name, any(map(_finite, found)))
    axes = dict.fromkeys(curve.x_name for _, curve in curves if len(curve))
    if len(notes) > MOST_NOTES:
        notes[MOST_NOTES - 1 :] = [f"and {len(notes) - MOST_NOTES + 1} more remarks of this kind"]
    return Drawing(
        tuple(curves),
        tuple(raw) if wanted.smooth else (),
        ", ".join(axes) or wanted.x or "",
        ", ".join(names),
        tuple(notes),
    )


def _curves(trials: Sequence[Trial], names: Sequence[str], x: str | None) -> list[list[Curve]]:
    """Of each statistic the curve of each trial, all over the same if there is something: where one loss was logged at
    every step and another at every epoch, this is the epoch."""
    read = [(name, trial.columns(names_for(name, x))) for name in names for trial in trials]

    def over(axis: str | None) -> list[Curve]:
        return [curve_of(each.values, each.times, name, axis, each.writers) for name, each in read]

    found = over(x)
    axes = {curve.x_name for curve in found if len(curve)}
    if len(axes) > 1:
        # The last of them was chosen because those before it do not tell all points apart.
        for common in sorted(USUAL, key=lambda name: (name in axes, USUAL.index(name)), reverse=True):
            again = over(common)
            if all(len(after) or not len(before) for before, after in zip(found, again, strict=True)):
                found = again
                break
    found = [curve.sorted() for curve in found]
    return [found[at : at + len(trials)] for at in range(0, len(found), len(trials))]


def _unseen(curve: Curve, trial: str, wanted: Wanted) -> list[str]:
    """What the plot does not show: a training that diverged must not look as if it had ended."""
    at = escaped(curve.x_name)

    def note(count: int, what: str) -> str:
        verb = "is" if count == 1 else "are"
        return f"{counted(count, 'point')} of {escaped(curve.y_name)} in {trial} {verb} {what}"

    hidden = {
        f"nan, the first at {at}": [x for x, y in curve if isnan(y)],
        f"infinite, the first at {at}": [x for x, y in curve if isinf(y)],
        f"not positive, the first at {at}": [x for x, y in curve if wanted.log_y and isfinite(y) and y <= 0],
        f"at no positive {at}, the first at": [x for x in curve.x if wanted.log_x and x <= 0],
    }
    replaced = "left out: replaced by what a later attempt or another process logged there"
    again = [note(curve.left_out, replaced)] if curve.left_out else []
    return again + [note(len(places), f"{what} {places[0]:g}") for what, places in hidden.items() if places]


def _finite(curve: Curve) -> bool:
    return any(isfinite(x) and isfinite(y) for x, y in curve)


def _labels(trials: Sequence[Trial]) -> list[str]:
    """For each trial its id and the options in which it differs from others, or else its name; nothing for one
    alone."""
    if len(trials) == 1:
        return [""]
    telling = _most_telling([[_option(row.name, value) for value in row.values] for row in compare_options(trials)])
    found = [" ".join([row[at] for row in telling if row[at]][:MOST_OPTIONS]) for at in range(len(trials))]
    ids = short_ids([trial.id for trial in trials])
    if len(set(found)) < len(found) or not all(found):
        found = [f"{trial.name or ''} {label}".strip() for trial, label in zip(trials, found, strict=True)]
    return [f"{ids[trial.id]} {label}".rstrip() for trial, label in zip(trials, found, strict=True)]


def _most_telling(options: list[list[str]]) -> list[list[str]]:
    """The options, each as it is shown of every trial, in another order: first those that together tell most trials
    apart, then those that have most values."""
    options = sorted(options, key=lambda row: -len(set(row)))
    chosen: list[list[str]] = []
    apart = 1
    while len(chosen) < MOST_OPTIONS and options:
        best = max(options, key=lambda row: len(set(zip(*chosen, row, strict=True))))
        if (more := len(set(zip(*chosen, best, strict=True)))) == apart:
            break
        chosen.append(best)
        options.remove(best)
        apart = more
    return chosen + options


def _option(name: str, value: Any) -> str:
    """Empty for a trial that lacks it."""
    return "" if value is ABSENT else f"{name}={cut(escaped(text_of(value)), LONGEST_VALUE)}"


def _likeliest(trials: Sequence[Trial]) -> str:
    names = _numeric(trials)
    for name in LIKELY:
        if name in names:
            return name
    if len(names) == 1:
        return names[0]
    raise UsageError("name what to draw: -y NAME" + _listed(names) if names else "no numbers were logged")


def _numeric(trials: Sequence[Trial]) -> list[str]:
    """What was logged as numbers, except what counts."""
    summaries = [trial.summary.get("statistics") or {} for trial in trials]
    found = dict.fromkeys(name for each in summaries for name, of in each.items() if of.get("min") is not None)
    if not found:  # nothing is summed up while it runs
        columns = [trial.columns().values for trial in trials]
        found = dict.fromkeys(
            name for each in columns for name, values in each.items() if any(isinstance(v, int | float) for v in values)
        )
    return [name for name in found if name not in USUAL]


def _invisible(name: str, finite: bool) -> UsageError:
    if finite:
        return UsageError(f"of what was logged as {escaped(name)} a logarithmic axis can show no point")
    return UsageError(f"what was logged as {escaped(name)} is nowhere finite: there is nothing to draw")


def _nothing(trials: Sequence[Trial], name: str, x: str | None) -> UsageError:
    known = list(dict.fromkeys(each for trial in trials for each in trial.statistics.names()))
    if name in known and x is not None:
        return UsageError(f"no number was logged as {escaped(name)} together with {escaped(x)}{_listed(known)}")
    if name in known:
        return UsageError(f"what was logged as {escaped(name)} are no numbers")
    return UsageError(f"nothing was logged as {escaped(name)}" + (_listed(known) or "; these trials logged nothing"))


def _listed(names: Sequence[str]) -> str:
    return "; there is " + ", ".join(map(escaped, names[:12])) + (", …" if len(names) > 12 else "") if names else ""
