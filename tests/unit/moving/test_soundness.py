"""A document that nothing could read is refused when it comes, and every one that kleio wrote is taken."""

from __future__ import annotations

import pytest

from kleio.journal.contract import Segment
from kleio.moving.soundness import check_document, check_segment
from kleio.spool.output import pack_times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from unit.moving.conftest import Place


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration": "x"},
        {"duration": float("inf")},
        {"created": {"time": 1.0, "offset": "x"}},
        {"created": {"time": 1e300, "offset": 0}},
        {"created": {"time": float("nan"), "offset": 0}},
        {"started": {"time": 1e18, "offset": 0}},
        {"refers": {"parent": "a" * 64}},
        {"refers": {"parent": 5}},
        {"refers": {"parent": 5, "cut": {"attempt": 0}}},
        {"refers": {"parent": "a" * 64, "cut": {"attempt": "x"}}},
        {"refers": {"parent": "a" * 64, "cut": {"attempt": 0, "time": "x"}}},
        {"environment": {"compared": 5}},
        {"files": None},
        {"files": [{"argument": "x", "digest": 5}]},
        {"summary": {"statistics": {"x": 5}}},
        {"summary": {"statistics": [1]}},
        {"changes": 5},
    ],
)
def test_what_nothing_could_read_is_refused(here: Place, trial: str, wrong: dict[str, Any]) -> None:
    document = dict(here.parcel(trial).document)
    check_document(document, trial)
    with pytest.raises(ValueError, match=r"\w"):
        check_document({**document, **wrong}, trial)


def test_a_branch_is_sound(here: Place, branch: str) -> None:
    check_document(here.parcel(branch).document, branch)


def output(first: int, last: int, hole: object) -> Segment:
    body = {"data": b"12345678", "encoding": "raw", "size": 8, "hole": hole, "times": pack_times([])}
    return Segment("a" * 64, 1, "stdout", "output", first, last, body)


@pytest.mark.parametrize(("first", "hole"), [(0, 0), (9, 0), (9, 9), (9, None)])
def test_output_behind_a_hole_is_sound(first: int, hole: object) -> None:
    check_segment(output(first, first + 7, hole))


@pytest.mark.parametrize(("first", "last", "hole"), [(9, 16, -1), (9, 16, 10), (9, 16, "x"), (0, 8, 1), (0, 6, 0)])
def test_output_that_says_of_itself_what_cannot_be_is_refused(first: int, last: int, hole: object) -> None:
    with pytest.raises(ValueError, match=r"output|literal"):
        check_segment(output(first, last, hole))
