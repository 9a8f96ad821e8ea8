from __future__ import annotations

import bson
import pytest
from contract.samples import ANY_TEXT, BODIES, ODD_KEYS, same
from hypothesis import given

from kleio.journal.mongodb.codec import decode, decode_key, encode, encode_key


@given(body=BODIES)
def test_values_come_back_equal(body: dict) -> None:
    assert same(decode(bson.decode(bson.encode(encode(body)))), body)


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


def test_what_bson_cannot_hold_is_wrapped() -> None:
    assert encode({"a": 2**63, "b": "\udcff"}) == {"a": {"%int": "8000000000000000"}, "b": {"%text": b"\xed\xb3\xbf"}}
    assert decode({"a": {"%int": "-1"}}) == {"a": -1}


@pytest.mark.parametrize("key", ["%int", "%text", "%", "%25int"])
def test_a_document_that_looks_like_a_wrapper_is_not_one(key: str) -> None:
    assert decode(encode({key: "ff"})) == {key: "ff"}
