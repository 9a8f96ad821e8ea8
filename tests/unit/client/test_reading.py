from __future__ import annotations

import io
import os
import traceback
import warnings

import pytest

from harness.attempt import TRIAL
from kleio.dataclass import replace
from kleio.errors import JournalUnreachable, SpoolError, TrialNotFound
from kleio.spool.adoption import OFFLINE_ATTEMPT
from kleio.spool.attempt.directory import read_attempt, write_attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from harness.attempt import World
    from kleio.client.logger import KleioLogger


def read(logger: KleioLogger, name: str, *arguments: Any, **metadata: Any) -> list[tuple[bytes, dict[str, Any]]]:
    found = []
    for file, each in logger.load_artifacts(name, *arguments, **metadata):
        with file:
            found.append((file.read(), each))
    return found


def earlier_attempt(world: World, stream: str, body: dict[str, Any], *, trial: str = TRIAL, attempt: int = 0) -> None:
    """A record of an attempt that was shipped long ago."""
    from kleio.spool.records.reader import Record
    from kleio.spool.records.segments import segment_of

    number = len(list(world.journal.segments(trial, attempt=attempt, stream=stream)))
    record = Record(number, stream, 100.0 + number, body, number, number + 1)
    world.journal.append([segment_of(trial, attempt, "earlier", stream, [record])])


def test_the_configuration_is_the_trials(logger: KleioLogger) -> None:
    assert logger.load_config() == {"lr": 1}


def test_statistics_of_this_attempt_are_there_at_once(logger: KleioLogger) -> None:
    logger.log_statistic(epoch=1, loss=0.5)
    logger.log_statistic(note="x")
    assert logger.load_statistic() == [{"epoch": 1, "loss": 0.5}, {"note": "x"}]
    assert logger.load_statistic("epoch") == [{"epoch": 1, "loss": 0.5}]
    assert logger.load_statistic("epoch", "note") == []


def test_what_is_shipped_already_is_not_read_twice(logger: KleioLogger, world: World) -> None:
    logger.log_statistic(epoch=1)
    logger.log_artifact("w", b"one", epoch=1)
    world.shipper().ship()
    logger.log_statistic(epoch=2)
    assert logger.load_statistic() == [{"epoch": 1}, {"epoch": 2}]
    assert read(logger, "w") == [(b"one", {"epoch": 1})]


def test_earlier_attempts_come_first(logger: KleioLogger, world: World) -> None:
    logger.log_statistic(epoch=3)
    for epoch in (1, 2):
        earlier_attempt(world, "statistics", {"epoch": epoch})
    assert logger.load_statistic() == [{"epoch": 1}, {"epoch": 2}, {"epoch": 3}]


def test_a_branch_sees_its_ancestors_up_to_the_cut(logger: KleioLogger, world: World) -> None:
    parent = "ef" * 32
    world.journal.insert_trial({**world.trial, "_id": parent, "refers": None})
    for epoch in (1, 2, 3):
        earlier_attempt(world, "statistics", {"epoch": epoch}, trial=parent, attempt=1)
    world.journal.compare_and_set(TRIAL, {}, {"refers": {"parent": parent, "cut": {"attempt": 1, "time": 101.0}}})
    logger.log_statistic(epoch=9)
    assert logger.load_statistic() == [{"epoch": 1}, {"epoch": 2}, {"epoch": 9}]


@pytest.mark.parametrize(
    ("query", "metadata", "found"),
    [
        ({}, {}, [b"1", b"2", b"3"]),
        (None, {"epoch": 2}, [b"2"]),
        ({"epoch": 2}, {}, [b"2"]),
        ({"best": True}, {"epoch": 3}, [b"3"]),
        ({}, {"epoch": 99}, []),
        ({}, {"missing": None}, []),
    ],
)
def test_artifacts_are_found_by_metadata(
    logger: KleioLogger, query: dict[str, Any] | None, metadata: dict[str, Any], found: list[bytes]
) -> None:
    for epoch in (1, 2, 3):
        logger.log_artifact("w", io.BytesIO(b"%d" % epoch), epoch=epoch, best=epoch == 3)
    logger.log_artifact("other", b"x", epoch=2)
    assert [content for content, _ in read(logger, "w", query, **metadata)] == found


def test_no_artifact_of_that_name_is_no_error(logger: KleioLogger) -> None:
    assert read(logger, "nope") == []


