"""A journal that can be read and refuses everything else, whatever its user may do: for prompts and notebooks."""

from __future__ import annotations

from kleio.errors import JournalReadOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from kleio.journal.contract import Journal

READS = frozenset(
    "address close count_trials digests find_trials has last_put last_sequence missing now open ping segments size "
    "streams tabulate tally trial".split()
)
"""What a journal or a blob store can be asked without being changed."""


class ReadOnly:
    """What the journal (or the blob store) below can be asked. All else is refused, also what may be added to them."""

    def __init__(self, below: Any) -> None:
        self._below = below

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what copy and notebooks ask every object for
            raise AttributeError(name)
        return getattr(self._below, name) if name in READS else _refuse

    def __repr__(self) -> str:
        return f"<read-only {self._below!r}>"


def read_only(journal: Journal) -> Journal:
    """``journal``, as far as it can be read."""
    kept: Journal = ReadOnly(journal)
    return kept


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise JournalReadOnly("this view of the journal is for reading", hint="kleio's commands change trials")
