"""The disk refuses one call, or all from one on, at every call a script's logger makes: the script never notices, what
was acknowledged is in the spool, and what was not is counted exactly."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest

from children.failing_disk import RECORDS, content
from kleio.spool.records.reader import Gap, Record, read_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCRIPT = Path(__file__).parents[1] / "children" / "failing_disk.py"
WHOLE = {"write", "open", "rename"}
"""Operations without which a record is not there; the others only decide about durability."""


@pytest.mark.parametrize(
    ("operations", "error"),
    [
        ("write", "ENOSPC"), ("write", "EIO"), ("write", "SHORT"), ("write+ftruncate", "SHORT"), ("open", "ENOSPC"),
        ("open", "EMFILE"), ("rename", "EIO"), ("fdatasync", "EIO"), ("fsync", "EIO"), ("fdatasync+fsync", "EIO"),
    ],
)  # fmt: skip
def test_whatever_call_fails_the_script_goes_on_and_the_loss_is_told(
    tmp_path: Path, operations: str, error: str
) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "runs"), operations, error], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(run["failed"] for run in runs)
    for run in runs:
        found, lost, gaps = read_spool(Path(run["spool"]))
        case = f"{Path(run['spool']).name}: {run['kept']} {found} {lost}"
        assert all(gap.last < gap.first for gap in gaps), case  # what could not be cut off is no record
        assert found == sorted(set(found)), case
        assert set(run["kept"]) <= set(found), case
        if set(operations.split("+")) & WHOLE:
            if not run["for_ever"]:
                assert lost == RECORDS - len(found), case
        else:
            assert found == list(range(RECORDS)), case


def read_spool(spool: Path) -> tuple[list[int], int, list[Gap]]:
    """The numbers that are there, how many are said to be lost, and holes; artifacts only with their bytes."""
    found, lost, gaps = [], 0, []
    for path in sorted(spool.glob("*.ksp")):
        for item in read_records(str(path), final=True):
            if isinstance(item, Gap):
                gaps.append(item)
            elif item.stream == "lost":
                lost += item.body["records"]
            else:
                found.append(_number(spool, item))
    return sorted(found), lost, gaps


def _number(spool: Path, record: Record) -> int:
    body: Any = record.body
    if record.stream == "statistics":
        return int(body["number"])
    data = body.get("data")
    stored = (spool / "blobs" / body["digest"]).read_bytes() if data is None else b64decode(data)
    assert sha256(stored).hexdigest() == body["digest"]
    number = int(body["metadata"]["number"])
    assert stored == content(number)
    return number
