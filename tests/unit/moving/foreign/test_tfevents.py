"""TensorBoard's event files: scalars come out, damage is told of, nothing else is believed."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kleio.errors import StoreUnreadable
from kleio.moving.foreign.run import Point
from kleio.moving.foreign.tfevents import fields, masked_crc, scalars, shortest


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes((number & 0x7F | 0x80,))
        number >>= 7
    return out + bytes((number,))


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def event(time: float, step: int, *values: bytes) -> bytes:
    head = varint(1 << 3 | 1) + struct.pack("<d", time) + field(2, step)
    return head + field(5, b"".join(field(1, value) for value in values))


def simple(name: str, value: float) -> bytes:
    return field(1, name.encode()) + varint(2 << 3 | 5) + struct.pack("<f", value)


def framed(*messages: bytes) -> bytes:
    out = b""
    for message in messages:
        head = struct.pack("<Q", len(message))
        out += head + struct.pack("<I", masked_crc(head)) + message + struct.pack("<I", masked_crc(message))
    return out


def read(tmp_path: Path, data: bytes) -> list[Point]:
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(data)
    return list(scalars(str(path), "logs/"))


def test_the_checksum_is_that_of_the_format() -> None:
    # "123456789" → 0xE3069283 is the check value of CRC-32C; the mask is TensorFlow's.
    crc = 0xE3069283
    assert masked_crc(b"123456789") == (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def test_scalars_of_both_generations_are_read(tmp_path: Path) -> None:
    tensor = field(1, 1) + field(4, struct.pack("<f", 0.5))
    double = field(1, 2) + field(6, struct.pack("<d", 0.1))
    tenth = field(1, 1) + field(5, struct.pack("<f", 0.1))
    image = field(1, b"image") + field(4, b"png")
    data = framed(
        event(1.0, 0, simple("loss", 0.1), image),
        event(
            2.0,
            1,
            field(1, b"accuracy") + field(8, tensor),
            field(1, b"exact") + field(8, double),
            field(1, b"tenth") + field(8, tenth),
        ),
        b"",
        event(3.0, (1 << 64) - 1, simple("loss", float("inf"))),
    )
    assert read(tmp_path, data) == [
        Point(1.0, 0, "logs/loss", 0.1),
        Point(2.0, 1, "logs/accuracy", 0.5),
        Point(2.0, 1, "logs/exact", 0.1),
        Point(2.0, 1, "logs/tenth", 0.1),
        Point(3.0, -1, "logs/loss", float("inf")),
    ]


@pytest.mark.parametrize("value", [0.10000000149011612, 1e300, -1e300, 5e-324, float("inf"), 2.0**53 + 2])
@pytest.mark.parametrize("number", [4, 6])
def test_a_double_stays_the_number_that_it_is(tmp_path: Path, number: int, value: float) -> None:
    double = field(1, 2) + field(number, struct.pack("<d", value))
    (point,) = read(tmp_path, framed(event(1.0, 0, field(1, b"loss") + field(8, double))))
    assert point.value == value


def test_a_torn_end_is_the_end(tmp_path: Path) -> None:
    good = framed(event(1.0, 0, simple("loss", 1.0)))
    for cut in (1, 5, 11, 12, 20, len(good) - 1):
        assert len(read(tmp_path, good + good[:cut])) == 1


def test_a_large_record_is_passed_over(tmp_path: Path) -> None:
    image = event(1.0, 0, field(1, b"image") + field(4, bytes(100_000)))
    assert len(read(tmp_path, framed(image, event(2.0, 1, simple("loss", 1.0))))) == 1


@settings(max_examples=60)
@given(place=st.integers(0, 60), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(tmp_path: Path, place: int, bit: int) -> None:
    good = framed(event(1.0, 0, simple("loss", 1.0)))
    place %= len(good)
    bad = good[:place] + bytes((good[place] ^ (1 << bit),)) + good[place + 1 :]
    with pytest.raises(StoreUnreadable):
        read(tmp_path, bad)


@given(message=st.binary(max_size=60))
def test_any_message_is_fields_or_refused(tmp_path: Path, message: bytes) -> None:
    try:
        assert all(number >= 0 for number, _ in fields(message))
    except (ValueError, IndexError, KeyError):
        pass
    try:
        read(tmp_path, framed(message))
    except StoreUnreadable:
        pass


@given(st.floats(width=32))
def test_the_shortest_decimal_is_the_same_number(value: float) -> None:
    assert struct.pack("<f", shortest(value)) == struct.pack("<f", value)
