"""What cannot be: one clear message, the documented exit code, no traceback, and nothing lost."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from harness.command import program
from harness.mongodb import database_of
from harness.waiting import until
from kleio.journal.sqlite.journal import TIMEOUT as LOCKED

COMMANDS = [("python", "hold.py"), ("ls",), ("info", "0000000"), ("db", "check")]
RUN = COMMANDS[0]


@pytest.fixture(autouse=True)
def go(repo):
    """A command that is run in spite of all ends at once, and leaves ran.log."""
    (repo / "go").touch()


@pytest.fixture
def sqlite(kleio):
    """The file of the journal, with one trial in it, as it is before the trouble."""
    assert kleio("-q", "true").code == 0
    return Path(kleio.environment["KLEIO_JOURNAL"].removeprefix("sqlite://"))


on_sqlite = pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
once = on_sqlite  # what has nothing to do with the journal


@once
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--nosuch", "python", "hold.py"], "--nosuch"),
        (["run", "--nosuch", "python", "hold.py"], "--nosuch"),
        (["--outptu", "pipe", "python", "hold.py"], "--output"),
        (["--output"], "--output"),
        (["--output", "nosuch", "true"], "nosuch"),
        (["--quiet=1", "true"], "--quiet"),
        (["--"], "--"),
        (["exec"], "exec"),
        (["info"], "ID"),
        (["ls", "--nosuch"], "--nosuch"),
        (["ls", "--status", "nosuch"], "nosuch"),
        (["tail", "-n", "x", "0"], "x"),
    ],
    ids=" ".join,
)
def test_line_that_cannot_be_understood_is_a_usage_error(kleio, repo, words, says):
    assert says in kleio(*words).refused(2)
    assert not (repo / "ran.log").exists()


def test_unknown_trial_is_refused(kleio):
    for words in (["info"], ["cat"], ["tail"], ["exec"]):
        assert "0000000" in kleio(*words, "0000000").refused()
        assert "empty" in kleio(*words, "").refused()


@once
@pytest.mark.parametrize("address", ["nonsense", "sqlite://relative", "mysql://h/d", "mongodb://", "mongodb://h:x/d"])
def test_address_that_is_none_is_refused(kleio, repo, address):
    words = kleio(*RUN, env={"KLEIO_JOURNAL": address}).refused()
    assert "KLEIO_JOURNAL" in words or "mongodb" in words or "sqlite" in words
    assert not (repo / "ran.log").exists()


@on_sqlite
def test_locked_journal_is_refused_and_the_command_runs_later(kleio, repo, sqlite):
    connection = sqlite3.connect(sqlite, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        words = kleio(*RUN, patience=90).refused(75)
    finally:
        connection.close()
    assert "locked" in words or "busy" in words
    assert not (repo / "ran.log").exists()
    assert kleio(*RUN).code == 0


@on_sqlite
@pytest.mark.parametrize("words", [["echo", "new"], ["ls"], ["note", "{trial}", "text"]])
def test_who_waits_for_a_locked_journal_is_told(kleio, sqlite, words):
    (trial,) = kleio.ids()
    connection = sqlite3.connect(sqlite, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE" if words == ["ls"] else "BEGIN IMMEDIATE")
    started = kleio.terminal(*(word.format(trial=trial) for word in words), columns=300)
    try:
        started.until("keeps locked (see which: `fuser -v ")
    finally:
        connection.close()
    assert started.wait() == 0
    assert started.seen.count(b"keeps locked") == 1


@on_sqlite
def test_who_waits_longer_for_the_journal_than_for_git_runs_the_same_trial(kleio, repo, git, sqlite):
    """Git was asked before, of a commit that nobody has seen yet."""
    (known,) = kleio.ids()
    git("commit", "-q", "--allow-empty", "-m", "new")
    connection = sqlite3.connect(sqlite, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    started = kleio.terminal("echo", "later", columns=300, env={"KLEIO_GIT_TIMEOUT": "1s"})
    try:
        started.until("keeps locked")
    finally:
        connection.close()
    assert started.wait() == 0
    assert b"git did not answer" not in started.seen
    trial = next(one for one in kleio.ids() if one != known)
    info = kleio.info(trial)
    assert info["project"]["id"] == kleio.info(known)["project"]["id"]
    assert info["code"]["kind"] == "git"


@on_sqlite
def test_who_waits_for_the_journal_at_the_end_is_told(kleio, sqlite):
    started = kleio.terminal("sh", "-c", "echo ready; read go; sleep 0.1", columns=300)
    started.until("ready")
    until(lambda: kleio.ids() and kleio.status(kleio.ids()[0]) == "running", "the trial to run")
    connection = sqlite3.connect(sqlite, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    started.type("\r")
    try:
        started.until("for 60 s at most; nothing is lost: `kleio ship` sends what is left then (Ctrl-C: do not wait)")
        assert b"keeps locked" not in started.seen
    finally:
        connection.close()
    assert started.wait() == 0
    assert kleio.status(kleio.ids()[0]) == "completed"


@on_sqlite
def test_who_waits_for_a_locked_journal_need_not(kleio, sqlite):
    """Ctrl-C is heard at once: a command that reads is over, one that ran is left to the next kleio."""
    running = kleio.terminal("sh", "-c", "echo ready; read go; sleep 0.1", columns=300)
    running.until("ready")
    trial = kleio.ids()[0]
    until(lambda: kleio.status(trial) == "running", "the trial to run")
    connection = sqlite3.connect(sqlite, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        reading = kleio.terminal("ls", columns=300)
        running.type("\r")
        reading.until("keeps locked")
        running.until("(Ctrl-C: do not wait)")
        for one in (reading, running):
            one.type("\x03")
        assert [reading.wait(LOCKED / 2), running.wait(LOCKED / 2)] == [130, 0]
    finally:
        connection.close()
    assert b"are kept in the spool" in running.seen
    assert kleio.status(trial) == "completed"


@on_sqlite
def test_corrupt_journal_is_refused_and_left_alone(kleio, repo, sqlite):
    content = b"this is no database, it is somebody's letter" * 100
    sqlite.write_bytes(content)
    for words in COMMANDS:
        said = kleio(*words).refused()
        assert f"{sqlite} is no journal of kleio, nor any SQLite database" in said
    assert sqlite.read_bytes() == content
    assert not (repo / "ran.log").exists()


@on_sqlite
def test_journal_of_another_program_is_refused_and_left_alone(kleio, repo, sqlite):
    sqlite.unlink()
    with sqlite3.connect(sqlite) as connection:
        connection.execute("CREATE TABLE trials (x)")
    connection.close()
    before = sqlite.read_bytes()
    assert str(sqlite) in kleio(*RUN).refused()
    assert sqlite.read_bytes() == before


@pytest.fixture
def made_by_newer(kleio, mongodb_server):
    """``made_by_newer(reader)``: as if a later kleio had upgraded the journal, and said from which version on it can
    be read; this one may not write it."""
    address = kleio.environment["KLEIO_JOURNAL"]
    assert kleio("-q", "true").code == 0

    def upgrade(reader):
        needs = {"schema": 9999, "min_reader": reader, "min_writer": 9999}
        if address.startswith("mongodb"):
            with mongodb_server.client() as client:
                database = client[database_of(address)]
                assert database.meta.update_many({}, {"$set": needs}).matched_count == 1
        else:
            with sqlite3.connect(address.removeprefix("sqlite://")) as connection:
                connection.execute(
                    "UPDATE meta SET schema=:schema, min_reader=:min_reader, min_writer=:min_writer", needs
                )
                connection.execute("PRAGMA user_version = 9999")
            connection.close()

    return upgrade


def test_journal_of_a_newer_kleio_is_refused(kleio, repo, made_by_newer):
    made_by_newer(reader=9999)
    for words in COMMANDS:
        said = kleio(*words).refused()
        assert "schema 9999" in said
        assert "upgrade kleio" in said
    assert not (repo / "ran.log").exists()


def test_journal_that_a_newer_kleio_lets_be_read_is_only_read(kleio, repo, made_by_newer):
    made_by_newer(reader=1)
    assert b"[completed] true" in kleio("ls").out
    assert "schema 9999" in kleio(*RUN).refused()
    assert not (repo / "ran.log").exists()


@on_sqlite
def test_journal_that_may_only_be_read_is_read_and_not_run_on(kleio, repo, sqlite, tmp_path):
    """A read-only mount, since root may write every file."""
    setup = f"mount --bind {sqlite.parent} {sqlite.parent} && mount -o remount,ro,bind {sqlite.parent}"
    words = mounted(kleio, setup, *RUN).refused()
    assert "read-only" in words or "cannot be written" in words
    assert str(sqlite) in words
    assert not (repo / "ran.log").exists()
    listed = mounted(kleio, setup, "ls")
    assert listed.code == 0, listed.words
    assert b"[completed] true" in listed.out


BARRED = ("KLEIO_DATA", "XDG_STATE_HOME", "TMPDIR")
"""Where a spool may lie, in this order."""


def test_spool_goes_elsewhere_if_the_data_directory_cannot_be_written(kleio, repo, tmp_path):
    """Rather there than not recorded at all."""
    (tmp_path / "file").write_text("in the way")
    done = kleio(*RUN, env={"KLEIO_DATA": str(tmp_path / "file")})
    assert (done.code, done.out) == (0, b"held\n"), done.words
    assert kleio("cat", done.trial).out == b"held\n"


def test_no_writable_directory_at_all_is_refused(kleio, repo, tmp_path):
    (tmp_path / "file").write_text("in the way")
    words = kleio(*RUN, env=dict.fromkeys(BARRED, str(tmp_path / "file"))).refused()
    assert str(tmp_path / "file") in words
    assert not (repo / "ran.log").exists()
    assert kleio(*RUN).code == 0


@once
def test_read_only_directories_are_refused(kleio, repo, tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    setup = f"mount --bind {place} {place} && mount -o remount,ro,bind {place}"
    words = mounted(kleio, setup, *RUN, env=dict.fromkeys(BARRED, str(place))).refused()
    assert "read-only" in words.lower()
    assert not (repo / "ran.log").exists()


@once
def test_no_space_for_the_spool_is_refused_before_anything_runs(kleio, repo, tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    setup = f"mount -t tmpfs -o size=64k none {place} && (head -c 100000 /dev/zero >{place}/full || true) 2>/dev/null"
    words = mounted(kleio, setup, *RUN, env=dict.fromkeys(BARRED, str(place))).refused()
    assert "space" in words.lower()
    assert not (repo / "ran.log").exists()
    assert kleio(*RUN).code == 0


@once
def test_disk_that_fills_up_does_not_hurt_the_command(kleio, repo, tmp_path):
    """One warning, the command goes on untouched, and the loss is counted."""
    data = tmp_path / "data"
    data.mkdir()
    line = ("python", "-c", "print('x' * 8_000_000); open('done.txt', 'w')")
    done = mounted(kleio, f"mount -t tmpfs -o size=2m none {data}", *line, env={"KLEIO_DATA": str(data)})
    assert done.code == 0, done.words
    assert len(done.out) == 8_000_001
    assert (repo / "done.txt").exists()
    assert "Traceback" not in done.words
    assert done.words.count("the disk refused") == 1
    (trial,) = kleio.json("ls", "--json")
    assert trial["status"] == "completed"
    assert 0 < len(kleio("cat", trial["id"]).out) < 8_000_001


@once
def test_no_home_is_refused_with_the_way_out(kleio, repo):
    """Only without HOME and without an account (uid 4711) is there no home."""
    lonely = {name: value for name, value in kleio.environment.items() if name != "HOME" and "XDG" not in name}
    done = subprocess.run(
        ["unshare", "--user", "--map-user=4711", *program(), "true"], cwd="/", env=lonely, capture_output=True
    )
    said = done.stderr.decode()
    assert done.returncode == 125, said
    assert "HOME" in said
    assert "Traceback" not in said


def test_home_may_be_missing_if_there_is_an_account(kleio):
    """HOME unset: the account's home. (That of the tests' user is not touched: the data directory is named.)"""
    environment = kleio.environment
    data = environment["XDG_DATA_HOME"]
    for name in [name for name in environment if name == "HOME" or name.startswith("XDG_")]:
        del environment[name]
    done = kleio("true", env={"KLEIO_DATA": f"{data}/kleio"})
    assert done.code == 0, done.words


@once
@pytest.mark.parametrize(
    ("text", "line"),
    [("journal = \n", 1), ("\noutput = 'nosuch'\n", 2), ("heartbeat = 5\n\nnosuch = 1\n", 3), ("lease = 'x'\n", 1)],
)
def test_broken_settings_file_is_named_with_its_line(kleio, repo, home, text, line):
    place = home / ".config" / "kleio"
    place.mkdir(parents=True)
    (place / "config.toml").write_text(text)
    for words in (RUN, ("ls",)):
        said = kleio(*words).refused()
        assert f"{place / 'config.toml'}:{line}" in said or f"line {line}" in said
    assert not (repo / "ran.log").exists()


@once
def test_project_may_not_name_the_journal(kleio, repo):
    """A repository may be somebody else's."""
    (repo / "kleio.toml").write_text("output = 'pipe'\njournal = 'mongodb://evil.example/x'\n")
    said = kleio(*RUN).refused()
    assert "kleio.toml" in said
    assert "journal" in said
    assert not (repo / "ran.log").exists()


