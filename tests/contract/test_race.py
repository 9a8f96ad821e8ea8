"""Many processes want one trial: exactly one gets it, every time."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from contract.samples import trial_id

from kleio.journal.registry import open_journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

RACER = Path(__file__).parents[1] / "children" / "racer.py"
RACERS = 64


class Field:
    """Racers that start together at every line that is said to them."""

    def __init__(self, address: str) -> None:
        self._racers = [
            subprocess.Popen(
                [sys.executable, str(RACER), address],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
            )
            for _ in range(RACERS)
        ]

    def run(self, line: str) -> list[str]:
        """What each answered."""
        for racer in self._racers:
            assert racer.stdin is not None
            racer.stdin.write(f"{line}\n")
        return [((racer.stdout and racer.stdout.readline()) or "gone").strip() for racer in self._racers]

    def close(self) -> list[int]:
        for racer in self._racers:
            assert racer.stdin is not None
            assert racer.stdout is not None
            racer.stdin.close()
            racer.stdout.close()
        return [racer.wait() for racer in self._racers]


@pytest.fixture
def field(journal_address: str) -> Iterator[Field]:
    field = Field(journal_address)
    yield field
    assert field.close() == [0] * RACERS


@pytest.mark.race
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_one_of_64_processes_wins_every_round(journal_address: str, field: Field) -> None:
    assert field.run("") == ["open"] * RACERS  # all of them create the journal, at once
    rounds = 200 if journal_address.startswith("sqlite") else 20
    journal = open_journal(journal_address)
    trial = trial_id()
    for number in range(1, rounds + 1):
        if number % 2:
            trial, fence = trial_id(), 1  # a new trial, inserted by all of them, at once
        else:
            assert journal.compare_and_set(trial, {"fence": 1}, {"status": "failover"}, event={"id": f"cure{number}"})
            fence = 2
        assert Counter(field.run(trial)) == {f"won {fence}": 1, "lost": RACERS - 1}
        found = journal.trial(trial) or {}
        assert (found["fence"], found["status"], found["event"]["id"]) == (fence, "reserved", found["owner"])
        kept = [segment.writer for segment in journal.segments(trial, attempt=fence, stream="status")]
        assert kept == [found["owner"]]
    journal.close()
