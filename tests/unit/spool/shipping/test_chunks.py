from __future__ import annotations

import random

import pytest

from harness.attempt import Moody
from kleio.errors import JournalUnreachable
from kleio.spool.output import OutputWriter, decode_chunk
from kleio.spool.shipping import chunks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.attempt import World


@pytest.fixture
def moody(world: World) -> Moody:
    world.journal = Moody(world.name)
    return world.journal


@pytest.fixture
def output(world: World) -> Iterator[OutputWriter]:
    writer = OutputWriter(world.directory, "stdout", 1 << 20, 1 << 20)
    yield writer
    writer.close()


def printed(world: World) -> bytes:
    return b"".join(decode_chunk(segment.body) for segment in world.segments("stdout"))


def test_lines_that_come_one_by_one_become_few_chunks(world: World, output: OutputWriter) -> None:
    shipper = world.shipper()
    expected = b""
    for n in range(3000):
        line = b"line %d of the output\n" % n
        expected += line
        output.write(memoryview(line), float(n))
        if n % 7 == 0:
            shipper.ship()
    shipper.ship(final=True)
    assert printed(world) == expected
    assert len(world.segments("stdout")) <= len(expected) // chunks.FULL + 2


def test_a_chunk_behind_a_hole_still_tells_of_it_when_it_has_grown(world: World) -> None:
    def write(start: int, data: bytes) -> None:
        with open(f"{world.directory}/stdout-{start:015d}.raw", "ab") as piece:
            piece.write(data)

    shipper = world.shipper()
    for start, data in ((0, b"before\n"), (100, b"behind\n"), (100, b"more\n")):
        write(start, data)
        shipper.ship()
        shipper.ship()
    found = [(one.first, one.last, one.body["hole"], decode_chunk(one.body)) for one in world.segments("stdout")]
    assert found == [(0, 6, 0, b"before\n"), (100, 111, 93, b"behind\nmore\n")]


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(20))
def test_whatever_fails_each_byte_is_there_once(
    world: World, moody: Moody, output: OutputWriter, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "FULL", 50)
    chance = random.Random(seed)
    shipper, expected = world.shipper(), b""
    for n in range(60):
        line = bytes([65 + n % 26]) * chance.randrange(20)
        output.write(memoryview(line), float(n))
        expected += line
        if chance.random() < 0.2:
            shipper = world.shipper()
        moody.lose_replies = chance.random() < 0.5
        moody.down_after = moody.calls if chance.random() < 0.4 else 1 << 30
        try:
            shipper.ship()
        except JournalUnreachable:
            pass
    moody.down_after = 1 << 30
    shipper.ship(final=True)
    assert printed(world) == expected
    assert shipper.manifest()["output"]["stdout"] == len(expected)


def test_a_head_that_is_full_is_left_alone_until_the_end(world: World) -> None:
    writer = OutputWriter(world.directory, "stdout", 64 << 10, 10_000)
    shipper = world.shipper()
    for n in range(400):
        writer.write(memoryview(b"%06d\n" % n * 100), float(n))
        shipper.ship()
    writer.close()
    shipper.ship(final=True)
    held = printed(world)
    assert held.startswith(b"000000\n" * 100)
    assert held.endswith(b"000399\n" * 100)
