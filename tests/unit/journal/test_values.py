from __future__ import annotations

from enum import IntEnum

import numpy
import pytest

from kleio.journal.contract import Segment
from kleio.journal.values import DEPTH, plain_body, plain_document


class Colour(IntEnum):
    RED = 3


class Name(str):
    __slots__ = ()


def test_subclasses_become_plain() -> None:
    plain = plain_document({Name("a"): Name("b"), "n": numpy.float64(0.5), "c": Colour.RED, "t": (1, Name("x"))}, "it")
    assert plain == {"a": "b", "n": 0.5, "c": 3, "t": [1, "x"]}
    assert {type(key) for key in plain} == {str}
    assert [type(value) for value in plain.values()] == [str, float, int, list]


def test_the_copy_shares_nothing() -> None:
    document = {"a": [{"b": [1]}]}
    copy = plain_document(document, "it")
    copy["a"][0]["b"].append(2)
    assert document == {"a": [{"b": [1]}]}


@pytest.mark.parametrize("buffer", [bytearray(b"x"), memoryview(b"x"), b"x"])
def test_buffers_in_bodies_become_bytes(buffer: object) -> None:
    body = plain_body(Segment("t", 1, "s", "w", 0, 0, {"data": buffer}))
    assert type(body["data"]) is bytes


def test_a_cycle_is_refused() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    with pytest.raises(ValueError, match=f"^it: nested more than {DEPTH} levels deep$"):
        plain_document({"a": cycle}, "it")
