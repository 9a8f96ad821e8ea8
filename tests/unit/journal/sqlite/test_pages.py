from __future__ import annotations

from pathlib import Path

import pytest
from contract.samples import new_trial

from kleio.errors import JournalCorrupt
from kleio.journal.registry import open_journal
from kleio.journal.sqlite import pages


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of some hundred pages."""
    path = tmp_path / "journal.sqlite"
    journal = open_journal(f"sqlite://{path}")
    for number in range(100):
        journal.insert_trial(new_trial(f"{number:064x}", configuration={"text": "x" * 5000}))
    journal.close()
    return path


def test_whole_pages_are_ok(path: Path) -> None:
    assert pages.checked_pages(str(path)) == "ok"


def test_a_damaged_page_is_told(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 4096 * 4)
    with pytest.raises(JournalCorrupt, match="is damaged: malformed"):
        pages.checked_pages(str(path))


def test_it_ends_in_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "STEPS", 1)
    assert pages.checked_pages(str(path), 0.0) == "not all were looked at in 0 s"
