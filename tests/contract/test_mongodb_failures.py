"""Networks and servers that fail: MongoDB's journal loses nothing, does nothing twice, and says what is wrong."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from contract.samples import batch, new_trial, trial_id

from harness.mongodb import MongoServer, OwnServer, with_option
from harness.proxy import Proxy
from harness.sealing import sealed_environment
from harness.waiting import until
from kleio.artifacts.registry import open_blobs
from kleio.connection.mongodb import FIRST_CONTACT
from kleio.errors import JournalError, JournalReadOnly, JournalTooNew, JournalUnreachable, SettingsError
from kleio.journal.contract import Segment, TrialQuery
from kleio.journal.registry import open_journal
from kleio.trial.statement import parse, parse_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from kleio.journal.contract import Journal

pytestmark = pytest.mark.mongo

PATIENT = "directConnection=true&serverSelectionTimeoutMS=3000"
"""``directConnection``: else the driver would ask the server for its own address, and go round the proxy."""
IMPATIENT = f"{PATIENT}&socketTimeoutMS=1500&connectTimeoutMS=1500"
"""For servers that fall silent. Others are given time, however loaded the machine is."""


@pytest.fixture
def proxy(mongodb_address: str) -> Iterator[Proxy]:
    with Proxy(urlsplit(mongodb_address).port or 0) as proxy:
        yield proxy


@pytest.fixture
def through(proxy: Proxy, mongodb_address: str) -> str:
    """The address of the journal behind the proxy."""
    return f"mongodb://127.0.0.1:{proxy.port}{urlsplit(mongodb_address).path}?{PATIENT}"


@pytest.fixture
def open_(request: pytest.FixtureRequest) -> Iterator[Callable[..., Journal]]:
    """``open_journal``, closed after the test."""
    opened: list[Journal] = []

    def open_(address: str, **options: Any) -> Journal:
        opened.append(open_journal(address, **options))
        return opened[-1]

    yield open_
    for journal in opened:
        journal.close()


@pytest.fixture
def journal(through: str) -> Iterator[Journal]:
    journal = open_journal(through)
    yield journal
    journal.close()  # while there still is a proxy to say goodbye through


@pytest.fixture
def trial(journal: Journal) -> str:
    document = new_trial()
    journal.insert_trial(document)
    return document["_id"]


@pytest.fixture
def fail(mongodb_server: MongoServer) -> Iterator[Callable[..., None]]:
    """``fail("insert", times=1, errorCode=10107)``: what the server's fail point does with the next such commands."""
    with mongodb_server.client() as client:

        def fail(*commands: str, times: int | str = 1, **data: Any) -> None:
            mode = times if isinstance(times, str) else {"times": times}
            data = {"failCommands": list(commands), **data}
            client.admin.command("configureFailPoint", "failCommand", mode=mode, data=data)

        yield fail
        client.admin.command("configureFailPoint", "failCommand", mode="off")


def claim(journal: Journal, trial: str, owner: str) -> dict[str, Any] | None:
    return journal.compare_and_set(
        trial,
        {"status": {"new", "failover"}},
        {"status": "reserved", "owner": owner},
        claim=True,
        event={"id": owner, "status": "reserved"},
    )


# --- the network ----------------------------------------------------------------------------------------------------


def test_a_first_contact_does_not_take_ten_seconds() -> None:
    assert FIRST_CONTACT < 10


