from __future__ import annotations

import io

import pytest

from harness.attempt import TRIAL
from kleio.errors import SpoolError, TrialNotFound

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


def test_an_unreadable_spool_is_an_error_and_not_an_empty_history(logger: KleioLogger, world: World) -> None:
    import os

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