@once
def test_working_directory_that_is_gone_is_refused(kleio, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    done = kleio.bare("bash", "-c", f"cd {gone}; rmdir {gone}; exec {' '.join(program())} true")
    assert "working directory" in done.refused()


@once
def test_help_works_whatever_is_broken(kleio, repo, home):
    """S43"""
    place = home / ".config" / "kleio"
    place.mkdir(parents=True)
    (place / "config.toml").write_text("rubbish")
    broken = {"KLEIO_JOURNAL": "nonsense"}
    for words in (["--help"], ["-h"], ["--version"], ["run", "--help"], ["ls", "--help"], []):
        done = kleio(*words, env=broken)
        assert (done.code, done.err) == (0, b""), words
        assert done.out


def test_journal_that_goes_away_does_not_hurt_the_command(kleio, repo):
    """The file is deleted, or the directory moved, while the command runs."""
    if not kleio.environment["KLEIO_JOURNAL"].startswith("sqlite"):
        return
    (repo / "go").unlink()
    started = kleio.background("python", "hold.py", env={"KLEIO_FLUSH_DEADLINE": "1"})
    started.until_file()
    trial = started.trial
    journal = Path(kleio.environment["KLEIO_JOURNAL"].removeprefix("sqlite://"))
    until(lambda: kleio.status(trial) == "running", "it to be known as running")
    shutil.move(journal.parent, journal.parent.with_name("moved"))
    (repo / "go").touch()
    ended = started.wait()
    assert (ended.code, ended.out) == (0, b"held\n"), ended.words
    assert "Traceback" not in ended.words


def mounted(kleio, setup, *words, env=None):
    """Run kleio in a mount name space of its own, after ``setup``."""
    line = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        f'{setup} && exec "$@"',
        "-",
        *program(),
        *words,
    ]
    return kleio.bare(*line, env=env)
