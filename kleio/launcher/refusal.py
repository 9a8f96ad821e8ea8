"""Why a trial does not run, in words that name the trial, the cause and the way on."""

from __future__ import annotations

from kleio.errors import TrialBroken, TrialChanged, TrialCompleted, TrialRefused
from kleio.launcher.reserve import busy
from kleio.trial import branching
from kleio.trial.status import ARRIVING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.clock import Clock
    from kleio.errors import KleioError
    from kleio.journal.contract import Journal
    from kleio.launcher.prepare import Prepared
    from kleio.trial.branching import Decision

MOST_LINES = 40


def of(
    decision: Decision, document: Mapping[str, Any], prepared: Prepared, journal: Journal, clock: Clock
) -> KleioError:
    """The error that tells why ``decision`` is not to run."""
    short = prepared.trial[:7]
    if decision.action == branching.HELD:
        return busy(document, prepared.trial, clock)
    if decision.action == branching.COMPLETED:
        return TrialCompleted(
            f"trial {short} is completed and is not run again",
            hint=f"see its results with `kleio cat {short}` or `kleio info {short}`{_variation(document, short)}; "
            "repeat it with: kleio run --repeat 2 and the same command",
        )
    if decision.action == branching.BROKEN:
        why = (document.get("outcome") or {}).get("why", "")
        return TrialBroken(
            f"trial {short} is broken ({why}) and is not run again by itself",
            hint=f"see `kleio cat --stderr {short}`; run it again with: kleio run --switch-over and the same command",
        )
    if document["status"] == ARRIVING:
        hint = "complete it by repeating the `kleio import` or `kleio copy` that began it"
        return TrialRefused(f"trial {short} is arriving from another journal, and not all of it is here yet", hint=hint)
    if decision.action == branching.CLOSED:
        return TrialRefused(f"trial {short} is {document['status']} and is not run again", hint=f"kleio info {short}")
    return _changed(decision, document, prepared, journal)


def _variation(document: Mapping[str, Any], short: str) -> str:
    """How to run it otherwise; nothing to vary in a command without options."""
    options = [word[2:].partition("=")[0] for word in document["argv"] if word.startswith("--") and word != "--"]
    return f"; vary it with: kleio branch {short} --{options[0]} VALUE" if options else ""


def _changed(decision: Decision, document: Mapping[str, Any], prepared: Prepared, journal: Journal) -> TrialChanged:
    """What differs, part by part, and how to go back or on."""
    from kleio.launcher.changed import captured, code_lines

    before = captured(journal, document)
    parts, flags = [], []
    if branching.CODE_CHANGED in decision.changes:
        parts.append(f"the code changed since trial {prepared.trial[:7]} last ran:")
        old = before.get("code") or document["code"]
        parts += _indented(code_lines(old, prepared))
        flags.append("--allow-code-change")
    if branching.ENVIRONMENT_CHANGED in decision.changes:
        from kleio.capture.environment import describe_environment_change

        parts.append(f"the environment changed since trial {prepared.trial[:7]} last ran:")
        old = before.get("environment") or document["environment"]
        parts += _indented(describe_environment_change(old, prepared.environment))
        flags.append("--allow-env-change")
    flag = flags[0] if len(flags) == 1 else "--allow-any-change"
    return TrialChanged(
        "\n".join(parts),
        hint=f"go back to what it ran with, or branch it with: kleio run {flag} and the same command",
    )


def configuration_changed(document: Mapping[str, Any], prepared: Prepared) -> TrialRefused:
    """The refusal of a trial selected by id that is another now: its configuration files hold something else, or it
    was never kleio's."""
    origin = document.get("imported")
    if origin:
        short = document["_id"][:7]
        return TrialRefused(
            f"trial {short} is a run of {origin.get('tool')}, which kleio cannot continue",
            hint=f"run its command as a trial of its own, or as a branch of it: kleio branch {short}",
        )
    recorded = {file["argument"]: file["digest"] for file in document["files"]}
    names = [file.argument for file in prepared.command.files if recorded.get(file.argument) != file.digest]
    gone = [name for name in recorded if name not in {file.argument for file in prepared.command.files}]
    return TrialChanged(
        f"the configuration of trial {document['_id'][:7]} changed: {', '.join(names + gone) or 'its project differs'}",
        hint="restore the file, run the command as a trial of its own, or branch with --allow-any-change",
    )


def _indented(lines: list[str]) -> list[str]:
    shown = [f"  {line}" for line in lines[:MOST_LINES]]
    return shown + [f"  … and {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else shown
