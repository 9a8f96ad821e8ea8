from __future__ import annotations

import json
import os

import pytest
from contract.samples import BODIES, DOCUMENTS, same
from hypothesis import example, given
from hypothesis import strategies as st

from kleio.encoding import Written
from kleio.journal.sqlite.codec import dump, load, load_with_text, pack, unpack


@given(document=DOCUMENTS)
def test_documents_come_back_equal(document: dict) -> None:
    assert same(load(dump(document)), document)


SUMMARY = st.fixed_dictionaries({}, optional={"artifacts": st.just(0), "statistics": DOCUMENTS, "x": DOCUMENTS})


@given(
    document=st.fixed_dictionaries({}, optional={"statistics": DOCUMENTS, "summary": SUMMARY, "name": st.text()})
    | DOCUMENTS
)
@example(document={"summary": {"statistics": {"loss": {"last": 0.1, "count": 3}}}})
@example(document={"summary": {"statistics": {"loss": {"last": "ö"}}, "x": {"statistics": {}}}})
@example(document={"summary": {"statistics": {"loss": {"last": "\x7f"}}}, "name": '"summary":{"statistics":{}'})
@example(document={"summary": {"statistics": {"loss": {"last": float("nan")}}}})
@example(document={"summary": {"x": {"statistics": {"a": 1}}, "statistics": None}})
@example(document={"summary": {"statistics": "%"}, "x": {"statistics": {"a": 1}}})
@example(document={"summary": "statistics", "statistics": {}})
def test_documents_whose_statistics_know_their_text_are_equal_and_the_text_says_the_same(document: dict) -> None:
    found = load_with_text(dump(document))
    summary = found.get("summary")
    statistics = summary.get("statistics") if isinstance(summary, dict) else None
    if isinstance(statistics, Written):
        assert json.loads(statistics.text) == document["summary"]["statistics"]
        assert statistics.text.isprintable()
        assert statistics.text.isascii()
        found["summary"]["statistics"] = dict(statistics)
    assert same(found, load(dump(document)))


def test_ordinary_statistics_know_their_text() -> None:
    statistics = {"loss": {"last": 0.1, "min": -1e300, "count": 3}, 'odd { \\ " name }': {"last": "text"}}
    found = load_with_text(dump({"summary": {"artifacts": 1, "statistics": statistics, "lost": 0}, "x": {}}))
    assert isinstance(found["summary"]["statistics"], Written)
    assert json.loads(found["summary"]["statistics"].text) == statistics


@given(body=BODIES)
def test_bodies_come_back_equal(body: dict) -> None:
    assert same(unpack(pack(body)), body)


def test_an_ordinary_document_is_ordinary_json() -> None:
    document = {"lr": 0.1, "name": "größe", "tags": ["a"], "none": None, "$x": {"a.b": "50%"}}
    assert json.loads(dump(document)) == document
    assert "größe" in str(dump(document))


@pytest.mark.parametrize("key", ["%float", "%int", "%bytes", "%25", "%25float", "%", "%%"])
@pytest.mark.parametrize("value", ["nan", "1f", [0, 1], {"%float": "nan"}])
def test_a_document_that_looks_like_an_escape_is_not_one(key: str, value: object) -> None:
    assert load(dump({"a": {key: value}})) == {"a": {key: value}}


def test_text_with_lone_surrogates_is_kept_as_bytes() -> None:
    halves = {"a": "\ud83d\ude00", "b": "\U0001f600", "c": "\udcff"}
    assert isinstance(dump(halves), bytes)
    assert load(dump(halves)) == halves


def test_bytes_are_kept_beside_the_json() -> None:
    body = {"one": b"\x00\xff", "two": [b"", b"abc"], "three": {"four": b"\x00"}}
    packed = pack(body)
    assert b"\x00\xffabc\x00" in packed
    assert unpack(packed) == body


def test_what_repeats_is_compressed_and_what_does_not_is_left_alone() -> None:
    noise = os.urandom(10_000)
    assert len(pack({"x": "ab" * 10_000})) < 1_000
    assert len(pack({"x": noise})) < 10_100


@given(packed=st.binary(max_size=60))
def test_bytes_that_are_no_body_are_refused(packed: bytes) -> None:
    try:
        unpack(packed)
    except ValueError:
        pass
