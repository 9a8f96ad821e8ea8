"""Trials as ``--json`` shows them. The names of these fields are a promise (``docs/reference/grammar.rst``)."""

from __future__ import annotations

from kleio.analysis.history import typed_cut
from kleio.trial.edits import TAGS
from kleio.trial.hosting import commit_page
from kleio.trial.identity import SHORT
from kleio.trial.status import HELD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from kleio.analysis.artifacts import Resource
    from kleio.analysis.edits import Edit
    from kleio.analysis.history import Attempt, Outcome
    from kleio.analysis.moment import Moment
    from kleio.analysis.trial import Trial

STATUS_STYLES = {
    "completed": "green",
    "running": "cyan",
    "reserved": "cyan",
    "broken": "red",
    "failover": "magenta",
    "suspended": "yellow",
    "interrupted": "yellow",
    "switchover": "yellow",
    "arriving": "yellow",
}


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """For each id its shortest prefix, of at least seven characters, that no other begins with."""
    ordered = sorted(set(ids))
    found = {}
    for index, one in enumerate(ordered):
        beside = ordered[max(0, index - 1) : index] + ordered[index + 1 : index + 2]
        length = SHORT
        while length < len(one) and any(other[:length] == one[:length] for other in beside):
            length += 1
        found[one] = one[:length]
    return found


def trial_json(trial: Trial) -> dict[str, Any]:
    """What lists show of a trial."""
    return {
        "id": trial.id,
        "short_id": trial.short_id,
        "status": trial.status,
        "command": trial.command,
        "argv": list(trial.argv),
        "name": trial.name,
        "tags": list(trial.tags),
        "project": {"id": trial.project.get("id"), "name": trial.project.get("name")},
        "directory": trial.directory,
        "attempts": trial.fence,
        "created": moment_json(trial.created),
        "started": moment_json(trial.started),
        "ended": moment_json(trial.ended),
        "duration": trial.duration,
        "progress": progress_json(trial),
        "outcome": outcome_json(trial.outcome),
        "parent": trial.parent_id,
        "within": trial.within.get("trial"),
        "statistics": trial.summary.get("statistics") or {},
        "artifacts": trial.summary.get("artifacts") or 0,
    }


def progress_json(trial: Trial) -> dict[str, Any] | None:
    """What the latest heartbeat of a trial that runs told: when, the step, the sample, and when it last printed."""
    told = trial.document.get("progress") or {}
    if trial.status not in HELD or told.get("attempt") != trial.fence:
        return None
    return {key: told.get(key) for key in ("time", "step", "metrics", "output")}


def details_json(
    trial: Trial,
    attempts: Sequence[Attempt],
    children: Sequence[str],
    output: dict[str, int],
    packages: dict[str, str],
    edits: Sequence[Edit] = (),
) -> dict[str, Any]:
    """All that ``kleio info`` shows."""
    return {
        **trial_json(trial),
        "evidence": trial.evidence or None,
        "holder": {key: trial.holder.get(key) for key in ("host", "user", "pid")} if trial.holder else None,
        "configuration": trial.configuration,
        "code": trial.code or None,
        "code_page": commit_page(str(trial.code.get("remote") or ""), str(trial.code.get("commit") or "")),
        "environment": {**trial.environment, "packages": packages} if trial.environment else None,
        "within_attempt": trial.within.get("attempt"),
        "cut": {**trial.refers["cut"], "typed": typed_cut(trial.history())} if trial.refers.get("cut") else None,
        "changes": list(trial.document.get("changes") or ()),
        "children": list(children),
        "output": output,
        "history": [attempt_json(attempt) for attempt in attempts],
        "edits": [edit_json(edit) for edit in edits],
        "metrics": trial.metrics(),
        "resources": [resource_json(resource) for resource in trial.resources()],
        "imported": trial.document.get("imported"),
    }


def resource_json(resource: Resource) -> dict[str, Any]:
    """An input that the script named."""
    return {
        "name": resource.name,
        "kind": resource.kind,
        "digest": resource.digest,
        "size": resource.size,
        "path": resource.path,
        "metadata": resource.metadata,
        "attempt": resource.attempt,
    }


def attempt_json(attempt: Attempt) -> dict[str, Any]:
    """One execution."""
    return {
        "attempt": attempt.number,
        "status": attempt.status,
        "started": moment_json(attempt.started),
        "ended": moment_json(attempt.ended),
        "duration": attempt.duration,
        "outcome": outcome_json(attempt.outcome),
        "host": attempt.who.get("host"),
        "user": attempt.who.get("user"),
        "pid": attempt.who.get("pid"),
        "cwd": attempt.cwd or None,
        "usage": attempt.usage,
        "capture": attempt.capture or None,
        "events": [
            {
                "status": event.status,
                **(moment_json(event.moment) or {}),
                "why": event.why,
                "cause": event.cause,
                "who": event.who,
            }
            for event in attempt.events
        ],
    }


def edit_json(edit: Edit) -> dict[str, Any]:
    """A note or a change of tags."""
    content = {"text": edit.text} if edit.kind != TAGS else {"added": list(edit.added), "removed": list(edit.removed)}
    more = {"content": edit.content} if edit.content else {}
    return {"kind": edit.kind, **(moment_json(edit.moment) or {}), "who": edit.who, **content, **more}


def moment_json(moment: Moment | None) -> dict[str, Any] | None:
    """A time as seconds since the epoch and in ISO 8601 with its zone."""
    return None if moment is None else {"time": moment.time, "iso": moment.iso()}


def outcome_json(outcome: Outcome | None) -> dict[str, Any] | None:
    """How a command ended."""
    if outcome is None:
        return None
    return {"code": outcome.code, "signal": outcome.signal, "why": outcome.why, "cause": outcome.cause}
