"""Values for the journals to hold: ordinary ones, and all those that break something somewhere."""

from __future__ import annotations

import uuid

from hypothesis import strategies as st

from kleio.journal.contract import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
ODD_KEYS = st.sampled_from(
    ["", "$set", "a.b", ".", "%", "%25", "%int", "%float", "%text", "%bytes", "\0", "\ud800", "_id"]
)
ODD_NUMBERS = st.sampled_from([2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 1 << 2_000, 5e-324, float("inf"), -0.0])
SCALARS = st.none() | st.booleans() | st.integers() | ODD_NUMBERS | st.floats() | ANY_TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT | ODD_KEYS, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(ANY_TEXT | ODD_KEYS, VALUES, max_size=6)
BODIES = st.dictionaries(ANY_TEXT | ODD_KEYS, VALUES | st.binary(max_size=400), max_size=6)


def trial_id() -> str:
    return uuid.uuid4().hex * 2


def new_trial(trial: str | None = None, created: float = 1_000.0, **fields: Any) -> dict[str, Any]:
    """A document as the launcher makes it, as far as journals look at it."""
    return {
        "_id": trial or trial_id(),
        "schema": 1,
        "status": "new",
        "fence": 0,
        "owner": None,
        "holder": None,
        "project": {"id": "p1", "name": "project"},
        "refers": None,
        "tags": [],
        "name": None,
        "created": {"time": created, "offset": 3600},
        "configuration": {"lr": 0.1, "_pos_0": "data"},
        "event": {"id": "e0", "status": "new"},
        **fields,
    }


def batch(
    trial: str, first: int, last: int, *, attempt: int = 1, stream: str = "output", writer: str = "w1"
) -> Segment:
    return Segment(trial, attempt, stream, writer, first, last, {"records": list(range(first, last + 1))})


def same(left: Any, right: Any) -> bool:
    """Equal, with the types of numbers told apart and NaN equal to itself."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return repr(left) == repr(right) if isinstance(left, float) else bool(left == right)
