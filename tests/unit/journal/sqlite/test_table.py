"""Trials as columns of the SQLite journal, while others delete some of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from contract.samples import new_trial

from kleio.journal.contract import TrialQuery
from kleio.journal.registry import open_journal
from kleio.journal.sqlite.session import Session
from kleio.journal.sqlite.table import FEW, tabulate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


class Overtaken(Session):
    """Somebody else comes before the first read of ``part``."""

    part = ""
    meanwhile: Callable[[], object] | None = None

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        meanwhile = self.meanwhile
        if meanwhile is not None and self.part in sql:
            self.meanwhile = None
            meanwhile()
        return super().read(sql, parameters)


@pytest.mark.parametrize("part", ["FROM names", "FROM tags", "FROM documents"])
@pytest.mark.parametrize("kept", [0, 1, FEW])
def test_trials_that_are_deleted_meanwhile_have_no_row(tmp_path: Path, part: str, kept: int) -> None:
    journal = open_journal(f"sqlite://{tmp_path}/journal.sqlite")
    odd: tuple[Any, ...] = ([1, 2], 1 << 80)
    documents = [new_trial(configuration={"lr": odd[number % 2]}, tags=["a"]) for number in range(FEW + 20)]
    for document in documents:
        journal.insert_trial(document)
    gone, left = documents[kept:], [document["_id"] for document in documents[:kept]]
    session = Overtaken(str(tmp_path / "journal.sqlite"), create=False, timeout=1)
    session.part, session.meanwhile = part, lambda: [journal.delete_trial(one["_id"]) for one in gone]
    found = tabulate(session, TrialQuery(), ("last",))
    assert session.meanwhile is None
    assert sorted(found.get("id", [])) == sorted(left)
    assert all(len(cells) == kept for cells in found.values())
    assert not any(isinstance(cell, bytes) for cells in found.values() for cell in cells)
    session.close()
    journal.close()