def test_a_server_that_refuses_is_reported_without_the_password(proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(JournalUnreachable) as raised:
        open_journal(f"mongodb://me:S3CRET@127.0.0.1:{proxy.port}/lab", timeout=0.2)
    error = raised.value
    assert error.exit_code == 75
    shown = f"the journal mongodb://me@127.0.0.1:{proxy.port}/lab cannot be reached: "
    assert error.message.startswith(shown)
    assert "Connection refused" in error.message
    assert "S3CRET" not in error.message
    assert "configured timeouts" not in error.message
    assert error.hint == "`kleio db check` tries the connection; `kleio config` shows where the address comes from"


def test_a_server_that_is_silent_is_reported(proxy: Proxy, through: str) -> None:
    proxy.swallow()
    with pytest.raises(JournalUnreachable, match="cannot be reached"):
        open_journal(through.replace(PATIENT, IMPATIENT), timeout=0.3)


def test_a_name_that_does_not_resolve_is_reported() -> None:
    with pytest.raises(JournalUnreachable, match=r"mongodb://host\.invalid/lab cannot be reached"):
        open_journal("mongodb://host.invalid/lab", timeout=0.2)


@pytest.mark.parametrize("option", ["w=many&w", "tls=perhaps", "authMechanism=NONE", "readConcernLevel"])
def test_options_that_the_driver_refuses_are_settings_errors(option: str) -> None:
    with pytest.raises(SettingsError, match=r"^the address mongodb://me@127") as raised:
        open_journal(f"mongodb://me:S3CRET@127.0.0.1:1/lab?{option}")
    assert "S3CRET" not in f"{raised.value.message}{raised.value.__cause__}"


def test_a_lost_reply_is_asked_for_again_and_the_claim_made_once(proxy: Proxy, journal: Journal, trial: str) -> None:
    proxy.cut_after(b"findAndModify")
    after = claim(journal, trial, "me")
    assert after is not None
    assert (proxy.cut, after["fence"], after["owner"]) == (1, 1, "me")


def test_after_an_error_the_owner_tells_that_the_claim_was_made(proxy: Proxy, journal: Journal, trial: str) -> None:
    proxy.cut_after(b"findAndModify", times=2)
    with pytest.raises(JournalUnreachable):
        claim(journal, trial, "me")
    found = journal.trial(trial)
    assert found is not None
    assert (found["fence"], found["owner"]) == (1, "me")
    # Its event became no segment; the next move makes up for it.
    journal.compare_and_set(trial, {"owner": "me"}, {"status": "running"}, event={"id": "next"})
    assert [segment.writer for segment in journal.segments(trial, attempt=1, stream="status")] == ["me", "next"]


@pytest.mark.parametrize("times", [1, 2])
def test_segments_whose_reply_was_lost_are_stored_once(proxy: Proxy, journal: Journal, trial: str, times: int) -> None:
    segments = [batch(trial, at, at + 9) for at in range(0, 100, 10)]
    proxy.cut_after(b"insert\0", times=times)
    try:
        journal.append(segments)
    except JournalUnreachable:
        assert times == 2
    assert journal.append(segments) == [segment.last for segment in segments]
    assert list(journal.segments(trial)) == segments
    assert proxy.cut == times


def test_a_journal_that_falls_silent_is_an_error_and_works_again(
    proxy: Proxy, open_: Callable[..., Journal], through: str, trial: str
) -> None:
    journal = open_(through.replace(PATIENT, IMPATIENT))
    proxy.swallow()
    with pytest.raises(JournalUnreachable, match=f"127.0.0.1:{proxy.port}"):
        journal.append([batch(trial, 0, 9)])
    proxy.restore()
    assert journal.append([batch(trial, 0, 9)]) == [9]
    assert list(journal.segments(trial)) == [batch(trial, 0, 9)]


def test_a_journal_is_not_carried_over_a_fork(journal: Journal, trial: str) -> None:
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            journal.trial(trial)
        except RuntimeError:
            journal.close()
            os._exit(7)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert journal.trial(trial)


# --- the server -----------------------------------------------------------------------------------------------------

STEPPING_DOWN = [10107, 91, 189, 11600]


def test_elections_are_not_noticed(
    fail: Callable[..., None], open_: Callable[..., Journal], mongodb_address: str, trial: str
) -> None:
    journal = open_(with_option(mongodb_address, "heartbeatFrequencyMS=500"))
    codes = itertools.cycle(STEPPING_DOWN)

    def stumble(command: str) -> None:
        fail(command, errorCode=next(codes), errorLabels=["RetryableWriteError"])

    stumble("update")
    assert journal.insert_trial(new_trial("b" * 64))
    stumble("findAndModify")
    assert (claim(journal, trial, "me") or {})["fence"] == 1
    stumble("insert")
    assert journal.append([batch(trial, 0, 9)]) == [9]
    stumble("find")
    assert (journal.trial(trial) or {})["owner"] == "me"
    stumble("find")
    assert len(list(journal.find_trials(TrialQuery()))) == 2


def test_a_server_that_stays_away_is_reported(fail: Callable[..., None], journal: Journal, trial: str) -> None:
    fail("insert", times="alwaysOn", errorCode=10107, errorLabels=["RetryableWriteError"])
    with pytest.raises(JournalUnreachable):
        journal.append([batch(trial, 0, 9)])


@pytest.mark.parametrize("code", [96, 292])
@pytest.mark.parametrize(
    "query",
    [
        TrialQuery(),
        TrialQuery(limit=3, offset=2),
        TrialQuery(sort=parse_order("duration")),
        TrialQuery(sort=parse_order("-duration"), limit=4),
        TrialQuery(where=parse("config.lr > 2"), sort=parse_order("name")),
    ],
    ids=["newest", "page", "rising", "falling", "filtered"],
)
def test_what_a_server_cannot_sort_in_memory_it_sorts_on_its_disk(
    journal: Journal, fail: Callable[..., None], code: int, query: TrialQuery
) -> None:
    for number in (3, 1, 4, 1, 5, 9, 2):
        journal.insert_trial(new_trial(configuration={"lr": number}, duration=number / 4, name=f"n{number % 3}"))
    expected = list(journal.find_trials(query))
    assert expected
    fail("find", times="alwaysOn", errorCode=code)
    assert list(journal.find_trials(query)) == expected


def test_a_write_that_no_majority_confirmed_is_not_acknowledged(
    fail: Callable[..., None], journal: Journal, trial: str
) -> None:
    concern = {"code": 64, "errmsg": "waiting for replication timed out"}
    fail("insert", writeConcernError=concern)
    with pytest.raises(JournalUnreachable, match="did not confirm a write on a majority of its servers"):
        journal.append([batch(trial, 0, 9)])
    assert journal.append([batch(trial, 0, 9)]) == [9]
    fail("findAndModify", writeConcernError=concern)
    with pytest.raises(JournalUnreachable):
        claim(journal, trial, "me")
    # It is written, and read as soon as the majority has it.
    until(lambda: (journal.trial(trial) or {})["owner"] == "me", "the write to be confirmed")


def test_a_forgotten_cursor_is_taken_up_again(fail: Callable[..., None], journal: Journal, trial: str) -> None:
    segments = [Segment(trial, 1, "s", "w", at, at) for at in range(1_000)]
    journal.append(segments)
    reading = journal.segments(trial)
    first = next(reading)
    fail("getMore", errorCode=43)
    assert [first, *reading] == segments


def test_a_segment_that_is_too_large_is_named_and_the_rest_stored(journal: Journal, trial: str) -> None:
    large = Segment(trial, 1, "output", "w1", 10, 19, {"data": bytes(17 << 20)})
    with pytest.raises(ValueError, match=f"^segment {re.escape(repr(large.id))} cannot be stored: 17826") as raised:
        journal.append([batch(trial, 0, 9), large, batch(trial, 20, 29)])
    assert "more than MongoDB takes in one document" in str(raised.value)
    assert [segment.first for segment in journal.segments(trial)] == [0, 20]


def test_a_batch_that_the_server_refuses_is_halved_until_the_culprit_is_found(
    fail: Callable[..., None], journal: Journal, trial: str
) -> None:
    segments = [batch(trial, at, at) for at in range(8)]
    fail("insert", times=4, errorCode=2)  # 8, then 4, 2 and 1 of them
    with pytest.raises(ValueError, match=f"^segment {re.escape(repr(segments[0].id))} cannot be stored: "):
        journal.append(segments)
    assert list(journal.segments(trial)) == segments[1:]


def test_a_trial_that_is_too_large_is_refused(journal: Journal, trial: str) -> None:
    with pytest.raises(ValueError, match=r"^trial '.*' is too large: MongoDB takes"):
        journal.insert_trial(new_trial(fill="x" * (17 << 20)))
    with pytest.raises(ValueError, match=r"^trial '.*' is too large"):
        journal.compare_and_set(trial, {}, {"fill": "x" * (17 << 20)})
    assert "fill" not in (journal.trial(trial) or {})


def test_many_large_segments_are_sent_in_several_batches(journal: Journal) -> None:
    trial = trial_id()
    segments = [Segment(trial, 1, "s", "w", at, at, {"data": bytes([at]) * (3 << 20)}) for at in range(8)]
    assert journal.append(segments) == list(range(8))
    assert list(journal.segments(trial)) == segments


# --- users and versions ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address, without users, of a server that demands a login; it knows ``writer`` and ``reader``."""
    directory = tmp_path_factory.mktemp("guarded")
    server = OwnServer(directory, sealed_environment(directory))
    with server.client() as client:
        for user, role in (("writer", "readWrite"), ("reader", "read")):
            client.lab.command("createUser", user, pwd="S3CRET", roles=[{"role": role, "db": "lab"}])
    server.close()
    server = OwnServer(directory, sealed_environment(directory), "--auth")
    yield f"127.0.0.1:{urlsplit(server.uri).port}/lab"
    server.close()


def test_a_user_who_may_only_read_reads(open_: Callable[..., Journal], guarded: str) -> None:
    document = new_trial()
    trial = document["_id"]
    reader = open_(f"mongodb://reader:S3CRET@{guarded}")
    assert list(reader.find_trials(TrialQuery())) == [], "nobody has written yet, and a reader makes no indexes"
    with pytest.raises(JournalReadOnly):
        reader.insert_trial(document)
    writer = open_(f"mongodb://writer:S3CRET@{guarded}")
    assert writer.ping().writable
    writer.insert_trial(document)
    writer.append([batch(trial, 0, 9)])
    reader = open_(f"mongodb://reader:S3CRET@{guarded}", timeout=5)
    assert reader.trial(trial) == writer.trial(trial)
    assert list(reader.segments(trial)) == [batch(trial, 0, 9)]
    assert not reader.ping().writable
    for write in (
        lambda: reader.insert_trial(new_trial()),
        lambda: reader.compare_and_set(trial, {}, {}),
        lambda: reader.append([batch(trial, 10, 19)]),
        lambda: reader.delete_trial(trial),
    ):
        with pytest.raises(
            JournalReadOnly, match=f"^the journal mongodb://reader@{guarded} does not permit this"
        ) as found:
            write()
        assert "to execute command" not in found.value.message
        assert found.value.hint == "ask for the role readWrite on this database"


@pytest.mark.parametrize("user", ["writer:wrong", "nobody:S3CRET"])
def test_a_wrong_password_has_its_own_message(guarded: str, user: str) -> None:
    with pytest.raises(JournalError) as raised:
        open_journal(f"mongodb://{user}@{guarded}")
    name, password = user.split(":")
    assert raised.value.message == f"the journal mongodb://{name}@{guarded} refused the user or the password"
    assert raised.value.hint == ("users are often kept in the database `admin`: add ?authSource=admin to the address")
    with pytest.raises(JournalError) as raised:
        open_journal(f"mongodb://{user}@{guarded}?authSource=lab")
    assert "add ?authSource" not in (raised.value.hint or "")
    assert password not in str(raised.value)


def test_a_missing_login_is_reported(guarded: str) -> None:
    with pytest.raises(JournalError, match=f"^the journal mongodb://{guarded} "):
        open_journal(f"mongodb://{guarded}")


@pytest.fixture
def meta(mongodb_server: MongoServer, mongodb_address: str) -> Iterator[Callable[..., None]]:
    """Changes what the journal says of its schema."""
    with mongodb_server.client() as client:
        collection = client[urlsplit(mongodb_address).path[1:]].meta
        yield lambda **fields: collection.update_one({"_id": "journal"}, {"$set": fields}, upsert=True)


def test_a_newer_journal_that_admits_us_as_readers_is_read_only(
    open_: Callable[..., Journal], mongodb_address: str, meta: Callable[..., None]
) -> None:
    document = new_trial()
    open_(mongodb_address).insert_trial(document)
    meta(schema=9, min_writer=9)
    journal = open_(mongodb_address)
    assert journal.trial(document["_id"])
    assert not journal.ping().writable
    with pytest.raises(JournalTooNew, match=r"has schema 9, and this kleio knows 1$"):
        journal.append([batch(document["_id"], 0, 9)])


def test_a_newer_journal_that_shuts_us_out_is_not_opened(mongodb_address: str, meta: Callable[..., None]) -> None:
    meta(schema=9, min_reader=9, min_writer=9)
    with pytest.raises(JournalTooNew, match=r"^the journal mongodb://.* has schema 9, and this kleio knows 1$"):
        open_journal(mongodb_address)


def test_reading_makes_nothing(
    open_: Callable[..., Journal], mongodb_server: MongoServer, mongodb_address: str
) -> None:
    journal = open_(mongodb_address)
    assert list(journal.find_trials(TrialQuery())) == []
    assert journal.trial("a" * 64) is None
    blobs = open_blobs(mongodb_address)
    assert list(blobs.digests()) == []
    blobs.close()
    with mongodb_server.client() as client:
        assert client[urlsplit(mongodb_address).path[1:]].list_collection_names() == []


def test_journal_and_blobs_share_one_connection(open_: Callable[..., Journal], mongodb_address: str) -> None:
    journal = open_(mongodb_address)
    blobs = open_blobs(mongodb_address)
    journal.close()
    assert list(blobs.digests()) == []
    blobs.close()
    with pytest.raises(JournalError, match=r"are closed$"):
        blobs.has("a" * 64)


LEFT = """
import sys, threading
from kleio.artifacts.registry import open_blobs
blobs = open_blobs(sys.argv[1])
def reads():
    yield from [255 << 10] * 12
    print("under way", flush=True)
    sys.stdin.readline()
    yield from [255 << 10] * 12
    print("further", flush=True)
    further.set()
    threading.Event().wait()
further = threading.Event()
class Source:
    sizes = reads()
    def read(self, size):
        return bytes(next(self.sizes))
threading.Thread(target=blobs.put, args=[Source()], daemon=True).start()
further.wait()
sys.stdin.readline()
"""


def test_a_process_that_ends_does_not_wait_for_chunks_that_a_silent_server_never_takes(
    proxy: Proxy, mongodb_address: str
) -> None:
    """Patient as it is, the driver would hold it for an hour."""
    address = f"mongodb://127.0.0.1:{proxy.port}{urlsplit(mongodb_address).path}"
    patient = f"{address}?directConnection=true&socketTimeoutMS=3600000&heartbeatFrequencyMS=3600000"
    command = [sys.executable, "-c", LEFT, patient]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            assert process.stdout.readline() == "under way\n"
            proxy.swallow()
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline() == "further\n"
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
