"""Whether a repetition of a trial agrees with it: exit, statistics, artifacts and output, item by item.

Integers, text and whatever else is no float must be equal; floats may differ within a tolerance; artifacts are compared
by digest; output byte by byte, except for what a terminal adds, and for the directory in which the command ran.

Only what each of the two recorded itself is compared. What a branch inherits its repetition inherits, too: it is equal
in any case, and where one attempt of the branch is compared alone, it would be missing on that side only.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from fnmatch import fnmatchcase

from kleio.analysis.artifacts import read_artifacts
from kleio.analysis.columns import read_columns
from kleio.analysis.finding import Finding, shown
from kleio.analysis.printed import output_findings
from kleio.analysis.records import read_remarks
from kleio.dataclass import dataclass, field, replace
from kleio.encoding import canonical
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from kleio.analysis.finding import Tolerance
    from kleio.analysis.trial import Trial

COUNTED = ("statistic", "artifact")


@dataclass(frozen=True)
class Agreement:
    """What the comparison of two trials found."""

    findings: tuple[Finding, ...] = field(default=())

    @property
    def reproduced(self) -> bool:
        """Whether everything that counts agrees."""
        return all(finding.agrees is not False for finding in self.findings)

    @property
    def text(self) -> str:
        """In few words: how many of each kind were looked at, or what differs."""
        wrong = [f"{one.what} {one.name}".strip() for one in self.findings if one.agrees is False]
        if wrong:
            more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
            return f"not reproduced: {', '.join(wrong[:3])}{more}"
        counts = Counter(one.what for one in self.findings if one.agrees)
        words = [counted(count, what) for what, count in counts.items() if what in COUNTED]
        return f"reproduced: {', '.join(['exit', *words, *(['output'] if counts['output'] else [])])}"


def agreement_of(recorded: Trial, again: Trial, tolerance: Tolerance, places: tuple[str, str] = ("", "")) -> Agreement:
    """Compare two trials. ``places`` are the tops of the work trees in which they ran."""
    findings = [
        _exit(recorded, again),
        *_of_all_or_the_last(recorded, lambda attempt: _statistics(recorded, again, tolerance, attempt)),
        *_of_all_or_the_last(recorded, lambda attempt: _artifacts(recorded, again, tolerance, attempt)),
        *_of_all_or_the_last(recorded, lambda attempt: output_findings(recorded, again, tolerance, places, attempt)),
        *_environment(recorded, again),
    ]
    return Agreement(tuple(findings))


def _of_all_or_the_last(recorded: Trial, find: Callable[[int | None], Iterable[Finding]]) -> Iterable[Finding]:
    """A trial that was resumed agrees by all that it recorded; one that began again from the start by its last
    attempt."""
    found = list(find(None))
    if recorded.fence < 2 or all(one.agrees is not False for one in found):
        return found
    alone = {one.name: one for one in find(recorded.fence) if one.agrees}
    where = f"in attempt {recorded.fence}, its last"
    return [
        replace(alone[one.name], detail=f"{alone[one.name].detail}, {where}")
        if one.agrees is False and one.name in alone
        else one
        for one in found
    ]


def _exit(recorded: Trial, again: Trial) -> Finding:
    before, after = recorded.outcome, again.outcome
    agrees = before is not None and after is not None and (before.code, before.signal) == (after.code, after.signal)
    return Finding("exit", "", agrees, str(before) if agrees else f"{before} -> {after}")


def _statistics(recorded: Trial, again: Trial, tolerance: Tolerance, attempt: int | None) -> Iterable[Finding]:
    before, after = _columns(recorded, attempt), _columns(again)
    for name in dict.fromkeys([*before, *after]):
        if _ignored(name, tolerance.statistics):
            yield Finding("statistic", name, None, "ignored")
            continue
        agrees, detail = _series(before.get(name, ()), after.get(name, ()), tolerance)
        if not agrees and len(before.get(name, ())) == len(after.get(name, ())) and _several_wrote(recorded, attempt):
            agrees, other = _series(_ordered(before[name]), _ordered(after[name]), tolerance)
            detail = f"{other}, in another order: several processes logged" if agrees else detail
        yield Finding("statistic", name, agrees, detail)


def _columns(trial: Trial, attempt: int | None = None) -> dict[str, Sequence[Any]]:
    """The values that the trial itself logged, by name; those of one attempt if one is named."""
    columns = read_columns(trial.journal, trial.id)
    own = len(columns) - len(read_remarks(trial.journal, trial.id))  # what others attached stands at the end
    if attempt is not None:
        columns = columns.take([row for row in range(own) if columns.attempts[row] == attempt])
        own = len(columns)
    found: dict[str, Sequence[Any]] = {}
    for name, values in columns.values.items():
        kept = values if own == len(columns) else values[:own]
        kept = kept if isinstance(kept, array) else [value for value in kept if value is not None]
        if len(kept):
            found[name] = kept
    return found


def _several_wrote(trial: Trial, attempt: int | None) -> bool:
    """Whether several processes of one attempt logged. The next attempt has others in any case, one after the other."""
    segments = trial.journal.segments(trial.id, attempt=attempt, stream="statistics")
    writers = Counter(attempt for attempt, _ in {(segment.attempt, segment.writer) for segment in segments})
    return any(count > 1 for count in writers.values())


def _ordered(values: Sequence[Any]) -> list[Any]:
    return sorted(
        values, key=lambda value: (str(type(value)), value if isinstance(value, (int, float)) else str(value))
    )


def _series(before: Sequence[Any], after: Sequence[Any], tolerance: Tolerance) -> tuple[bool, str]:
    if len(before) != len(after):
        return False, f"logged {counted(len(before), 'time')} -> {len(after)}"
    count = counted(len(before), "value")
    if isinstance(before, array) and isinstance(after, array) and before == after:
        return True, f"{count}, equal"
    largest, place = 0.0, -1
    for number, (one, other) in enumerate(zip(before, after, strict=True)):
        if one == other and type(one) is type(other):
            continue
        distance = _distance(one, other, tolerance)
        if distance > 1.0:
            return False, f"value {number + 1} of {len(before)}: {shown(one)} -> {shown(other)}"
        if distance > 0.0 and (place < 0 or distance > largest):
            largest, place = distance, number
    if place < 0:
        return True, f"{count}, equal"
    return True, f"{count} within tolerance, at most {shown(before[place])} -> {shown(after[place])}"


def _distance(one: Any, other: Any, tolerance: Tolerance) -> float:
    """How far two values are apart, as a part of what is allowed: more than 1 is too far."""
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (one, other))
    if not numbers or (isinstance(one, int) and isinstance(other, int)):
        return 0.0 if _same(one, other) else math.inf
    if math.isnan(one) or math.isnan(other):
        return 0.0 if math.isnan(one) and math.isnan(other) else math.inf
    if one == other:
        return 0.0
    allowed = tolerance.absolute + tolerance.relative * abs(one)
    return abs(one - other) / allowed if allowed and math.isfinite(allowed) else math.inf


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _artifacts(recorded: Trial, again: Trial, tolerance: Tolerance, attempt: int | None) -> Iterable[Finding]:
    before, after = _digests(recorded, attempt), _digests(again)
    for name in sorted({*before, *after}):
        if _ignored(name, tolerance.artifacts):
            yield Finding("artifact", name, None, "ignored")
            continue
        old, new = before.get(name, {}), after.get(name, {})
        wrong = [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
        total = sum(map(len, old.values()))
        if not wrong:
            yield Finding("artifact", name, True, "equal" if total == 1 else f"{total}, all equal")
            continue
        missing, extra = sum(key not in new for key in wrong), sum(key not in old for key in wrong)
        differing = len(wrong) - missing - extra
        counts = [(differing, "of other content"), (missing, "missing"), (extra, "not there before")]
        detail = ", ".join(f"{count} {words}" for count, words in counts if count)
        where = f" (metadata {shown(wrong[0])})" if wrong[0] != "{}" else ""
        yield Finding("artifact", name, False, f"{detail} of {total}{where}" if total else detail)


def _digests(trial: Trial, attempt: int | None = None) -> dict[str, dict[str, list[str]]]:
    """Name → metadata → the digests of what the trial itself stored so; those of one attempt if one is named."""
    found: dict[str, dict[str, list[str]]] = {}
    for artifact in read_artifacts(trial.journal, trial.id):
        if attempt not in (None, artifact.attempt) or artifact.creator is not None:
            continue
        key = canonical(_plain(artifact.metadata)).decode("ascii")
        found.setdefault(artifact.name, {}).setdefault(key, []).append(artifact.digest)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, (str, bool, int, type(None))) else repr(value)


def _environment(recorded: Trial, again: Trial) -> Iterable[Finding]:
    before, after = recorded.environment, again.environment
    if before.get("digest") == after.get("digest"):
        return
    old, new = before.get("compared") or {}, after.get("compared") or {}
    names = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    for name in names:
        detail = "others installed" if name == "packages" else f"{_fact(old.get(name))} -> {_fact(new.get(name))}"
        yield Finding("environment", name, None, detail)


def _fact(value: Any) -> str:
    return "(none)" if value is None else shown(value)


def _ignored(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
