"""What can happen to a journal file: each has its own error, and nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from contract.samples import batch, new_trial, trial_id

from kleio.clock import FakeClock
from kleio.errors import (
    JournalCorrupt,
    JournalError,
    JournalLocked,
    JournalReadOnly,
    JournalTooNew,
)
from kleio.journal.contract import TrialQuery
from kleio.journal.registry import open_journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CHILDREN = Path(__file__).parents[3] / "children"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite"


@pytest.fixture
def filled(path: Path) -> str:
    """The id of the one trial of the journal at ``path``; it has three segments."""
    document = new_trial(name="one")
    journal = open_journal(f"sqlite://{path}")
    journal.insert_trial(document)
    journal.append([batch(document["_id"], at, at + 9) for at in (0, 10, 20)])
    journal.close()
    return document["_id"]


@pytest.fixture
def outside(path: Path, filled: str) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the file."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def refused(path: Path, **options: object) -> JournalError:
    """What opening, reading or writing the journal raises."""
    with pytest.raises(JournalError) as raised:
        use(path, **options)
    return raised.value


def use(path: Path, **options: object) -> None:
    journal = open_journal(f"sqlite://{path}", **options)
    try:
        for document in list(journal.find_trials(TrialQuery())):
            list(journal.segments(document["_id"]))
        journal.insert_trial(new_trial())
    finally:
        journal.close()


def test_file_and_directory_are_private(path: Path, filled: str) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_times_are_taken_from_the_clock_given(path: Path) -> None:
    clock = FakeClock(wall=5_000.0)
    journal = open_journal(f"sqlite://{path}", clock=clock)
    document = new_trial()
    journal.insert_trial(document)
    clock.advance(15)
    after = journal.compare_and_set(document["_id"], {}, {})
    assert after is not None
    assert (after["hb"], journal.ping().now) == (5_015.0, 5_015.0)
    journal.close()


def test_ping_names_file_and_journal_mode(path: Path, filled: str) -> None:
    journal = open_journal(f"sqlite://{path}")
    health = journal.ping()
    assert health.server == f"SQLite {sqlite3.sqlite_version}"
    assert health.details["path"] == str(path)
    assert health.details["journal_mode"] in {"truncate", "wal"}
    journal.close()


# --- locks ----------------------------------------------------------------------------------------------------------


def test_a_locked_journal_is_reported_after_the_timeout(path: Path, outside: sqlite3.Connection) -> None:
    outside.execute("BEGIN EXCLUSIVE")
    error = refused(path, timeout=0.05)
    assert type(error) is JournalLocked
    assert error.message == f"the journal {path} has been locked by another process for 0.05 s"
    assert error.hint == f"see who holds it with `fuser -v {path}`, and try again"
    assert error.exit_code == 75


@pytest.mark.parametrize("lock", ["EXCLUSIVE", "IMMEDIATE"])
def test_who_waits_for_a_lock_is_told_once(path: Path, filled: str, outside: sqlite3.Connection, lock: str) -> None:
    said: list[str] = []

    def hear(text: str) -> None:
        said.append(text)
        outside.execute("ROLLBACK")

    outside.execute(f"BEGIN {lock}")
    journal = open_journal(f"sqlite://{path}", on_wait=hear)
    assert journal.compare_and_set(filled, {}, {"name": "changed"}) is not None
    assert said == [
        f"waiting for the journal {path}, which another process keeps locked (see which: `fuser -v {path}`)"
    ]
    journal.close()


class Signalled(BaseException):
    """What a signal raises."""


@pytest.mark.parametrize("is_open", [True, False])
def test_a_signal_ends_the_wait_for_a_lock(path: Path, filled: str, outside: sqlite3.Connection, is_open: bool) -> None:
    def on_alarm(*_: object) -> None:
        raise Signalled

    journals = [open_journal(f"sqlite://{path}", timeout=1e6)] if is_open else []
    outside.execute("BEGIN EXCLUSIVE")
    before = signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(Signalled):
            journals[0].trial(filled) if journals else open_journal(f"sqlite://{path}", timeout=1e6)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        outside.execute("ROLLBACK")
        for journal in journals:
            journal.close()


def test_reading_goes_on_while_another_process_holds_the_write_lock(
    path: Path, filled: str, outside: sqlite3.Connection
) -> None:
    outside.execute("BEGIN IMMEDIATE")
    journal = open_journal(f"sqlite://{path}", timeout=0.05)
    assert (journal.trial(filled) or {})["name"] == "one"
    assert journal.compare_and_set(filled, {"status": "running"}, {}) is None, "losers need no lock"
    with pytest.raises(JournalLocked):
        journal.compare_and_set(filled, {"status": "new"}, {})
    outside.execute("ROLLBACK")
    assert journal.compare_and_set(filled, {"status": "new"}, {})
    journal.close()


def test_a_journal_is_not_carried_over_a_fork(path: Path, filled: str) -> None:
    journal = open_journal(f"sqlite://{path}")
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            journal.trial(filled)
        except RuntimeError:
            os._exit(7)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert journal.trial(filled)
    journal.close()


# --- damage ---------------------------------------------------------------------------------------------------------


def test_a_file_that_never_was_a_database_is_no_journal(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(content := b"garbage " * 1000)
    error = refused(path)
    assert type(error) is JournalCorrupt
    assert error.message == f"{path} is no journal of kleio, nor any SQLite database"
    assert path.read_bytes() == content


def test_a_file_that_begins_like_a_database_is_damaged(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(content := b"SQLite format 3\0" + b"\xff" * 5000)
    error = refused(path)
    assert type(error) is JournalCorrupt
    assert error.message == f"the journal {path} is damaged: file is not a database"
    assert error.hint == (
        f"keep a copy, then save what can be read: sqlite3 {path} .recover | sqlite3 {path}.recovered"
    )
    assert path.read_bytes() == content


@pytest.mark.parametrize("seed", range(12))
def test_damage_anywhere_is_a_clear_error_or_harmless(path: Path, filled: str, seed: int) -> None:
    journal = open_journal(f"sqlite://{path}")
    for number in range(30):
        journal.insert_trial(new_trial(number=number, fill="x" * 3_000))
    journal.close()
    content = bytearray(path.read_bytes())
    chance = random.Random(seed)
    for _ in range(20):
        at = chance.randrange(100, len(content) - 64)
        content[at : at + 64] = chance.randbytes(64)
    path.write_bytes(content)
    try:
        use(path)
    except JournalError as error:
        assert str(path) in error.message


def test_a_file_that_was_cut_short_is_damaged(path: Path, filled: str) -> None:
    os.truncate(path, 4096)
    assert type(refused(path)) is JournalCorrupt


def test_a_row_that_cannot_be_read_is_reported(path: Path, outside: sqlite3.Connection) -> None:
    outside.execute("UPDATE documents SET document = '{'")
    error = refused(path)
    assert type(error) is JournalCorrupt
    assert error.message.startswith(f"the journal {path} holds a row that cannot be read: ")


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    error = refused(path)
    assert error.message == f"{path} is the SQLite database of another program"
    assert error.hint == "choose another file with KLEIO_JOURNAL"
    assert path.read_bytes() == before


@pytest.mark.kill
def test_whatever_was_acknowledged_survives_kills(path: Path) -> None:
    document = new_trial()
    trial = document["_id"]
    journal = open_journal(f"sqlite://{path}")
    journal.insert_trial(document)
    chance = random.Random(1)
    for round_ in range(6):
        writers = {}
        for name in (f"a{round_}", f"b{round_}"):
            command = [sys.executable, str(CHILDREN / "appender.py"), f"sqlite://{path}", trial, name]
            writers[name] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for child in writers.values():
            assert child.stdout is not None
            for _ in range(chance.randrange(1, 25)):
                child.stdout.readline()
            child.kill()
        for name, child in writers.items():
            rest = child.communicate()[0]
            last = int(rest.split()[-1]) if rest.split() else 0
            assert child.returncode == -signal.SIGKILL
            assert journal.last_sequence(trial, 1, "output", name) >= last
            assert (journal.trial(trial) or {})[name] >= last
    for name in ("a0", "b5"):
        firsts = [segment.first for segment in journal.segments(trial, writer=name)]
        assert firsts == list(range(len(firsts)))
    journal.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


# --- permissions and space ------------------------------------------------------------------------------------------

AS_SOMEBODY_ELSE = """
import os, sys, zlib
from kleio.errors import KleioError
from kleio.journal.registry import open_journal
from kleio.journal.contract import Segment, TrialQuery
import kleio.journal.sqlite.journal  # somebody else may not read the program
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    journal = open_journal(sys.argv[1])
    print(*[document["name"] for document in journal.find_trials(TrialQuery())], journal.ping().writable)
    journal.insert_trial({"_id": "new"})
    print("written")
