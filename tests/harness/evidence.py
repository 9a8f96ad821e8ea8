"""Compares what a script was told to be kept with what the journal holds: nothing lost, doubled, reordered, halved."""

from __future__ import annotations

import os
from pathlib import Path

from kleio.artifacts.registry import open_blobs
from kleio.journal.registry import open_journal
from kleio.spool.records.segments import points

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

ROUNDS = int(os.environ.get("KLEIO_TEST_ROUNDS", "1"))
"""How often each random test is repeated. Read once, because tests see no KLEIO_* variable of their caller."""
SEED = int(os.environ.get("KLEIO_TEST_SEED", "0")) or int.from_bytes(os.urandom(4), "little")
"""Of the random choices; a failure shows it."""


def acknowledged(directory: Path) -> dict[str, list[int]]:
    """Worker → the numbers that kleio acknowledged; an incomplete last line was cut off by the kill."""
    return {
        path.suffix[1:]: [int(line) for line in path.read_text().split("\n")[:-1]]
        for path in sorted(directory.glob("acknowledged.*"))
    }


def stored(address: str, trial: str, stream: str) -> list[Any]:
    """What the journal holds of a stream, in its order."""
    journal = open_journal(address)
    try:
        return [point.values for segment in journal.segments(trial, stream=stream) for point in points(segment.body)]
    finally:
        journal.close()


def check_everything_kept(
    address: str, trial: str, told: Mapping[str, list[int]], content: Callable[[str, int], bytes]
) -> int:
    """Holds the journal against ``told``; the number of acknowledged records."""
    statistics = [(each["worker"], each["number"]) for each in stored(address, trial, "statistics")]
    references = stored(address, trial, "artifacts")
    artifacts = [(each["metadata"]["worker"], each["metadata"]["number"]) for each in references]
    for worker, numbers in told.items():
        ours = [[number for name, number in stream if name == worker] for stream in (statistics, artifacts)]
        for each in ours:
            assert each == sorted(set(each)), f"{worker}: doubled or reordered"
        together = sorted(ours[0] + ours[1])
        assert together == list(range(len(together))), f"{worker}: a hole"
        last = numbers[-1] if numbers else -1
        assert last < len(together) <= last + 2, f"{worker}: {last} acknowledged, {len(together)} stored"
    check_blobs(address, {each["digest"]: content(*key) for each, key in zip(references, artifacts, strict=True)})
    return sum(map(len, told.values()))


def check_blobs(address: str, expected: Mapping[str, bytes]) -> None:
    """Every expected blob is whole, and so is every other one."""
    blobs = open_blobs(address)
    try:
        found = {digest: b"".join(blobs.open(digest)) for digest in blobs.digests()}
    finally:
        blobs.close()
    for digest, content in expected.items():
        assert found[digest] == content, f"blob {digest} is not what was logged"
