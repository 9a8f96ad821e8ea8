"""Scalars out of TensorBoard's event files, without TensorFlow: framed records of three protobuf messages.

A record is its length (8 bytes), a checksum of that, the message, a checksum of that: CRC-32C, rotated and shifted. A
torn end is the end. Images and the like are passed over; their checksums, which would take long here, too.
"""

from __future__ import annotations

import struct

from kleio.errors import StoreUnreadable
from kleio.moving.foreign.pieces import Loose
from kleio.moving.foreign.run import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = struct.Struct("<QI")
_CHECKED = 1 << 16
_LARGEST = 1 << 31
_FLOAT, _DOUBLE = 1, 2
_MASK = 0xA282EAD8


def _table() -> list[int]:
    table = []
    for number in range(256):
        for _ in range(8):
            number = (number >> 1) ^ (0x82F63B78 if number & 1 else 0)
        table.append(number)
    return table


_TABLE = _table()


def masked_crc(data: bytes) -> int:
    """The checksum of TensorFlow's record files."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + _MASK) & 0xFFFFFFFF


def scalars(path: str, prefix: str = "") -> Iterator[Point]:
    """The scalars of an event file, in its order. ``StoreUnreadable`` for a record that is damaged."""
    for message in _records(path):
        try:
            yield from _of_event(message, prefix)
        except (struct.error, ValueError, LookupError, TypeError):
            raise StoreUnreadable(f"{path} has a record that is no event")


def _records(path: str) -> Iterator[bytes]:
    file = Loose(path)
    while len(head := file.read(12)) == 12:
        length, checksum = _HEAD.unpack(head)
        if masked_crc(head[:8]) != checksum or length > _LARGEST:
            raise StoreUnreadable(f"{path} is no event file of TensorBoard, or it is damaged")
        data = file.read(length)
        tail = file.read(4)
        if len(data) < length or len(tail) < 4:
            return  # its writer was killed
        if length <= _CHECKED:
            if masked_crc(data) != int.from_bytes(tail, "little"):
                raise StoreUnreadable(f"{path} is damaged: a record does not match its checksum")
            yield data


def _of_event(message: bytes, prefix: str) -> Iterator[Point]:
    time, step, summaries = 0.0, 0, []
    for number, value in fields(message):
        if number == 1 and isinstance(value, bytes):
            (time,) = struct.unpack("<d", value)
        elif number == 2 and isinstance(value, int):
            step = value - (1 << 64) if value >> 63 else value
        elif number == 5 and isinstance(value, bytes):
            summaries.append(value)
    for summary in summaries:
        for number, value in fields(summary):
            if number == 1 and isinstance(value, bytes):
                yield from _of_value(value, time, step, prefix)


def _of_value(message: bytes, time: float, step: int, prefix: str) -> Iterator[Point]:
    name, found = "", None
    for number, value in fields(message):
        if not isinstance(value, bytes):
            continue
        if number == 1:
            name = value.decode("utf-8", "replace")
        elif number == 2:
            found = shortest(struct.unpack("<f", value)[0])
        elif number == 8:
            found = _of_tensor(value)
    if name and found is not None:
        yield Point(time, step, prefix + name, found)


def _of_tensor(message: bytes) -> float | None:
    """The value of a tensor of one float or double."""
    kind, content = 0, {}
    for number, value in fields(message):
        if number == 1 and isinstance(value, int):
            kind = value
        elif isinstance(value, bytes):
            content[number] = value
    code, size, own = {_FLOAT: ("<f", 4, 5), _DOUBLE: ("<d", 8, 6)}.get(kind, ("", 0, 0))
    data = content.get(4) or content.get(own) or b""
    if not size or len(data) != size:
        return None
    found: float = struct.unpack(code, data)[0]
    return shortest(found) if kind == _FLOAT else found


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message: (number, integer or bytes)."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == 0:
            value, place = _varint(message, place)
            yield key >> 3, value
            continue
        length, place = _varint(message, place) if kind == 2 else ({1: 8, 5: 4}[kind], place)
        if place + length > len(message):
            raise ValueError("a field is cut short")
        yield key >> 3, message[place : place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place += 1
        if byte < 0x80:
            return value, place
        shift += 7
    raise ValueError("a number is too long")


def shortest(value: float) -> float:
    """The shortest decimal that is this 32-bit number: what was logged as 0.1 is 0.1 again."""
    if value != value or value in (float("inf"), float("-inf")):
        return value
    for digits in range(6, 10):
        text = float(f"{value:.{digits}g}")
        if struct.unpack("<f", struct.pack("<f", text))[0] == value:
            return text
    return value
