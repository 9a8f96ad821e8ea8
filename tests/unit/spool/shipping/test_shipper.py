from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from harness.attempt import Moody, log, logged
from kleio.errors import JournalUnreachable
from kleio.journal.memory import MemoryJournal
from kleio.spool import blobs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from harness.attempt import World
    from kleio.journal.contract import Segment


@pytest.fixture
def moody(world: World) -> Moody:
    world.journal = Moody(world.name)
    return world.journal


def test_records_arrive_in_order_and_once(world: World) -> None:
    shipper = world.shipper()
    log(world, 3)
    assert shipper.ship().records == 3
    assert shipper.ship().records == 0
    log(world, 2, first=3)
    shipped = shipper.ship()
    assert (shipped.records, shipped.pending) == (2, 0)
    assert logged(world) == [{"n": n} for n in range(5)]


def test_batches_are_bounded(world: World) -> None:
    log(world, 25_000)
    world.shipper().ship()
    lasts = [each.last for each in world.segments("statistics")]
    assert lasts == [9_999, 19_999, 24_999]


def test_large_records_make_small_batches(world: World) -> None:
    for n in range(6):
        world.script.append("statistics", {"n": n, "text": "x" * 900_000})
    world.shipper().ship()
    assert len(world.segments("statistics")) == 2
    assert [body["n"] for body in logged(world)] == list(range(6))


