"""Changes the tags and the name of a trial and adds notes to it, whatever its status: none is part of what it is."""

from __future__ import annotations

from shlex import quote

from kleio.errors import TrialBusy, TrialNotFound, UsageError
from kleio.journal.contract import Segment, TrialQuery
from kleio.launcher.reserve import this_process
from kleio.trial.edits import (
    EDITS,
    LONGEST_NOTE,
    NAME,
    NOTE,
    TAGS,
    VERIFIED,
    check_name,
    check_tag,
    new_edit,
    with_changes,
)
from kleio.trial.identity import SHORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal

    Document = dict[str, Any]

TRIES = 20
"""A trial that runs changes at each heartbeat, and others may tag it at the same time."""


def change_tags(
    journal: Journal, trial: str, clock: Clock, *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> list[str]:
    """Add and remove tags; returns those that the trial has then. Changes by others at the same time are kept."""
    for tag in add:
        check_tag(tag)
    for _ in range(TRIES):
        document = journal.trial(trial)
        if document is None:
            raise TrialNotFound(f"trial {trial[:7]} was deleted meanwhile")
        before = list(document.get("tags") or ())
        after = with_changes(before, add, remove)
        if after == before:
            return after
        if journal.compare_and_set(trial, {"rvn": document["rvn"]}, {"tags": after}) is not None:
            added, removed = sorted({*after} - {*before}), sorted({*before} - {*after})
            _keep(journal, document, new_edit(TAGS, clock, who=this_process(), added=added, removed=removed))
            return after
    raise TrialBusy(f"the tags of trial {trial[:7]} could not be changed: others change it all the time")


def change_name(journal: Journal, trial: str, name: str | None, clock: Clock) -> None:
    """Give the trial another name; ``None`` takes its name away."""
    if name is not None:
        check_name(name)
    for _ in range(TRIES):
        document = journal.trial(trial)
        if document is None:
            raise TrialNotFound(f"trial {trial[:7]} was deleted meanwhile")
        if document.get("name") == name:
            return
        if journal.compare_and_set(trial, {"rvn": document["rvn"]}, {"name": name}) is not None:
            _keep(journal, document, new_edit(NAME, clock, who=this_process(), text=name or ""))
            return
    raise TrialBusy(f"the name of trial {trial[:7]} could not be changed: others change it all the time")


def namesakes(journal: Journal, name: str, trial: str) -> Iterator[str]:
    """Which other trial a trial's name means as well, so that it selects none, and how to free it."""
    for query in (TrialQuery(name=name, limit=2), TrialQuery(tags=(name,), limit=2)):
        other = next((found["_id"][:SHORT] for found in journal.find_trials(query) if found["_id"] != trial), None)
        if other is not None:
            has, mend = ("that name, too", f"name {other} --unset") if query.name else (
                "a tag of that name", f"tag {other} {quote('-' + name)}"
            )  # fmt: skip
            yield f"trial {other} has {has}, so that it means neither; to free it: kleio {mend}"


def add_note(journal: Journal, document: Mapping[str, Any], text: str, clock: Clock) -> None:
    """Add a note. Notes are never changed or overwritten."""
    if not text.strip():
        raise UsageError("an empty note says nothing", hint="kleio note ID TEXT")
    if len(text) > LONGEST_NOTE:
        raise UsageError(
            f"a note has at most {LONGEST_NOTE} characters, this one has {len(text)}",
            hint="keep a long text in a file that the trial logs as an artifact",
        )
    _keep(journal, document, new_edit(NOTE, clock, who=this_process(), text=text))


def add_verdict(
    journal: Journal, document: Mapping[str, Any], text: str, content: Mapping[str, Any], clock: Clock
) -> None:  # fmt: skip
    """Keep what a verification of the trial found."""
    _keep(journal, document, new_edit(VERIFIED, clock, who=this_process(), text=text, content=dict(content)))


def _keep(journal: Journal, document: Mapping[str, Any], edit: Mapping[str, Any]) -> None:
    journal.append([Segment(document["_id"], document["fence"], EDITS, edit["id"], 0, 0, edit)])
