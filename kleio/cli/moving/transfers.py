"""What ``export``, ``import`` and ``copy`` share: which trials, and how it is said what became of them."""

from __future__ import annotations

import click

from kleio.cli.options import TrialWord, json_option
from kleio.cli.selecting import SAY_ALL, Filter
from kleio.dataclass import dataclass
from kleio.errors import UsageError
from kleio.units import counted, size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from kleio.analysis.query import Trials
    from kleio.cli.context import Context
    from kleio.cli.terminal.console import Console
    from kleio.moving.transfer import Moved

    Decorated = Callable[..., Any]

SILENT = ("there", "newer")
"""Results that are counted, not listed."""
LABELS = {"copy": "copying", "import": "importing"}
WORDS = {
    "added": "added",
    "updated": "brought up to date",
    "completed": "completed, it had begun to arrive before",
    "there": "there already",
    "newer": "newer there, left as they are",
    "waiting": "not moved yet",
    "refused": "refused",
    "failed": "failed",
}
EXIT_LATER = 75
EXIT_FAILED = 125


def selection_options(function: Decorated) -> Decorated:
    """``--where FILTER --all --descendants --running``."""
    for decorate in (
        click.option("--running", is_flag=True, help="Also trials that still run, as of this moment; there: failover."),
        click.option("--descendants", is_flag=True, help="Also what was branched off them."),
        click.option("-a", "--all", "everything", is_flag=True, help="All trials of the journal."),
        click.option(
            "-w",
            "--where",
            metavar="FILTER",
            type=Filter(SAY_ALL),
            help="Trials of all projects that fit: 'project == mine and stats.loss < 1'.",
        ),
    ):
        function = decorate(function)
    return function


def report_options(function: Decorated) -> Decorated:
    """``--dry-run --json``."""
    text = "Show what would be done; do nothing."
    return click.option("--dry-run", is_flag=True, help=text)(json_option(function))


def words_argument(function: Decorated) -> Decorated:
    """``[ID]…``."""
    return click.argument("words", metavar="[ID]…", nargs=-1, type=TrialWord())(function)


@dataclass(frozen=True)
class Wish:
    """Which trials: by ``words``, by a filter, or all; ``descendants`` and ``running`` ones too or not."""

    words: tuple[str, ...]
    where: str | None
    everything: bool
    descendants: bool
    running: bool

    def ids(self, trials: Trials) -> list[str]:
        """The trials that were asked for."""
        asked = [bool(self.words), self.where is not None, self.everything]
        if sum(asked) != 1:
            told = "either name trials, or say --where, or --all" if any(asked) else "which trials?"
            raise UsageError(told, hint="name them, choose by --where FILTER, or take --all; `kleio ls` shows them")
        if self.words:
            return [trials.trial(word).id for word in self.words]
        return [trial.id for trial in trials.trials(self.where or "")]


def report(
    context: Context, command: str, moved: Iterable[Moved], *, total: int | None, dry_run: bool, as_json: bool
) -> int:  # fmt: skip
    """Move them, say what became of each, and return the exit code: 125 if any failed or was refused, 75 if any has to
    wait, else 0."""
    from kleio.cli.terminal.progress import progress

    console = context.console
    done: list[Moved] = []
    try:
        with progress(console, LABELS[command], total=total, unit="trials") as advance:
            for one in moved:
                done.append(one)
                advance(1)
    finally:  # also of what was done before the journal went away
        if not as_json:
            _tell(console, done, dry_run)
    counts = {word: sum(one.result == word for one in done) for word in WORDS}
    if as_json:
        from kleio.dataclass import asdict

        trials = [asdict(one) for one in done]
        console.json(command, {"dry_run": dry_run, "counts": counts, "trials": trials})
    console.say(_summary(counts, done, dry_run))
    if counts["refused"] or counts["failed"]:
        return EXIT_FAILED
    return EXIT_LATER if counts["waiting"] else 0


def _tell(console: Console, moved: Sequence[Moved], dry_run: bool) -> None:
    for one in moved:
        if one.result == "waiting":
            console.fail(f"trial {one.trial[:7]} stays: {one.why}", one.hint)
        elif one.why:
            console.fail(one.why, one.hint)
        elif one.result not in SILENT:
            console.line(
                f"{one.trial[:7]} {'would be ' if dry_run else ''}{one.result}{f': {one.edits}' if one.edits else ''}"
            )


def _summary(counts: dict[str, int], moved: Sequence[Moved], dry_run: bool) -> str:
    parts = [f"{count} {WORDS[word]}" for word, count in counts.items() if count]
    text = "trials: " + ", ".join(parts) if parts else "no trial"
    brought = sum(one.blobs for one in moved)
    if brought:
        text += f"; {counted(brought, 'file')}, {size_text(sum(one.bytes for one in moved))}"
    return text + (" (nothing was done)" if dry_run else "")
