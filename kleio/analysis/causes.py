"""Why two trials came to different results: what was recorded to differ, the likeliest cause first.

The order is a matter of judgement, and this is it: what the script was told and what it read; the code that it runs;
packages that this code imports; interpreter, processors and variables; then whatever else differs. Within a kind the
larger change comes first. If nothing recorded differs, that is said plainly: what is left is chance, or an input that
nobody recorded.
"""

from __future__ import annotations

import os
import posixpath
import re

from kleio.analysis import comparison as of
from kleio.analysis.code_diff import RecordedCode, repository_of
from kleio.analysis.imports import Used, used_by
from kleio.capture.code.git import ABSENT, LINK, parse_tree
from kleio.capture.recorded.pair import overlay
from kleio.clock import SystemClock
from kleio.dataclass import dataclass
from kleio.trial.cut import BEFORE_THE_FIRST, Cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kleio.analysis.code_diff import FileChange
    from kleio.analysis.comparison import Comparison, Difference
    from kleio.analysis.trial import Trial
    from kleio.capture.code.git import Git
    from kleio.capture.recorded.pair import State

LIKELY = 40
"""Causes from this weight on are likely ones."""
COURSE = "course"
RESULTS = (of.OUTCOME, of.STATISTICS, of.ARTIFACTS, of.OUTPUT)
SEED = re.compile(r"(?:^|[._-])(?:random[._-]?)?(?:seed|rng)(?:$|[._-])", re.IGNORECASE)
PROGRAM = re.compile("_pos_[01]")
"""The first words of a command: the interpreter and the script, or the program."""
DISTRIBUTIONS = {
    "pil": "pillow", "cv2": "opencv-python", "sklearn": "scikit-learn", "skimage": "scikit-image", "yaml": "pyyaml",
    "bs4": "beautifulsoup4", "git": "gitpython", "dateutil": "python-dateutil", "attr": "attrs", "jwt": "pyjwt",
}  # fmt: skip
"""Modules whose distribution bears another name."""
WEIGHTS = {"python": 55, "implementation": 55, "gpus": 50, "gpu_driver": 48, "cpu": 45, "interpreter": 30}


@dataclass(frozen=True)
class Cause:
    """Something that differs and may be why. ``values`` are those of both trials, ``file`` is a change of code and
    ``notes`` say more."""

    weight: int
    kind: str
    name: str
    text: str
    values: tuple[Any, Any] | None = None
    file: FileChange | None = None
    notes: tuple[str, ...] = ()

    @property
    def likely(self) -> bool:
        return self.weight >= LIKELY


@dataclass(frozen=True)
class Explanation:
    """``results`` that differ and ``causes``, the likeliest first. ``seeds`` are the seeds that both trials share,
    ``used`` is what the second trial's command runs, as far as its sources tell."""

    results: tuple[Difference, ...]
    causes: tuple[Cause, ...]
    seeds: tuple[tuple[str, Any], ...]
    inputs: int
    used: Used


def explain(comparison: Comparison, cwd: str | None = None, environ: Mapping[str, str] | None = None) -> Explanation:
    """The causes that a comparison of two trials holds; ``cwd`` and ``environ`` as in :func:`kleio.analysis.compare`.

    ``ValueError`` if more are compared.
    """
    if len(comparison.trials) != 2:
        raise ValueError(f"what explains a difference is found between two trials, not {len(comparison.trials)}")
    cwd, environ = cwd or os.getcwd(), os.environ if environ is None else environ
    first, second = comparison.trials
    used = used_code(second, repository_of((first, second), cwd, environ))
    causes = [*_from_sections(comparison, used), *_from_code(comparison, used), *_from_course(first, second)]
    causes.sort(key=lambda cause: (-cause.weight, -_size(cause), cause.name))
    return Explanation(
        results=tuple(each for name in RESULTS for each in _rows(comparison, name)),
        causes=tuple(causes),
        seeds=tuple((name, value) for name, value in of.flat(second.configuration).items() if SEED.search(name)),
        inputs=len(second.resources()),
        used=used,
    )


def used_code(trial: Trial, git: Git | None) -> Used:
    """The recorded files that the trial's command uses."""
    code = RecordedCode(trial, git)
    deadline = SystemClock().monotonic() + 30
    states = _states(git, code.details, deadline)

    def read(path: str) -> str | None:
        content = code.tree.content(path, states[path], deadline)
        return None if content is None or b"\0" in content else content.decode("utf-8", "replace")

    return used_by(trial.argv, trial.directory, states.keys(), read)


