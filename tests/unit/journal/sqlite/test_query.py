"""Queries become statements that old builds of SQLite take, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from contract.samples import new_trial

from kleio.journal.contract import TrialQuery
from kleio.journal.registry import open_journal
from kleio.journal.sqlite.query import MOST_IDS, selected
from kleio.journal.sqlite.session import Session
from kleio.trial.statement import parse

MOST_VARIABLES = 999
"""That SQLite < 3.32 binds in one statement."""
LIMIT_AND_OFFSET = 2


@pytest.mark.parametrize("ids", [1, MOST_IDS, MOST_IDS + 1, 5_000])
@pytest.mark.parametrize("terms", [0, 20, 30, 60, 500])
def test_a_query_never_binds_more_than_old_builds_take(tmp_path: Path, ids: int, terms: int) -> None:
    journal = open_journal(f"sqlite://{tmp_path}/journal.sqlite")
    documents = [new_trial(configuration={"lr": number}) for number in range(3)]
    for document in documents:
        journal.insert_trial(document)
    others = [f"{number:064x}" for number in range(ids - 1)]
    among = ", ".join(map(str, range(1, 13)))
    term = f"(config.lr in ({among}) and config.lr < {{}})"
    where = parse(" or ".join(term.format(2 + number) for number in range(terms))) if terms else None
    query = TrialQuery(ids=[documents[1]["_id"], *others], where=where)
    assert [found["_id"] for found in journal.find_trials(query)] == [documents[1]["_id"]]
    journal.close()
    session = Session(str(tmp_path / "journal.sqlite"), create=False, timeout=1)
    assert len(selected(session, query).values) + LIMIT_AND_OFFSET <= MOST_VARIABLES
    session.close()
