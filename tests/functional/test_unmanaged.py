"""The same script without kleio: it prints, and touches nothing."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
@pytest.mark.parametrize("journal", ["configured", "down", "nonsense"])
def test_script_without_kleio_prints_and_touches_nothing(kleio, repo, home, git, journal):
    """S20: also when the journal is away or its address is nonsense."""
    address = {"configured": kleio.environment["KLEIO_JOURNAL"], "down": "mongodb://127.0.0.1:1/x", "nonsense": "x://"}
    before = sorted(str(path) for path in home.rglob("*"))
    done = kleio.bare("python", "train.py", "--epochs", "2", env={"KLEIO_JOURNAL": address[journal]})
    assert (done.code, done.err) == (0, b"")
    assert done.out.decode().splitlines() == [
        "epoch 1 lr 1", "epoch=1 loss=1.0 lr='1'", "artifact 'weights' epoch=1",
        "epoch 2 lr 1", "epoch=2 loss=0.5 lr='1'", "artifact 'weights' epoch=2",
    ]  # fmt: skip
    assert git("status", "--porcelain") == ""
    assert sorted(str(path) for path in home.rglob("*")) == before
    assert kleio.ids() == []