except KleioError as error:
    print(type(error).__name__ + ": " + error.message)
"""


def as_somebody_else(path: Path, code: str = AS_SOMEBODY_ELSE) -> list[str]:
    """What a user who is not root sees."""
    command = [sys.executable, "-c", code, f"sqlite://{path}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.fixture
def open_path(path: Path) -> Iterator[Path]:
    """``path``, with directories that everybody may enter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entered = [path.parent, *(directory for directory in path.parents if directory.owner() == path.parent.owner())]
    modes = {directory: directory.stat().st_mode for directory in entered if directory.name not in {"", "tmp"}}
    for directory, mode in modes.items():
        directory.chmod(mode | 0o055)
    yield path
    for directory, mode in modes.items():
        directory.chmod(mode)


@pytest.mark.parametrize(("file", "directory"), [(0o444, 0o755), (0o444, 0o555)], ids=["file", "directory"])
def test_a_read_only_journal_can_be_read(open_path: Path, filled: str, file: int, directory: int) -> None:
    open_path.chmod(file)
    open_path.parent.chmod(directory)
    try:
        seen = as_somebody_else(open_path)
    finally:
        open_path.parent.chmod(0o755)
    assert seen == ["one False", f"JournalReadOnly: the journal {open_path} cannot be written"]


@pytest.mark.parametrize("mode", [0o000, 0o222])
def test_a_journal_that_may_not_be_read_is_called_unreadable(open_path: Path, filled: str, mode: int) -> None:
    """To who would write as well; that one may go on without it, and send later what is recorded."""
    open_path.chmod(mode)
    message = f"the journal {open_path} cannot be read: permission denied"
    reading = AS_SOMEBODY_ELSE.replace("(sys.argv[1])", "(sys.argv[1], create=False)")
    assert as_somebody_else(open_path, reading) == [f"JournalError: {message}"]
    assert as_somebody_else(open_path) == [f"JournalReadOnly: {message}"]