def offline(world: World) -> None:
    """Nobody has told the journal of the attempt yet, and nobody can."""
    attempt = read_attempt(world.directory)
    document = {**world.trial, "fence": OFFLINE_ATTEMPT}
    away = replace(attempt, journal="mongodb://127.0.0.1:1/lab", configuration={"lr": 1}, offline=document)
    write_attempt(world.directory, away)


def test_the_configuration_needs_no_journal(logger: KleioLogger, world: World) -> None:
    offline(world)
    assert logger.load_config() == {"lr": 1}


def test_offline_a_script_reads_what_it_recorded_itself_and_is_told(logger: KleioLogger, world: World) -> None:
    earlier_attempt(world, "statistics", {"epoch": 1})
    offline(world)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert logger.load_statistic() == []
        assert read(logger, "w") == []
        logger.log_statistic(epoch=2)
        logger.log_artifact("w", bytes(100_000), epoch=2)
        assert logger.load_statistic() == [{"epoch": 2}]
        assert read(logger, "w") == [(bytes(100_000), {"epoch": 2})]
    (one,) = told
    assert "what earlier attempts of this trial recorded is not known" in str(one.message)


def test_a_journal_that_is_away_is_an_error_without_the_drivers_tracebacks(logger: KleioLogger, world: World) -> None:
    attempt = read_attempt(world.directory)
    write_attempt(world.directory, replace(attempt, journal="mongodb://127.0.0.1:1/lab?serverSelectionTimeoutMS=100"))
    for ask in (logger.load_statistic, lambda: list(logger.load_artifacts("w"))):
        with pytest.raises(JournalUnreachable) as raised:
            ask()
        assert "".join(traceback.format_exception(raised.value)).count("Traceback") == 1


def test_files_are_opened_at_their_first_use_and_closed_by_themselves(logger: KleioLogger, world: World) -> None:
    for epoch in range(40):
        logger.log_artifact("model", b"%05d\n" % epoch * 20_000, epoch=epoch)
    world.shipper().ship()
    for epoch in range(40, 80):
        logger.log_artifact("model", b"%05d\n" % epoch * 20_000, epoch=epoch)
    before = len(os.listdir("/proc/self/fd"))
    found = list(logger.load_artifacts("model"))
    assert len(os.listdir("/proc/self/fd")) == before
    for epoch in (0, 79):
        file = found[epoch][0]
        assert (file.readable(), file.seekable()) == (True, True)
        assert file.readline() == b"%05d\n" % epoch
        assert (file.seek(-6, os.SEEK_END), file.tell(), file.read()) == (119_994, 119_994, b"%05d\n" % epoch)
        buffer = bytearray(3)
        file.seek(0)
        assert (file.readinto(buffer), bytes(buffer)) == (3, b"000")
        assert io.TextIOWrapper(file).readline() == f"{epoch:05d}\n"[3:]
    assert file.closed
    with pytest.raises(ValueError, match="closed"):
        file.read()
    del file, found
    assert len(os.listdir("/proc/self/fd")) == before


def test_an_unreadable_spool_is_an_error_and_not_an_empty_history(logger: KleioLogger, world: World) -> None:
    assert logger.is_managed
    os.unlink(os.path.join(world.directory, "attempt.json"))
    with pytest.raises(SpoolError):
        logger.load_statistic()


def test_a_trial_that_was_deleted_is_an_error(logger: KleioLogger, world: World) -> None:
    world.journal.delete_trial(TRIAL)
    with pytest.raises(TrialNotFound, match="abababa is not in the journal"):
        logger.load_config()


def test_what_was_taken_back_is_not_read_any_more(logger: KleioLogger, world: World) -> None:
    digest = world.blobs.put(io.BytesIO(b"x"))
    for epoch in (1, 2, 3):
        earlier_attempt(world, "statistics", {"epoch": epoch})
        body = {"name": "w", "digest": digest, "size": 1, "metadata": {"epoch": epoch}}
        earlier_attempt(world, "artifacts", body)
    earlier_attempt(world, "statistics", {"note": "x"})
    logger.log_statistic(epoch=9)
    logger.resume_from(epoch=1)
    assert logger.load_statistic() == [{"epoch": 1}, {"note": "x"}, {"epoch": 9}]
    assert read(logger, "w") == [(b"x", {"epoch": 1})]
