from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from harness.attempt import World
from kleio.analysis.checking import Checked, check_trial
from kleio.analysis.history import read_history
from kleio.journal.contract import Segment
from kleio.spool import blobs
from kleio.spool.output import OutputWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An attempt that logged two streams in turn, stored an artifact, printed, and ended."""
    world = World(tmp_path)
    world.start()
    for n in range(20):
        world.script.append("statistics", {"n": n})
        world.script.append("notes", {"n": n})
    digest, size = blobs.keep(world.directory, io.BytesIO(b"weights"))
    world.script.append("artifacts", {"name": "w", "digest": digest, "size": size, "metadata": {}})
    output = OutputWriter(world.directory, "stdout", 1 << 20, 1 << 20)
    output.write(memoryview(b"printed\n"), 5.0)
    output.close()
    yield world
    world.close()


def finish(world: World) -> None:
    world.exit()
    keeper = world.keeper()
    assert keeper.finish(1)


def checked(world: World) -> Checked:
    events = read_history(world.journal, world.trial)
    return check_trial(world.journal, world.blobs, world.trial["_id"], world.trial["fence"], events)


def change(world: World, stream: str, with_: Callable[[Segment], list[Segment]]) -> None:
    """Replace what the journal holds of a stream."""
    trial, event = world.trial, world.trial["event"]
    segments = list(world.journal.segments(trial["_id"]))
    world.journal.delete_trial(trial["_id"])
    world.journal.insert_trial({**trial, "event": event})
    for segment in segments:
        world.journal.append(with_(segment) if segment.stream == stream else [segment])


def test_what_is_whole_is_found_whole(world: World) -> None:
    finish(world)
    found = checked(world)
    assert (found.damage, found.open, found.told) == ([], [], 0)
    assert (found.records, found.output, found.blobs, found.blob_bytes) == (43, 8, 1, 7)


def test_missing_records_are_named_by_their_numbers(world: World) -> None:
    finish(world)
    change(world, "notes", lambda segment: [])
    (first, *others) = checked(world).damage
    assert first.attempt == 1
    assert first.what == f"1 record of {world.script.name} missing: 1 to 1"
    assert len(others) == 19


def test_a_missing_end_is_noticed(world: World) -> None:
    finish(world)
    change(world, "artifacts", lambda segment: [])
    assert [one.what for one in checked(world).damage] == [f"1 record of {world.script.name} missing: 40 to 40"]


def test_records_that_are_there_twice_are_noticed(world: World) -> None:
    finish(world)
    change(world, "notes", lambda segment: [segment, replace(segment, first=segment.first + 1)])
    assert [one.what for one in checked(world).damage] == [f"20 records of {world.script.name} there twice"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (lambda segment: [], "8 bytes of stdout are missing at its end"),
        (
            lambda segment: [replace(segment, first=3, last=10)],
            "3 bytes of stdout are missing from 0 on",
        ),
        (
            lambda segment: [replace(segment, first=9, last=16, body={**segment.body, "hole": 5})],
            "4 bytes of stdout are missing from 0 on",
        ),
        (lambda segment: [replace(segment, last=9)], "stdout from 0 holds 8 bytes, not 10"),
    ],
)
def test_missing_output_is_noticed(world: World, changes: Callable[[Segment], list[Segment]], what: str) -> None:
    finish(world)
    change(world, "stdout", changes)
    assert what in [one.what for one in checked(world).damage]


def test_output_that_outgrew_its_room_is_whole_with_the_hole_that_it_tells_of(world: World) -> None:
    output = OutputWriter(world.directory, "stderr", 8192, 8192)
    for n in range(1000):
        output.write(memoryview(b"line %06d\n" % n * 10), float(n))
    output.close()
    assert output.cut > 0
    finish(world)
    found = checked(world)
    assert found.damage == []
    assert found.output == 8 + output.offset - output.cut


def test_bodies_that_cannot_be_read_are_damage(world: World) -> None:
    finish(world)
    change(world, "notes", lambda segment: [replace(segment, body={"format": 1, "records": "[[1"})])
    change(world, "stdout", lambda segment: [replace(segment, body={})])
    whats = [one.what for one in checked(world).damage]
    assert any(what.startswith(f"notes of {world.script.name} from 1 cannot be read") for what in whats)
    assert any(what.startswith("stdout of output from 0 cannot be read") for what in whats)


def test_what_was_attached_and_cannot_be_read_is_damage(world: World) -> None:
    finish(world)
    body = {"format": 1, "records": '[[1, 0.0, {"name": "weights"}]]'}
    world.journal.append([Segment(world.trial["_id"], 0, "attached", "w", 1, 1, body)])
    (damage,) = checked(world).damage
    assert damage.what.startswith("attached of w from 1 cannot be read")


def test_blobs_are_hashed_again(world: World) -> None:
    finish(world)
    (digest,) = world.blobs.digests()
    for content, what in ((b"evil", "damaged"), (None, "missing")):
        world.blobs._blobs[digest] = content if content is not None else b""
        if content is None:
            world.blobs.collect(digest, world.blobs.now() + 1)
        (damage,) = checked(world).damage
        assert damage.what.startswith(f"blob {digest[:12]}")
        assert what in damage.what


def test_what_a_writer_could_not_write_is_told(world: World) -> None:
    world.script.append("lost", {"records": 11, "bytes": 90, "why": "No such file or directory"})
    finish(world)
    found = checked(world)
    assert (found.damage, found.told) == ([], 11)


def test_losses_that_the_journal_tells_of_are_no_damage(world: World) -> None:
    path = Path(world.directory, f"{world.script.name}.ksp")
    path.write_bytes(path.read_bytes().replace(b'"notes","b":{"n":3}', b'"notes","b":{"n":4}'))
    finish(world)
    found = checked(world)
    assert found.damage == []
    assert found.told == 1


def test_an_attempt_that_runs_cannot_be_counted(world: World) -> None:
    world.shipper().ship()
    found = checked(world)
    assert (found.damage, found.open) == ([], [1])
    assert found.records == 42
