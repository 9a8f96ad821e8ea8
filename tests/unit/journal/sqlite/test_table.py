"""Trials as columns of the SQLite journal, while others delete some of them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from contract.samples import new_trial

from kleio.errors import JournalCorrupt
from kleio.journal.contract import TrialQuery
from kleio.journal.registry import open_journal
from kleio.journal.sqlite.codec import dump, load
from kleio.journal.sqlite.index import insert_trial
from kleio.journal.sqlite.query import find
from kleio.journal.sqlite.session import Session
from kleio.journal.sqlite.table import DENSE, FEW, tabulate
from kleio.trial.table import FIGURES, Table, listed

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


@pytest.mark.parametrize("part", ["FROM names", "FROM tags", "FROM figures", "FROM documents"])
@pytest.mark.parametrize("kept", [0, 1, FEW])
def test_trials_that_are_deleted_meanwhile_have_no_row(tmp_path: Path, part: str, kept: int) -> None:
    journal = open_journal(f"sqlite://{tmp_path}/journal.sqlite")
    odd: tuple[Any, ...] = ([1, 2], 1 << 80)
    summary = {"statistics": {"loss": {"last": 0.5}}}
    documents = [
        new_trial(configuration={"lr": odd[number % 2]}, tags=["a"], summary=summary) for number in range(FEW + 20)
    ]
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


def test_a_statistic_that_is_logged_for_the_first_time_meanwhile_has_a_name(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite://{tmp_path}/journal.sqlite")
    documents = [new_trial() for _ in range(FEW)]
    for document in documents:
        journal.insert_trial(document)
    summary = {"summary": {"statistics": {"loss": {"last": 0.5}}}}
    session = Overtaken(str(tmp_path / "journal.sqlite"), create=False, timeout=1)
    session.part = "FROM figures"
    session.meanwhile = lambda: [journal.compare_and_set(one["_id"], {}, summary) for one in documents]
    found = tabulate(session, TrialQuery(), ("last",))
    assert list(found["stats.loss.last"]) == [0.5] * FEW
    session.close()
    journal.close()


def test_trials_that_lie_far_apart_are_read_one_by_one_where_all_have_the_same(tmp_path: Path) -> None:
    """Every ninth of 2,000; what few of all have is read in one stretch."""
    session = Session(str(tmp_path / "journal.sqlite"), create=True, timeout=1)
    with session:
        for place in range(2_000):
            tags = ["ninth", "x"] if place % 9 == 0 else ["x"]
            configuration = {"lr": place / 7, "flag": place % 2 == 0, **({"few": place} if place % 90 == 0 else {})}
            phase = {"last": "warm"} if place % 2 else {"last": 1, "min": 1, "max": 1}
            fields = {
                "name": f"n{place}", "tags": tags, "configuration": configuration,
                "summary": {"artifacts": place, "statistics": {"loss": {"last": place / 3}, "phase": phase}},
            }  # fmt: skip
            document = new_trial(f"{place:064x}", 5000.0 + place * 7919 % 2_000, **fields)
            insert_trial(session, document, dump(document))
    query = TrialQuery(tags=("ninth",))
    expected = Table.of(map(load, find(session, query)), FIGURES).columns()
    assert FEW < len(expected["id"]) < 2_000 / DENSE
    found = tabulate(session, query, FIGURES)
    assert {name: repr(listed(cells)) for name, cells in found.items()} == {
        name: repr(cells) for name, cells in expected.items()
    }
    session.close()


@pytest.mark.parametrize(
    "damage", ["SET cells = x'00'", "SET kinds = 7", "SET names = x'00'", "SET names = x'63000000'"]
)
def test_a_damaged_row_of_figures_is_reported(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "journal.sqlite"
    journal = open_journal(f"sqlite://{path}")
    for _ in range(FEW):
        journal.insert_trial(new_trial(summary={"statistics": {"loss": {"last": 0.5}}}))
    with sqlite3.connect(path) as outside:
        outside.execute(f"UPDATE figures {damage} WHERE trial = 7")
    outside.close()
    with pytest.raises(JournalCorrupt, match=f"the journal {path} holds a row that cannot be read: "):
        journal.tabulate(TrialQuery(), ("last",))
    journal.close()
