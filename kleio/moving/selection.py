"""Which trials go: those that were asked for, their ancestors before them, their descendants if wanted.

A branch without its ancestors would read nothing of what it inherits, so they always go with it.
"""

from __future__ import annotations

from kleio.dataclass import dataclass
from kleio.journal.contract import TrialQuery
from kleio.moving.parcel import JournalParcel
from kleio.spool.attempt.liveness import Observer
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal


@dataclass(frozen=True)
class Waiting:
    """A trial that stays for now, and why: it runs, or is itself arriving here."""

    trial: str
    why: str


class Selection:
    """Trials of one journal, in an order in which none comes before what it is a branch of.

    ``selected`` are those that were asked for, ``trials`` all that go with them.
    """

    def __init__(self, journal: Journal, selected: Iterable[str], *, descendants: bool = False) -> None:
        self._journal = journal
        self.selected = list(dict.fromkeys(selected))
        self.trials: list[str] = []
        wanted = list(_descendants(journal, self.selected)) if descendants else self.selected
        seen: set[str] = set()
        for trial in wanted:
            self._add(trial, seen)

    def _add(self, trial: str, seen: set[str]) -> None:
        """A trial behind its ancestors. A lineage that leads in a circle ends where it meets itself."""
        line = []
        below: str | None = trial
        while below is not None and below not in seen:
            document = self._journal.trial(below)
            if document is None:
                break
            seen.add(below)
            line.append(below)
            below = _above(document)
        self.trials += reversed(line)

    def parcels(self, blobs: BlobStore, *, running: bool = False) -> Iterator[JournalParcel | Waiting]:
        """The trials one by one, each as of the moment when it is its turn. ``running`` ones only if wanted."""
        observer = Observer(self._journal)
        waiting: set[str | None] = set()
        for trial in self.trials:
            document = self._journal.trial(trial)
            if document is None:
                continue  # deleted meanwhile
            document, now, _ = observer.current(document)
            parent = _above(document)
            why = _why_not(document, now, running)
            if not why and parent is not None and parent in waiting:
                why = f"it is a branch of trial {parent[:7]}, which stays for now"
            if why:
                waiting.add(trial)
            yield Waiting(trial, why) if why else JournalParcel(self._journal, blobs, document, now)


def _above(document: Mapping[str, Any]) -> str | None:
    """The trial that this one is a branch of. (The cut may lie in what that one inherits; so it is further up.)"""
    refers = document.get("refers")
    return str(refers["parent"]) if refers else None


def _descendants(journal: Journal, trials: Iterable[str]) -> Iterator[str]:
    """The trials and all that were branched off them, directly or not."""
    left, seen = list(trials), set[str]()
    while left:
        trial = left.pop(0)
        if trial not in seen:
            seen.add(trial)
            yield trial
            left += [child["_id"] for child in journal.find_trials(TrialQuery(parent=trial))]


def _why_not(document: Mapping[str, Any], now: str, running: bool) -> str:
    if now == status.ARRIVING:
        return "it is still arriving here"
    if now in status.HELD and not running:
        where = (document.get("holder") or {}).get("host") or "another machine"
        return f"it is {now} on {where}"
    return ""
