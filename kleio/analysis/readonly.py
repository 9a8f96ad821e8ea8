"""A journal that can be read and refuses everything else, whatever its user may do: for prompts and notebooks."""

from __future__ import annotations

from kleio.errors import JournalReadOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from kleio.journal.contract import Journal

WRITES = frozenset(
    "insert_trial compare_and_set replace_trial delete_trial append extend put put_many collect sweep".split()
)
"""What changes a journal or a blob store."""


class ReadOnly:
    """Everything that the journal (or the blob store) below offers, except what would change it."""

    def __init__(self, below: Any) -> None:
        self._below = below

    def __getattr__(self, name: str) -> Any:
        if name in WRITES:
            return _refuse
        return getattr(self._below, name)

    def __repr__(self) -> str:
        return f"<read-only {self._below!r}>"


def read_only(journal: Journal) -> Journal:
    """``journal``, as far as it can be read."""
    kept: Journal = ReadOnly(journal)
    return kept


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise JournalReadOnly("this view of the journal is for reading", hint="kleio's commands change trials")
