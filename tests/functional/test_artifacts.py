"""Files that scripts store come back by name and metadata, byte for byte."""

from __future__ import annotations

import pytest

SELF = """
import io
from kleio.client.logger import kleio_logger as k
d = max([m["epoch"] for f, m in k.load_artifacts("ckpt", {})] or [0]); print("from", d)
for e in range(d + 1, d + 4): k.log_artifact("ckpt", io.BytesIO(b"x"), epoch=e); k.log_statistic(epoch=e)
"""


def test_artifacts_are_found_by_metadata(kleio):
    """S18."""
    trial = kleio("python", "train.py").trial
    assert kleio("artifacts", "cat", trial, "weights", "epoch=10").out == b"w10-1\n"
    assert kleio("artifacts", "cat", trial, "weights").out.splitlines() == [b"w%d-1" % e for e in range(1, 13)]
    assert kleio("artifacts", "cat", trial, "weights", "epoch=99").out == b""
    assert kleio("artifacts", "cat", trial, "nope").out == b""
    listed = kleio.json("artifacts", "ls", trial, "--json")
    assert [(one["name"], one["metadata"]) for one in listed] == [("weights", {"epoch": e}) for e in range(1, 13)]


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)  # 300 MB; for GridFS see tests/contract
def test_odd_artifacts_come_back_exactly(kleio, repo, tmp_path):
    """S19: unrewound, text, empty, strange names; a failed read leaves nothing; constant memory."""
    done = kleio("python", "oddart.py")
    assert done.code == 0, done.words
    assert b"raised" in done.out
    grew = int(done.out.split()[-1])
    assert grew < 50
    trial = done.trial
    for name, content in (("unrewound", b"xyz\n"), ("text", "é\n".encode()), ("empty", b""), ("a/../../b c", b"p\n")):
        assert kleio("artifacts", "cat", trial, name).out == content
    (meta,) = kleio.json("artifacts", "ls", trial, "meta", "--json")
    assert meta["metadata"] == {"type": "t", "trial_id": "x", "backup_path": "y", "a.b": 1}
    assert kleio("artifacts", "cat", trial, "twice", "epoch=1").out == b"0\n1\n"
    assert kleio.json("artifacts", "ls", trial, "bad", "--json") == []
    (big,) = kleio.json("artifacts", "ls", trial, "big", "--json")
    assert big["size"] == 300_000_000
    before = sorted(tmp_path.iterdir())
    odd = kleio("artifacts", "get", trial, "a/../../b c", "-o", str(tmp_path / "got/below"))
    assert "leads somewhere else" in odd.refused()
    assert sorted((tmp_path / "got").rglob("*")) == [tmp_path / "got/below"]
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "got"])
    got = kleio("artifacts", "get", trial, "twice", "-o", str(tmp_path / "got"))
    assert got.out == b"twice-1\ntwice-2\n"
    assert (tmp_path / "got/twice-2").read_bytes() == b"1\n"


def test_a_script_goes_on_from_its_own_artifacts(kleio, repo, git):
    """S59: a branch reads its parent's up to the cut; without kleio there are none."""
    (repo / "self.py").write_text(SELF)
    git("add", "-A")
    git("commit", "-qm", "self")
    first = kleio("python", "self.py")
    assert first.out == b"from 0\n", first.words
    branch = kleio("branch", "--timestamp", "epoch=2", first.trial, "--zz", "1")
    assert branch.out == b"from 2\n", branch.words
    assert kleio("artifacts", "cat", branch.trial, "ckpt").out == b"xxxxx"
    bare = kleio.bare("python", "self.py")
    assert (bare.code, bare.out.splitlines()[0]) == (0, b"from 0")