def _states(git: Git | None, details: Mapping[str, Any], deadline: float) -> dict[str, State]:
    states: dict[str, State] = {}
    commit = details.get("commit")
    if git is not None and commit:
        answer = git.run("ls-tree", "-r", "-z", "--full-tree", str(commit), deadline=deadline)
        states = {path: (mode, name) for path, mode, name in parse_tree(answer.out)} if answer.ok else {}
    if details.get("kind") == "script":
        states[str(details.get("script"))] = ("100644", "script")
    states.update(overlay(details))
    return {path: state for path, state in states.items() if state[0] not in (ABSENT, LINK)}


def _rows(comparison: Comparison, section: str) -> Sequence[Difference]:
    """The differences of a section; none of one that somebody left out."""
    return comparison.sections.get(section, ())


def _from_sections(comparison: Comparison, used: Used) -> Iterator[Cause]:
    imported = {_normal(DISTRIBUTIONS.get(name.lower(), name)) for name in used.modules}
    for section in (of.CONFIGURATION, of.INPUTS, of.PACKAGES, of.ENVIRONMENT, of.MACHINE):
        for each in _rows(comparison, section):
            weight, text = _judged(section, each, imported)
            yield Cause(weight, section, each.name, text, (each.values[0], each.values[1]))
    if not comparison.sections.get(of.CONFIGURATION):
        for each in comparison.sections.get(of.COMMAND, ()):
            yield Cause(42, of.COMMAND, each.name, f"{each.name} of the command", (each.values[0], each.values[1]))


def _judged(section: str, each: Difference, imported: set[str]) -> tuple[int, str]:
    name = each.name
    if section == of.CONFIGURATION:
        if PROGRAM.fullmatch(name):
            return 94, f"argument {name[5:]}, which may be another program"
        return (92, f"option {name}, a seed") if SEED.search(name) else (90, f"option {name}")
    if section == of.INPUTS:
        alike = all(each.present)
        return (95, f"input {name} has other bytes") if alike else (70, f"input {name} was read by one of them only")
    if section == of.PACKAGES:
        if _normal(name) in imported:
            return 60, f"package {name}, which the code imports"
        return 25, f"package {name}"
    if section == of.ENVIRONMENT:
        return (WEIGHTS.get(name, 44 if name.startswith("env.") else 28), _fact(name))
    return (15 if name.startswith(("env.", "cpu", "memory", "kernel", "gpu")) else 10, _fact(name))


def _fact(name: str) -> str:
    return f"variable {name[4:]}" if name.startswith("env.") else name.replace("_", " ")


def _from_code(comparison: Comparison, used: Used) -> Iterator[Cause]:
    directory = comparison.trials[1].directory
    inputs = {posixpath.normpath(posixpath.join(directory, each.name)) for each in _rows(comparison, of.INPUTS)}
    for change in filter(None, comparison.code):
        for file in change.files:
            if file.path in inputs:
                continue  # told already, and by its name
            lines = f"lines +{file.added} -{file.removed}" if file.hunks else file.note or file.verb
            if file.path in used.files:
                yield Cause(80, of.CODE, file.path, f"{file.path}, which the command runs: {lines}", file=file)
            elif used.files:
                text = f"{file.path}, which the command does not seem to use: {lines}"
                yield Cause(20, of.CODE, file.path, text, file=file)
            else:
                yield Cause(65, of.CODE, file.path, f"{file.path}: {lines}", file=file)
        if not change.files:
            yield Cause(65, of.CODE, "code", "the code", (change.old, change.new), notes=change.notes)


def _from_course(first: Trial, second: Trial) -> Iterator[Cause]:
    """How they came about: branched somewhere, or interrupted and resumed."""
    parents = [_goes_on_from(trial) for trial in (first, second)]
    for one, parent, other in ((first, parents[0], second), (second, parents[1], first)):
        if parent == other.id:
            text = f"{one.short_id} goes on from what {other.short_id} recorded, if it reads that"
            yield Cause(45, COURSE, "lineage", text)
            break
    else:
        if parents[0] != parents[1]:
            names = tuple(parent[:7] if parent else of.ABSENT for parent in parents)
            yield Cause(58, COURSE, "lineage", "they go on from the records of different trials", (names[0], names[1]))
    if first.fence != second.fence:
        text = "one was interrupted and resumed more often"
        yield Cause(35, COURSE, "attempts", text, (first.fence, second.fence))


def _goes_on_from(trial: Trial) -> str | None:
    """The trial whose records it begins with; ``None`` for a repetition, which shares nothing with its original."""
    if trial.parent_id is None or Cut.of(trial.refers).attempt == BEFORE_THE_FIRST:
        return None
    return trial.parent_id


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _size(cause: Cause) -> int:
    return 0 if cause.file is None else cause.file.added + cause.file.removed
