"""What a primary has done and no majority confirmed in time is neither lost nor done twice. Needs servers that lag."""

from __future__ import annotations

from functools import partial

import pytest
from contract.samples import batch, new_trial

from harness.mongodb import LaggingSet
from harness.sealing import sealed_environment
from harness.waiting import until
from kleio.errors import JournalUnreachable
from kleio.journal.contract import Segment
from kleio.journal.registry import open_journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kleio.journal.contract import Journal

pytestmark = pytest.mark.mongod


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaggingSet]:
    directory = tmp_path_factory.mktemp("set")
    servers = LaggingSet(directory, sealed_environment(directory))
    yield servers
    servers.close()


@pytest.fixture
def journal(servers: LaggingSet, request: pytest.FixtureRequest) -> Iterator[Journal]:
    journal = open_journal(servers.address(f"kleio_{request.node.name[:40]}"))
    yield journal
    journal.close()


def grown(segment: Segment, last: int) -> Segment:
    return Segment(segment.trial, segment.attempt, segment.stream, segment.writer, segment.first, last, {"n": last})


def test_a_longer_segment_that_no_majority_has_is_known_when_one_has(journal: Journal, servers: LaggingSet) -> None:
    trial = new_trial()
    journal.insert_trial(trial)
    segment = batch(trial["_id"], 0, 4)
    journal.append([segment])
    place = (segment.trial, segment.attempt, segment.stream, segment.writer)
    with servers.lag():
        with pytest.raises(JournalUnreachable):
            journal.extend(grown(segment, 9), 4)
        assert journal.last_sequence(*place) == 4
        with pytest.raises(JournalUnreachable, match="has not been confirmed by a majority"):
            journal.last_sequence(*place, confirmed=True)
        with pytest.raises(JournalUnreachable):
            journal.extend(grown(segment, 12), 4)
        with pytest.raises(JournalUnreachable):
            journal.append([grown(segment, 7)])
    assert journal.last_sequence(*place, confirmed=True) == 9
    assert journal.extend(grown(segment, 12), 4) == 9
    assert journal.append([grown(segment, 9)]) == [9]
    assert [(one.first, one.last) for one in journal.segments(trial["_id"])] == [(0, 9)]


def test_a_move_that_no_majority_has_is_made_once(journal: Journal, servers: LaggingSet) -> None:
    trial = new_trial()
    journal.insert_trial(trial)
    event = {"id": "e1", "status": "reserved"}
    changes = {"status": "reserved", "owner": "me"}
    move = partial(journal.compare_and_set, trial["_id"], {"status": "new"}, changes, claim=True, event=event)
    with servers.lag():
        for _ in range(2):
            with pytest.raises(JournalUnreachable):
                move()
    until(lambda: move() or (journal.trial(trial["_id"]) or {})["owner"] == "me", "the move to be made")
    assert (journal.trial(trial["_id"]) or {})["fence"] == 1
