from __future__ import annotations

import bson
import pytest
from contract.samples import ANY_TEXT, BODIES, ODD_KEYS, same
from hypothesis import given
from hypothesis import strategies as st

from kleio.journal.mongodb.codec import decode, decode_key, documents, encode, encode_key


@given(body=BODIES)
def test_values_come_back_equal(body: dict) -> None:
    (found,) = documents(bson.encode(encode(body)))
    assert same(found, body)


@given(key=ANY_TEXT | ODD_KEYS)
def test_keys_come_back_equal_and_please_every_server(key: str) -> None:
    encoded = encode_key(key)
    assert decode_key(encoded) == key
    assert encoded
    assert not encoded.startswith("$")
    assert not {".", "\0"} & set(encoded)
    encoded.encode()


@pytest.mark.parametrize(
    ("key", "encoded"),
    [
        ("lr", "lr"),
        ("größe", "größe"),
        ("a.b", "a%2Eb"),
        ("$set", "%24set"),
        ("cost$", "cost$"),
        ("top5%", "top5%25"),
        ("", "%"),
        ("a\0", "a%00"),
        ("\udcff", "%ED%B3%BF"),
    ],
)
def test_keys_are_encoded_as_in_a_url(key: str, encoded: str) -> None:
    assert encode_key(key) == encoded


def test_ordinary_values_are_left_as_they_are() -> None:
    value = {"lr": 0.1, "n": 2**63 - 1, "least": -(2**63), "text": "größe", "list": [None, True, {"a": b"x"}]}
    assert encode(value) == value


@given(bodies=st.lists(BODIES, max_size=4))
def test_the_documents_of_a_page_are_told_apart(bodies: list[dict]) -> None:
    """Whatever bytes its numbers have: those of the signs that say what is encoded are among them."""
    page = b"".join(bson.encode(encode(body)) for body in bodies)
    assert [*map(same, documents(page), bodies)] == [True] * len(bodies)


@pytest.mark.parametrize(
    "odd",
    [
        {"": 1},
        {"a%": 1},
        {"%": 1},
        {"%a": {"": {"b.c": 2}}},
        {"n": [{"": None}]},
        {"n": 1 << 64},
        {"t": "\udcff"},
        {"%int": "1f"},
        {"i": 37, "f": 5e-324, "": 0.5},
        {"": {}, "z": 1},
        {"x": [[[{"$a": 1}]]]},
    ],
)
def test_what_is_encoded_is_noticed_among_the_bytes_of_a_document(odd: dict) -> None:
    (found,) = documents(bson.encode(encode(odd)))
    assert same(found, odd)


def test_integers_come_as_integers_whatever_their_size() -> None:
    (found,) = documents(bson.encode({"a": 1, "b": [1 << 40], "c": {"d": -(1 << 63)}}))
    assert [type(one) for one in (found["a"], *found["b"], found["c"]["d"])] == [int, int, int]


def test_what_bson_cannot_hold_is_wrapped() -> None:
    assert encode({"a": 2**63, "b": "\udcff"}) == {"a": {"%int": "8000000000000000"}, "b": {"%text": b"\xed\xb3\xbf"}}
    assert decode({"a": {"%int": "-1"}}) == {"a": -1}


@pytest.mark.parametrize("key", ["%int", "%text", "%", "%25int"])
def test_a_document_that_looks_like_a_wrapper_is_not_one(key: str) -> None:
    assert decode(encode({key: "ff"})) == {key: "ff"}