def test_a_journal_whose_directory_may_not_be_entered_is_not_called_missing(open_path: Path, filled: str) -> None:
    open_path.parent.chmod(0o600)
    reading = AS_SOMEBODY_ELSE.replace("(sys.argv[1])", "(sys.argv[1], create=False)")
    assert as_somebody_else(open_path, reading) == [
        f"JournalError: the journal {open_path} cannot be read: permission denied"
    ]


def test_a_writable_file_in_a_read_only_directory_can_be_read(open_path: Path, filled: str) -> None:
    open_path.chmod(0o666)
    open_path.parent.chmod(0o555)
    try:
        seen = as_somebody_else(open_path)
    finally:
        open_path.parent.chmod(0o755)
    assert seen[0].startswith("one ")
    assert seen[1].startswith(f"JournalReadOnly: the journal {open_path} cannot be written")


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_journal_that_is_not_the_one_that_was_opened_takes_nothing(tmp_path: Path, is_replaced: bool) -> None:
    path = tmp_path / "journal.sqlite"
    journal = open_journal(f"sqlite://{path}")
    path.unlink()
    if is_replaced:
        open_journal(f"sqlite://{path}").close()
    with pytest.raises(JournalReadOnly, match=f"^the journal {path} was deleted or replaced$"):
        journal.insert_trial({"_id": "a" * 64, "fence": 0})
    journal.close()


