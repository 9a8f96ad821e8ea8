"""Any document and any segment come back equal from a line of JSON; anything else is a ``ValueError``."""

from __future__ import annotations

import json

import pytest
from contract.samples import BODIES, DOCUMENTS, same
from hypothesis import given
from hypothesis import strategies as st

from kleio.journal.contract import Segment
from kleio.moving.lines import dump, dump_segment, load, load_segment

TRIAL = "ab" * 32


@given(document=DOCUMENTS)
def test_a_document_comes_back_equal(document: dict) -> None:
    line = dump(document)
    assert b"\n" not in line
    assert line.isascii()
    json.loads(line)
    assert same(load(line), document)
    assert list(load(line)) == list(document)


@given(body=BODIES)
def test_a_segment_comes_back_equal(body: dict) -> None:
    segment = Segment(TRIAL, 3, "statistics", "w-1", 5, 9, body)
    found = load_segment(TRIAL, dump_segment(segment))
    assert same(found.body, body)
    assert found.id == segment.id
    assert found.last == segment.last


@given(document=st.dictionaries(st.text("\ud83d\ude00%u,1a", max_size=4), st.text("\ud83d\ude00\ud800", max_size=3)))
def test_surrogates_that_json_would_join_come_back_apart(document: dict) -> None:
    assert load(dump(document)) == document


@given(line=st.binary(max_size=60) | st.text('{}[]"%:,nulltextfabc123', max_size=60).map(str.encode))
def test_anything_else_is_refused_or_a_document(line: bytes) -> None:
    try:
        assert isinstance(load(line), dict)
    except ValueError:
        pass


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"7",
        b'{"a":NaN}',
        b'{"a":{"%float":[]}}',
        b'{"a":{"%int":7}}',
        b'{"a":{"%text":"no"}}',
        b'{"a":{"%bytes":3}}',
        b'{"%u":1}',
        b'{"\xc3\xa9":1}',
        b"[" * 100_000,
    ],
)
def test_what_cannot_be_a_document_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        load(line)


@pytest.mark.parametrize("change", [{"first": "0"}, {"first": True}, {"body": []}, {"stream": None}, {"attempt": None}])
def test_what_cannot_be_a_segment_is_refused(change: dict) -> None:
    good = json.loads(dump_segment(Segment(TRIAL, 1, "s", "w", 0, 0, {})))
    with pytest.raises(ValueError, match="wrong type"):
        load_segment(TRIAL, json.dumps(good | change).encode())
    for name in good:
        with pytest.raises(ValueError, match=f"without '{name}'"):
            load_segment(TRIAL, json.dumps({key: value for key, value in good.items() if key != name}).encode())
