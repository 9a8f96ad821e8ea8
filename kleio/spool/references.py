"""Which blobs a trial refers to: anything in its document or records that looks like a digest.

Statistics, output and the trial's own moves are left out, because they name none and may be large. What only looks like
a reference keeps a blob alive that nobody needs; what was not seen as one would lose it.
"""

from __future__ import annotations

import re

from kleio.journal.change import EVENTS
from kleio.spool.output import STREAMS
from kleio.spool.records.segments import GAPS, METRICS, STATISTICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.journal.contract import Journal

_NO_REFERENCES = frozenset({STATISTICS, METRICS, GAPS, EVENTS, *STREAMS})
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def refers_to_blobs(stream: str) -> bool:
    """Whether records of this stream may name blobs."""
    return stream not in _NO_REFERENCES


def digests_in(value: Any) -> set[str]:
    """Everything in a stored value that looks like a digest."""
    if isinstance(value, str):
        return set(_DIGEST.findall(value))
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        return set().union(*map(digests_in, value))
    return set()


def references_of(journal: Journal, document: Mapping[str, Any]) -> set[str]:
    """All digests that a trial names."""
    found = digests_in(document)
    for stream in filter(refers_to_blobs, journal.streams(document["_id"])):
        for segment in journal.segments(document["_id"], stream=stream):
            found |= digests_in(segment.body)
    return found
