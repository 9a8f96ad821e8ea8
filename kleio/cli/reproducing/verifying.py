"""Verifies a trial: runs it again, compares, keeps the verdict."""

from __future__ import annotations

import re

from kleio.analysis.agreement import agreement_of
from kleio.cli.reproducing.rerunning import RESUMABLE, rerun
from kleio.cli.terminal.table import Column, table
from kleio.dataclass import asdict, dataclass
from kleio.errors import TrialRefused, UsageError
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from kleio.analysis.agreement import Agreement
    from kleio.analysis.finding import Tolerance
    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context
    from kleio.cli.reproducing.rerunning import RerunOrder
    from kleio.cli.terminal.console import Console

ENDED = (status.COMPLETED, status.BROKEN, status.ACKNOWLEDGED)
WORDS = {True: ("same", "green"), False: ("differs", "red"), None: ("not counted", "dim")}


@dataclass(frozen=True)
class Verdict:
    """What the verification of ``trial`` by the new trial ``by`` found."""

    trial: str
    by: str
    agreement: Agreement


def verify(context: Context, trial: Trial, order: RerunOrder, tolerance: Tolerance) -> Verdict:
    """Run the trial again and compare. Raises ``TrialRefused`` if either has no end that could be compared."""
    from kleio.clock import SystemClock
    from kleio.launcher.care.labels import add_verdict

    for pattern in tolerance.lines:
        try:
            re.compile(pattern.encode("utf-8", "surrogateescape"))
        except re.error as error:
            raise UsageError(f"--ignore-line {pattern!r} is no regular expression: {error}") from None
    if trial.status not in ENDED:
        raise TrialRefused(
            f"trial {trial.short_id} is {trial.status}: it has no result yet that could be verified",
            hint=f"kleio info {trial.short_id}",
        )
    done = rerun(context, trial.document, order)
    again = context.trials.get(done.document["_id"])
    if again is None or again.status not in ENDED:
        word = "did not start" if again is None else f"is {again.status}"
        raise TrialRefused(
            f"trial {trial.short_id} could not be verified: its repetition {word}",
            hint=f"see what happens: kleio rerun {trial.short_id}"
            if again is None or again.status not in RESUMABLE
            else f"kleio info {again.short_id}",
        )
    agreement = agreement_of(trial, again, tolerance, (str(trial.project.get("root") or ""), done.root))
    content = {**_content(agreement), "by": again.id, "tolerance": asdict(tolerance)}
    text = f"{agreement.text} (trial {again.short_id})"
    add_verdict(context.writable_journal(), trial.document, text, content, SystemClock())
    return Verdict(trial.id, again.id, agreement)


def _content(agreement: Agreement) -> dict[str, Any]:
    return {"reproduced": agreement.reproduced, "findings": [asdict(finding) for finding in agreement.findings]}


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict for programs."""
    return {"id": verdict.trial, "by": verdict.by, **_content(verdict.agreement)}


def verdict_lines(console: Console, verdict: Verdict) -> Iterator[str]:
    """The verdict for people: one line a finding, and the sum of it."""
    columns = (
        Column("what"),
        Column("name"),
        Column("verdict", palette=dict(WORDS.values())),
        Column("detail", wrap=True),
    )
    rows = [(one.what, one.name, WORDS[one.agrees][0], one.detail) for one in verdict.agreement.findings]
    yield from table(console, columns, rows)
    word, style = ("reproduced", "bold green") if verdict.agreement.reproduced else ("not reproduced", "bold red")
    yield f"{console.paint(verdict.trial[:7], 'bold')} {console.paint(word, style)} by trial {verdict.by[:7]}"
