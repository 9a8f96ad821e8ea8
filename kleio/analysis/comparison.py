"""What differs between trials, and nothing else: command, configuration, code, packages, environment, results."""

from __future__ import annotations

import os

from kleio.analysis.code_diff import CodeChange, code_change
from kleio.analysis.printed_difference import incomparable, printed_differences
from kleio.dataclass import dataclass, field
from kleio.encoding import json_text
from kleio.trial.quoting import quoted
from kleio.trial.table import FIGURES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

    from kleio.analysis.trial import Trial

SECTIONS = (
    COMMAND, CONFIGURATION, INPUTS, CODE, PACKAGES, ENVIRONMENT, MACHINE, OUTCOME, STATISTICS, ARTIFACTS, OUTPUT,
) = (
    "command", "configuration", "inputs", "code", "packages", "environment", "machine", "outcome", "statistics",
    "artifacts", "output",
)  # fmt: skip
DERIVED = frozenset({"packages", "variables"})
"""Facts of the environment that say in short what is compared at length, or name what is not compared."""


class _Absent:
    """What a trial does not have at all: not the same as ``None``."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


@dataclass(frozen=True)
class Difference:
    """Something that is not the same in all trials: of each its value, or ``ABSENT``."""

    name: str
    values: tuple[Any, ...]

    @property
    def present(self) -> tuple[bool, ...]:
        """Which of the trials have it."""
        return tuple(value is not ABSENT for value in self.values)


@dataclass(frozen=True)
class Comparison:
    """The differences of ``trials``, by section. ``code`` compares each later trial with the first.

    Of sections that could not be compared ``uncompared`` says why.
    """

    trials: tuple[Trial, ...]
    sections: Mapping[str, tuple[Difference, ...]] = field(default_factory=dict)
    code: tuple[CodeChange | None, ...] = ()
    uncompared: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return any(self.sections.values()) or any(self.code)

    def only(self, names: Collection[str]) -> Comparison:
        """Only these sections; all if none is named."""
        if not names:
            return self
        kept = {name: rows for name, rows in self.sections.items() if name in names}
        not_kept = {name: why for name, why in self.uncompared.items() if name in names}
        return Comparison(self.trials, kept, self.code if CODE in names else (), not_kept)


def compare(trials: Sequence[Trial], cwd: str | None = None, environ: Mapping[str, str] | None = None) -> Comparison:
    """Compare trials as they were at their latest attempts.

    ``cwd`` (default: the working directory) is where a repository may be at hand, ``environ`` what git sees.
    """
    cwd, environ = cwd or os.getcwd(), os.environ if environ is None else environ
    captures = [trial.capture() for trial in trials]
    environments = [
        capture.get("environment") or trial.environment for capture, trial in zip(captures, trials, strict=True)
    ]  # fmt: skip
    readers: dict[str, list[Mapping[str, Any]]] = {
        COMMAND: [_command(trial) for trial in trials],
        CONFIGURATION: [flat(trial.configuration) for trial in trials],
        INPUTS: [_inputs(trial) for trial in trials],
        PACKAGES: [each.get("packages") or {} for each in environments],
        ENVIRONMENT: [_facts(each.get("compared")) for each in environments],
        MACHINE: [_facts(each.get("recorded")) for each in environments],
        OUTCOME: [_outcome(trial) for trial in trials],
        STATISTICS: [_statistics(trial) for trial in trials],
        ARTIFACTS: [_artifacts(trial) for trial in trials],
    }
    uncompared = _uncompared(trials, environments)
    sections = {name: () if name in uncompared else tuple(_differing(values)) for name, values in readers.items()}
    sections[OUTPUT] = () if OUTPUT in uncompared else tuple(_printed(trials))
    code = tuple(code_change(trials[0], other, cwd, environ) for other in trials[1:])
    return Comparison(tuple(trials), sections, code, uncompared)


def compare_options(trials: Sequence[Trial]) -> tuple[Difference, ...]:
    """The options alone: what tells trials of the same script apart."""
    return tuple(_differing([flat(trial.configuration) for trial in trials]))


def flat(value: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested options by names with dots; the content of a configuration file by the name of its option."""
    found: dict[str, Any] = {}
    for name, each in value.items():
        path = f"{above}.{name}" if above else str(name)
        if isinstance(each, dict) and each.keys() == {"file", "content"}:
            found[path] = each["file"]
            found.update(flat(each["content"], path) if isinstance(each["content"], dict) else {})
        elif isinstance(each, dict) and each:
            found.update(flat(each, path))
        else:
            found[path] = each
    return found


def same(first: Any, second: Any) -> bool:
    """Whether two recorded values are equal; NaN is equal to itself, ``1`` and ``true`` are not."""
    if isinstance(first, float) and isinstance(second, float) and first != first:
        return second != second
    return bool(first == second) and isinstance(first, bool) == isinstance(second, bool)


def _differing(each: Sequence[Mapping[str, Any]]) -> Iterable[Difference]:
    for name in dict.fromkeys(name for values in each for name in values):
        values = tuple(one.get(name, ABSENT) for one in each)
        if not all(same(values[0], other) for other in values[1:]):
            yield Difference(name, values)


def _command(trial: Trial) -> dict[str, Any]:
    return {
        "argv": quoted(trial.argv),
        "project": f"{trial.project.get('name')} ({str(trial.project.get('id'))[:12]})",
        "directory": trial.directory,
    }


def _outcome(trial: Trial) -> dict[str, Any]:
    end = trial.outcome
    return {"status": trial.status, "exit": end and end.code, "signal": end and end.signal}


def _facts(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    return flat({name: value for name, value in (facts or {}).items() if name not in DERIVED})


def _statistics(trial: Trial) -> dict[str, Any]:
    summaries = trial.summary.get("statistics") or {}
    return {f"{name}.{figure}": of[figure] for name, of in summaries.items() for figure in FIGURES if figure in of}


def _inputs(trial: Trial) -> dict[str, Any]:
    """Each resource by its digest, or, where nobody looked at its bytes, by being named."""
    return {resource.name: resource.digest or "not read" for resource in trial.resources()}


def _uncompared(trials: Sequence[Trial], environments: Sequence[Any]) -> dict[str, str]:
    """What a trial lacks that never ran, or was recorded elsewhere, is no difference worth a list."""
    found: dict[str, str] = {}
    for trial, environment in sorted(zip(trials, environments, strict=True), key=lambda pair: pair[0].fence > 0):
        why = f"nothing of the kind was recorded of {trial.short_id}" if trial.fence else f"{trial.short_id} never ran"
        lacking = [*(() if environment else (PACKAGES, ENVIRONMENT, MACHINE)), *(() if trial.code else (CODE,))]
        for name in lacking if trial.fence else (*lacking, OUTPUT):
            found.setdefault(name, why)
    output = None if OUTPUT in found else incomparable(trials)
    return found if output is None else {**found, OUTPUT: output}


def _printed(trials: Sequence[Trial]) -> Iterable[Difference]:
    """The first line of each stream that is not the same."""
    for name, values in printed_differences(trials):
        yield Difference(name, tuple(ABSENT if value is None else value for value in values))


def _artifacts(trial: Trial) -> dict[str, Any]:
    """Digest by name and metadata; of several with the same the latest, which is what a reader would take."""
    found: dict[str, Any] = {}
    for artifact in (one for one in trial.artifacts() if one.creator is None):
        metadata = json_text(artifact.metadata, str, sort_keys=True)
        found[f"{artifact.name} {metadata}" if artifact.metadata else artifact.name] = artifact.digest
    return found
