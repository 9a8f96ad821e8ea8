"""A trial as the journal stores it: how a new document is made, and how its moves are described."""

from __future__ import annotations

import os

from kleio.clock import stamp
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.trial.snapshot import CommandLine, Project

DOCUMENT_SCHEMA = 1


def new_document(
    trial_id: str,
    command: CommandLine,
    project: Project,
    clock: Clock,
    *,
    tags: Sequence[str] = (),
    name: str | None = None,
    refers: Mapping[str, Any] | None = None,
    within: Mapping[str, Any] | None = None,
    changes: Sequence[Mapping[str, Any]] = (),
    event: Mapping[str, Any],
) -> dict[str, Any]:
    """The document of a trial that nobody has run yet.

    ``within`` links to the trial whose command started this one: ``{"trial": id, "attempt": number}``. ``changes``
    says in what a branch differs from its parent: ``{"what", "from", "to"}`` each.
    """
    return {
        "_id": trial_id,
        "schema": DOCUMENT_SCHEMA,
        "status": status.NEW,
        "fence": 0,
        "owner": None,
        "holder": None,
        "project": {"id": project.id, "name": project.name, "root": project.root},
        "directory": project.directory,
        "argv": list(command.redacted),
        "secrets": command.has_secrets,
        "configuration": dict(command.configuration),
        "files": [{"argument": file.argument, "digest": file.digest} for file in command.files],
        "refers": dict(refers) if refers else None,
        "within": dict(within) if within else None,
        "changes": [dict(change) for change in changes],
        "tags": sorted(set(tags)),
        "name": name,
        "created": stamp(clock),
        "started": None,
        "ended": None,
        "duration": 0.0,
        "outcome": None,
        "code": None,
        "environment": None,
        "summary": {},
        "event": dict(event),
    }


def new_event(new_status: str, clock: Clock, *, who: Mapping[str, Any], why: str, **more: Any) -> dict[str, Any]:
    """One move: ``who`` is ``{"user", "host", "pid"}``, ``why`` a short cause such as ``exit 3`` or ``Ctrl-C``."""
    return {"id": os.urandom(8).hex(), "status": new_status, **stamp(clock), "who": dict(who), "why": why, **more}


def new_owner() -> str:
    """A token that no other launch has: 32 hexadecimal digits from the system's random source."""
    return os.urandom(16).hex()
