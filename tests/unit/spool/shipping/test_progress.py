from __future__ import annotations

import os

from kleio.spool.shipping.progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.attempt import World


def progress(world: World) -> Progress:
    return Progress(world.directory, world.script.name, world.shipper().attempt, world.journal)


def test_the_journal_is_asked_once_for_each_stream(world: World) -> None:
    world.script.append("statistics", {"n": 1})
    world.shipper().ship()
    here = progress(world)
    assert here.acknowledged("statistics") == 0
    world.journal.delete_trial("ab" * 32)
    assert here.acknowledged("statistics") == 0
    assert here.acknowledged("artifacts") == -1


def test_an_acknowledgement_never_goes_back(world: World) -> None:
    here = progress(world)
    here.acknowledge("statistics", 9)
    here.acknowledge("statistics", 3)
    assert here.acknowledged("statistics") == 9


def test_what_was_saved_is_found_by_the_next(world: World) -> None:
    world.script.append("statistics", {"n": 1})
    shipper = world.shipper()
    shipper.ship()
    (saved,) = [each for each in shipper.progress.values() if each.writer == world.script.name]
    found = progress(world)
    assert (found.offset, found.expected, found.summary) == (saved.offset, 1, saved.summary)


def test_a_file_that_is_not_the_same_any_more_is_read_anew(world: World) -> None:
    world.script.append("statistics", {"n": 1})
    world.shipper().ship()
    path = os.path.join(world.directory, f"{world.script.name}.ksp")
    found = progress(world)
    found.look(path, os.stat(path).st_size)
    assert found.offset > 0
    with open(path, "r+b") as file:
        file.seek(found.offset - 1)
        file.seek(85)
        file.write(b"x" * 4)
    found.look(path, os.stat(path).st_size)
    assert (found.offset, found.counted) == (0, 1)


def test_a_disk_that_cannot_save_is_no_error(world: World) -> None:
    here = progress(world)
    here.move(100, 1, (80, "00000000"))
    os.mkdir(os.path.join(world.directory, ".ack"))  # the name of a writer that has none yet, taken by a directory
    here.save()
    assert here.offset == 100