def test_a_journal_that_cannot_be_created_is_refused(open_path: Path) -> None:
    open_path.parent.chmod(0o555)
    try:
        (seen,) = as_somebody_else(open_path)
    finally:
        open_path.parent.chmod(0o755)
    assert seen == f"JournalReadOnly: the journal {open_path} cannot be created: Permission denied"


def test_a_file_in_place_of_the_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    error = refused(tmp_path / "data" / "journal.sqlite")
    assert type(error) is JournalReadOnly
    assert error.message.startswith(f"the journal {tmp_path}/data/journal.sqlite cannot be created: ")


def test_a_journal_that_does_not_exist_is_not_created_unasked(path: Path) -> None:
    error = refused(path, create=False)
    assert error.message == f"there is no journal at {path}"
    assert not path.parent.exists()


LIMITED = """
import os, resource, sys
from kleio.errors import JournalError
from kleio.journal.contract import Segment
from kleio.journal.registry import open_journal
journal = open_journal(sys.argv[1])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
stored = 0
try:
    while True:
        journal.append([Segment("t", 1, "s", "w", stored, stored, {"fill": os.urandom(8_000)})])
        stored += 1
except JournalError as error:
    print(stored, type(error).__name__, error.message)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(journal.last_sequence("t", 1, "s", "w") + 1)
journal.append([Segment("t", 1, "s", "w", stored, stored)])
print(len(list(journal.segments("t"))))
"""


def test_a_write_that_the_disk_refuses_is_undone_and_can_be_repeated(path: Path, filled: str) -> None:
    error, before, after = as_somebody_else(path, LIMITED)
    stored, kind, message = error.split(" ", 2)
    assert int(stored) > 0
    assert (kind, message) == ("JournalError", f"the journal {path} failed: disk I/O error")
    assert before == stored
    assert int(after) == int(stored) + 1
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


# --- versions -------------------------------------------------------------------------------------------------------


def test_a_newer_journal_that_admits_us_as_readers_is_read_only(
    path: Path, filled: str, outside: sqlite3.Connection
) -> None:
    outside.execute("UPDATE meta SET schema = 9, min_writer = 9")
    outside.execute("PRAGMA user_version = 9")
    journal = open_journal(f"sqlite://{path}")
    assert (journal.trial(filled) or {})["name"] == "one"
    assert not journal.ping().writable
    with pytest.raises(
        JournalTooNew, match=f"^the journal {re.escape(str(path))} has schema 9, and this kleio knows 3$"
    ):
        journal.append([batch(filled, 30, 39)])
    journal.close()


def test_a_newer_journal_that_admits_us_is_used(path: Path, outside: sqlite3.Connection) -> None:
    outside.execute("UPDATE meta SET schema = 9")
    outside.execute("PRAGMA user_version = 9")
    use(path)


def test_a_newer_journal_that_shuts_us_out_is_not_opened(path: Path, outside: sqlite3.Connection) -> None:
    outside.execute("UPDATE meta SET schema = 9, min_reader = 8, min_writer = 9")
    outside.execute("PRAGMA user_version = 9")
    error = refused(path)
    assert type(error) is JournalTooNew
    assert error.hint == "upgrade kleio: pip install -U kleio"


def mode(path: Path) -> str:
    journal = open_journal(f"sqlite://{path}")
    found = journal.ping().details["journal_mode"]
    document = new_trial()
    assert journal.insert_trial(document)
    assert journal.append([batch(document["_id"], 0, 9)]) == [9]
    journal.close()
    return str(found)


def test_the_journal_mode_is_one_that_this_sqlite_is_safe_in(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    assert mode(path) == "wal"
    assert mode(path) == "wal"
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    assert mode(path) == "truncate", "an older SQLite takes the file out of WAL"
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    assert mode(path) == "truncate", "and a newer one leaves it so"


def test_a_file_in_wal_that_others_use_stays_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    other = open_journal(f"sqlite://{path}")
    other.insert_trial(new_trial(trial_id()))
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    assert mode(path) == "wal"
    other.close()
    assert mode(path) == "truncate"
