"""Registers a repetition of a recorded trial: the same command with the same code, as a trial of its own.

It refers to the original as a branch does that was cut before the original's first attempt: it inherits what the
original inherited, and nothing of the original itself. Nor has it the original's tags: a group of trials stays what it
was. Repetitions are numbered, since everything else of two of them is the same.
"""

from __future__ import annotations

from kleio.errors import TrialBusy
from kleio.journal.contract import TrialQuery
from kleio.launcher.reserve import this_process
from kleio.spool.shipping.hindsight import inherited_summary
from kleio.trial import status
from kleio.trial.cut import Cut
from kleio.trial.document import new_document, new_event
from kleio.trial.edits import check_name, check_tag
from kleio.trial.identity import trial_id
from kleio.trial.snapshot import CommandLine, ConfigFile, Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal

TRIES = 20
"""Others may repeat the same trial at the same time."""


def register_rerun(
    journal: Journal,
    original: Mapping[str, Any],
    clock: Clock,
    *,
    tags: Sequence[str] = (),
    name: str | None = None,
    why: str = "rerun",
) -> dict[str, Any]:
    """Register the next repetition of ``original``. Returns its document."""
    for tag in tags:
        check_tag(tag)
    if name:
        check_name(name)
    command, project = _command_of(original), _project_of(original)
    for _ in range(TRIES):
        children = journal.find_trials(TrialQuery(parent=original["_id"], trash=None))  # the trash keeps its numbers
        number = 1 + max((int(child["refers"].get("rerun") or 0) for child in children), default=0)
        refers = {
            "parent": original["_id"], "cut": Cut(original["_id"], 0, 0.0).as_document(), "rerun": number
        }  # fmt: skip
        document = new_document(
            trial_id(command, project, refers),
            command,
            project,
            clock,
            tags=tags,
            name=name,
            refers=refers,
            event=new_event(status.NEW, clock, who=this_process(), why=f"{why} of {original['_id'][:7]}"),
        )
        document["secrets"] = original["secrets"]
        document["summary"] = inherited_summary(journal, document)
        if journal.insert_trial(document):
            return document
    raise TrialBusy(f"trial {original['_id'][:7]} could not be repeated: others repeat it all the time")


def _command_of(document: Mapping[str, Any]) -> CommandLine:
    words = tuple(document["argv"])
    files = tuple(ConfigFile(file["argument"], file["digest"], None) for file in document["files"])
    return CommandLine(words, words, document["configuration"], files)


def _project_of(document: Mapping[str, Any]) -> Project:
    project = document["project"]
    return Project(project["id"], project["name"], project["root"], document["directory"])
