"""In what a branch differs from its parent: code by file and line, environment by fact, options by value.

Kept with the branch, for later nobody could say it: the parent's changes may never have been committed, and the
environment is gone.
"""

from __future__ import annotations

from kleio.capture.environment.facts import describe_environment_change
from kleio.capture.recorded.change import describe_change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.journal.contract import Journal
    from kleio.launcher.decision.prepare import Prepared

MOST_LINES = 40
KEYS = ("digest", "commit", "dirty")


def captured(journal: Journal, document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The details that the latest attempt recorded: ``{"code": …, "environment": …}``."""
    from kleio.spool.records.segments import points

    found: dict[str, Mapping[str, Any]] = {}
    for segment in journal.segments(document["_id"], stream="capture"):
        for point in points(segment.body):
            found[point.values["type"]] = point.values
    return found


def code_lines(before: Mapping[str, Any], prepared: Prepared) -> list[str]:
    """What differs in the code, in words."""
    return describe_change(before, prepared.code, prepared.target.cwd, prepared.snapshot.redactor)


def changes_of(prepared: Prepared, journal: Journal) -> list[dict[str, Any]]:
    """The changes of a branch that is about to be made: ``{"what", "from", "to"}`` each. ``lines`` tell more of code
    and environment. An option has a ``name``, and ``added`` or ``removed`` where one side has none."""
    parent = prepared.parent
    if parent is None:
        return []
    found: list[dict[str, Any]] = []
    details: dict[str, Mapping[str, Any]] | None = None
    for what, now in (("code", prepared.code.summary()), ("environment", prepared.environment.summary())):
        before = parent[what] or {}
        if before and before["digest"] != now["digest"]:
            details = captured(journal, parent) if details is None else details
            old = details.get(what) or before
            new = prepared.environment
            lines = code_lines(old, prepared)[1:] if what == "code" else describe_environment_change(old, new)
            found.append({"what": what, "from": _part(before), "to": _part(now), "lines": lines[:MOST_LINES]})
    return found + _options(parent["configuration"], prepared.command.configuration)


def _options(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for key in dict.fromkeys([*old, *new]):
        if (key in old, old.get(key)) != (key in new, new.get(key)):
            change = {"what": "option", "name": key, "from": old.get(key), "to": new.get(key)}
            missing = {"added": True} if key not in old else {"removed": True} if key not in new else {}
            found.append({**change, **missing})
    return found


def _part(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {key: summary[key] for key in KEYS if key in summary}
