"""Why a trial does not run, in words that name the trial, the cause and the way on."""

from __future__ import annotations

from kleio.errors import TrialBroken, TrialChanged, TrialCompleted, TrialRefused
from kleio.launcher.reserve import busy
from kleio.trial import branching
from kleio.trial.status import ARRIVING
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.errors import KleioError
    from kleio.journal.contract import Journal
    from kleio.launcher.decision.prepare import Prepared
    from kleio.trial.branching import Decision

MOST_LINES = 40


def of(
    decision: Decision, document: Mapping[str, Any], prepared: Prepared, journal: Journal, clock: Clock
) -> KleioError:
    """The error that tells why ``decision`` is not to run."""
    short = prepared.trial[:7]
    if decision.action == branching.HELD:
        return busy(document, prepared.trial, clock)
    if decision.action == branching.COMPLETED and decision.changes:
        return TrialCompleted(
            f"trial {short} is completed and is not run again; {' and '.join(decision.changes)} since",
            hint=f"run what changed as a branch of it with: kleio run {_flag(decision.changes)} and the same command; "
            f"see what it did with `kleio info {short}`",
        )
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
            hint=f"see `kleio cat --stderr {short}`; run it again with: {way_again(document.get('refers'))}",
        )
    if document["status"] == ARRIVING:
        hint = "complete it by repeating the `kleio import` or `kleio copy` that began it"
        return TrialRefused(f"trial {short} is arriving from another journal, and not all of it is here yet", hint=hint)
    if decision.action == branching.CLOSED:
        return TrialRefused(f"trial {short} is {document['status']} and is not run again", hint=f"kleio info {short}")
    return _changed(decision, document, prepared, journal)


def way_again(refers: Mapping[str, Any] | None) -> str:
    """How a broken trial is run again. The command of a rerun would mean the trial that it repeats."""
    if refers and refers.get("rerun"):
        return f"kleio rerun {str(refers['parent'])[:7]}"
    return "kleio run --switch-over and the same command"


def _variation(document: Mapping[str, Any], short: str) -> str:
    """How to run it otherwise; nothing to vary in a command without options."""
    options = [word[2:].partition("=")[0] for word in document["argv"] if word.startswith("--") and word != "--"]
    return f"; vary it with: kleio branch {short} --{options[0]} VALUE" if options else ""


def unlike_original(
    differing: Sequence[str], original: Mapping[str, Any], prepared: Prepared, journal: Journal
) -> TrialChanged:
    """The refusal of a repetition whose results would not be those of the original's code, or environment."""
    parts, aside = _differences(differing, original, prepared, journal)
    return TrialChanged(
        "\n".join([f"trial {prepared.trial[:7]} repeats trial {original['_id'][:7]}, but is not the same:", *parts]),
        hint=f"go back to what that ran with, or repeat it all the same with {_flag(differing)}{aside}",
    )


def _changed(decision: Decision, document: Mapping[str, Any], prepared: Prepared, journal: Journal) -> TrialChanged:
    """What differs, part by part, and how to go back or on."""
    parts, aside = _differences(decision.changes, document, prepared, journal)
    return TrialChanged(
        "\n".join(parts),
        hint="go back to what it ran with, or branch it with: "
        f"kleio run {_flag(decision.changes)} and the same command{aside}",
    )


def _differences(
    differing: Sequence[str], document: Mapping[str, Any], prepared: Prepared, journal: Journal
) -> tuple[list[str], str]:
    """What differs from what trial ``document`` ran with, in lines; and what the hint says besides."""
    from kleio.launcher.decision.changed import captured, code_lines

    before, parts, aside = captured(journal, document), [], ""
    if branching.CODE_CHANGED in differing:
        from kleio.capture.recorded.change import untracked_since

        parts.append(f"the code changed since trial {document['_id'][:7]} last ran:")
        old = before.get("code") or document["code"]
        parts += _indented(code_lines(old, prepared))
        if untracked_since(old, prepared.code):
            aside = "; files that are no part of the code are named by the setting code_ignore, as in kleio.toml"
    if branching.ENVIRONMENT_CHANGED in differing:
        from kleio.capture.environment.facts import describe_environment_change

        parts.append(f"the environment changed since trial {document['_id'][:7]} last ran:")
        old = before.get("environment") or document["environment"]
        parts += _indented(describe_environment_change(old, prepared.environment))
    return parts, aside


def _flag(differing: Sequence[str]) -> str:
    """The option that allows all of this."""
    if len(differing) != 1:
        return "--allow-any-change"
    return "--allow-code-change" if branching.CODE_CHANGED in differing else "--allow-env-change"


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
    return shown + [f"  … and {counted(len(lines) - MOST_LINES, 'more line')}"] if len(lines) > MOST_LINES else shown