@pytest.mark.sweep
@pytest.mark.parametrize("lose_replies", [False, True])
@pytest.mark.parametrize("calls", range(8))
def test_a_shipper_that_dies_anywhere_is_continued_by_another(
    world: World, moody: Moody, calls: int, lose_replies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kleio.spool.shipping.shipper.MOST_RECORDS", 1000)
    log(world, 2100)
    world.script.append("artifacts", {"name": "a"})
    world.supervisor.append("status", {"type": "start"})
    moody.down_after, moody.lose_replies = calls, lose_replies
    try:
        world.shipper().ship()
    except JournalUnreachable:
        log(world, 10, first=2100)  # the borders of the next batches fall elsewhere
    moody.down_after = 1 << 30
    log(world, 10, first=2110)
    world.shipper().ship(final=True)
    assert [body["n"] for body in logged(world)] == sorted({body["n"] for body in logged(world)})
    assert logged(world)[-1] == {"n": 2119}
    assert len(logged(world)) >= 2110
    assert logged(world, "artifacts") == [{"name": "a"}]
    assert logged(world, "launcher") == [{"type": "start"}]


def test_the_acknowledgement_file_saves_reading_and_is_not_needed(world: World) -> None:
    log(world, 5)
    world.shipper().ship()
    ack = Path(world.directory, f"{world.script.name}.ack")
    assert json.loads(ack.read_text())["expected"] == 5
    for content in (ack.read_text(), "", "{", '{"offset": "x"}', '{"acknowledged": {"statistics": 99}}'):
        ack.write_text(content)
        shipper = world.shipper()
        shipper.ship()
        assert shipper.summary()["statistics"]["n"]["count"] == 5
    assert logged(world) == [{"n": n} for n in range(5)]


def test_an_acknowledgement_that_claims_more_than_the_journal_holds_is_not_believed(world: World) -> None:
    log(world, 5)
    world.shipper().ship()
    world.journal.delete_trial("ab" * 32)
    world.shipper().ship()
    assert logged(world) == [{"n": n} for n in range(5)]


def test_bytes_of_an_artifact_are_stored_before_its_record(world: World, moody: Moody) -> None:
    digest, size = blobs.keep(world.directory, io.BytesIO(b"weights"))
    world.script.append("artifacts", {"name": "w", "digest": digest, "size": size, "metadata": {}})
    moody.down_after = 0
    with pytest.raises(JournalUnreachable):
        world.shipper().ship()
    assert world.blobs.has(digest)
    assert os.path.exists(blobs.path_of(world.directory, digest))
    moody.down_after = 1 << 30
    world.shipper().ship()
    assert [body["digest"] for body in logged(world, "artifacts")] == [digest]
    assert not os.path.exists(blobs.path_of(world.directory, digest))


def test_the_same_bytes_logged_again_after_shipping_are_found(world: World) -> None:
    shipper = world.shipper()
    for n in range(3):
        digest, size = blobs.keep(world.directory, io.BytesIO(b"same"))
        world.script.append("artifacts", {"name": "w", "digest": digest, "size": size, "metadata": {"n": n}})
        shipper.ship()
    world.script.append("artifacts", {"name": "w", "digest": digest, "size": size, "metadata": {"n": 3}})
    assert shipper.ship().gaps == 0
    assert len(logged(world, "artifacts")) == 4


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_an_artifact_without_its_bytes_is_reported(world: World, damage: str) -> None:
    digest, size = blobs.keep(world.directory, io.BytesIO(b"weights"))
    path = Path(blobs.path_of(world.directory, digest))
    path.unlink() if damage == "missing" else path.write_bytes(b"other")
    world.script.append("artifacts", {"name": "w", "digest": digest, "size": size, "metadata": {}})
    assert world.shipper().ship().gaps == 1
    (gap,) = world.segments("gaps")
    assert damage in gap.body["reason"]


@pytest.mark.parametrize("digest", ["../../../etc/passwd", "", None, 5, "A" * 64, ["x"]])
def test_a_digest_that_is_none_is_not_followed(world: World, digest: object) -> None:
    world.script.append("artifacts", {"name": "w", "digest": digest, "size": 1})
    world.shipper(pulse=lambda: None).ship()
    assert len(logged(world, "artifacts")) == 1


def test_the_blob_store_is_not_opened_without_a_blob(world: World) -> None:
    from kleio.spool.shipping.shipper import Shipper

    def never() -> Any:
        raise AssertionError("opened")

    log(world, 3)
    world.script.append("capture", {"type": "code", "digest": "0" * 64})
    Shipper(world.directory, world.journal, never).ship()


def test_a_poison_record_goes_to_quarantine_and_the_rest_ships(world: World, moody: Moody) -> None:
    log(world, 40)
    world.script.append("statistics", {"n": "poison"})
    log(world, 40, first=40)
    moody.poison = "poison"
    shipper = world.shipper()
    shipped = shipper.ship()
    assert (shipped.records, shipped.quarantined, shipped.pending) == (80, 1, 0)
    assert [body["n"] for body in logged(world)] == list(range(80))
    (gap,) = world.segments("gaps")
    assert (gap.body["first"], gap.body["last"]) == (40, 40)
    (file,) = Path(world.directory, "quarantine").iterdir()
    content = json.loads(file.read_text())
    assert content["body"] == {"n": "poison"}
    assert "holds poison" in content["reason"]
    assert shipper.manifest()["writers"][world.script.name] == {
        "records": 81, "bytes": Path(world.directory, f"{world.script.name}.ksp").stat().st_size, "quarantined": 1,
    }  # fmt: skip


def test_a_damaged_record_is_shipped_as_a_gap(world: World) -> None:
    log(world, 5)
    path = Path(world.directory, f"{world.script.name}.ksp")
    content = path.read_bytes()
    path.write_bytes(content.replace(b'{"n":2}', b'{"n":7}'))
    shipper = world.shipper()
    assert shipper.ship().gaps == 1
    assert shipper.ship().gaps == 0
    assert [body["n"] for body in logged(world)] == [0, 1, 3, 4]
    assert shipper.summary()["lost"] == 1
    world.shipper().ship()
    assert len(world.segments("gaps")) == 1


def test_a_file_cut_off_behind_what_was_shipped_loses_nothing(world: World) -> None:
    log(world, 5)
    shipper = world.shipper()
    shipper.ship()
    path = Path(world.directory, f"{world.script.name}.ksp")
    os.truncate(path, path.stat().st_size - 150)
    world.script._look_at = 0.0
    log(world, 2, first=5)
    shipped = shipper.ship()
    assert (shipped.records, shipped.gaps, shipped.pending) == (2, 0, 0)
    assert [body["n"] for body in logged(world)] == list(range(7))
    assert shipper.summary()["statistics"]["n"]["count"] == 7


def test_output_ships_in_chunks_and_continues(world: World) -> None:
    from kleio.spool.output import OutputWriter, decode_chunk

    output = OutputWriter(world.directory, "stdout", 1 << 20, 1 << 20)
    output.write(memoryview(b"one\n"), 5.0)
    shipper = world.shipper()
    shipper.ship()
    output.write(memoryview(b"two\n"), 6.0)
    world.shipper().ship(final=True)
    output.close()
    segments = world.segments("stdout")
    assert b"".join(decode_chunk(each.body) for each in segments) == b"one\ntwo\n"
    assert [(each.writer, each.first, each.last) for each in segments] == [("output", 0, 3), ("output", 4, 7)]


def test_output_whose_reply_was_lost_is_cut_anew(world: World, moody: Moody) -> None:
    from kleio.spool.output import OutputWriter, decode_chunk

    output = OutputWriter(world.directory, "stderr", 1 << 20, 1 << 20)
    output.write(memoryview(b"one\n"), 5.0)
    shipper = world.shipper()
    moody.down_after, moody.lose_replies = 0, True
    with pytest.raises(JournalUnreachable):
        shipper.ship()
    output.write(memoryview(b"two\n"), 6.0)
    output.close()
    moody.down_after = 1 << 30
    shipper.ship(final=True)
    assert b"".join(decode_chunk(each.body) for each in world.segments("stderr")) == b"one\ntwo\n"


def test_a_pulse_is_given_with_every_batch_and_piece(world: World) -> None:
    beats: list[int] = []
    log(world, 25_000)
    digest, size = blobs.keep(world.directory, io.BytesIO(b"x"))
    world.script.append("artifacts", {"name": "w", "digest": digest, "size": size})
    world.shipper(pulse=lambda: beats.append(1)).ship()
    assert len(beats) >= 4


@pytest.mark.parametrize("jumps", [True, False], ids=["wall clock", "both clocks"])
def test_a_blob_whose_reference_came_late_is_put_again(world: World, jumps: bool) -> None:
    """The collector may have taken it, because nothing referred to it for so long (docs/design/collection.rst)."""
    digest, size = blobs.keep(world.directory, io.BytesIO(b"weights"))
    world.script.append("artifacts", {"name": "w", "digest": digest, "size": size, "metadata": {}})

    class Asleep(MemoryJournal):
        """Takes more than a day for an answer, while the collector is at work."""

        def append(self, segments: Sequence[Segment]) -> list[int]:
            (world.clock.jump if jumps else world.clock.advance)(90_000)
            assert world.blobs.collect(digest, world.blobs.now() + 1)
            return super().append(segments)

    world.journal = Asleep(world.name)
    world.shipper(clock=world.clock).ship()
    assert world.blobs.has(digest)
