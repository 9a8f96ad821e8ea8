from __future__ import annotations

from binascii import b2a_base64
from typing import Any

import pytest

from kleio.spool import blobs
from kleio.spool.shipping.shipper import Shipper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.attempt import World


def small(content: bytes, **other: Any) -> dict[str, Any]:
    return {**blobs.hold("/nonexistent", content), "name": "n", "metadata": {}, **other}


def stored(world: World) -> list[dict[str, Any]]:
    from kleio.spool.records.segments import records_of

    return [body for segment in world.segments("artifacts") for body in records_of(segment)]


def test_bytes_inside_of_records_are_stored_and_taken_out(world: World) -> None:
    bodies = [small(bytes([number]) * 100) for number in range(20)]
    for body in bodies:
        world.script.append("artifacts", body)
    world.shipper().ship()
    assert [body["digest"] for body in stored(world)] == [body["digest"] for body in bodies]
    assert not any("data" in body for body in stored(world))
    assert all(b"".join(world.blobs.open(body["digest"])) for body in bodies)


def test_bytes_are_stored_together(world: World) -> None:
    calls = []
    put_many = world.blobs.put_many

    class Counting:
        def put_many(self, contents: list[bytes]) -> list[str]:
            calls.append(len(contents))
            return put_many(contents)

        def close(self) -> None:
            pass

    for number in range(20):
        world.script.append("artifacts", small(b"%d" % number))
    shipper = Shipper(world.directory, world.journal, Counting)  # type: ignore[arg-type]
    shipper.ship()
    shipper.close()
    assert calls == [20]


@pytest.mark.parametrize("data", ["!", "", b2a_base64(b"other", newline=False).decode(), "\u00e9", 5])
def test_damaged_bytes_are_reported_and_the_record_is_kept(world: World, data: object) -> None:
    world.script.append("artifacts", small(b"content", data=data))
    assert world.shipper().ship().gaps == 1
    (gap,) = world.segments("gaps")
    assert gap.body["reason"].startswith("the bytes of artifact ")
    assert len(stored(world)) == 1
