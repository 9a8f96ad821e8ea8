"""No secret of the environment or the command line reaches the journal, the spool, the log or the screen."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from harness.command import program
from harness.mongodb import OwnServer, database_of
from harness.sealing import sealed_environment

SECRETS = {"API_TOKEN": "s3cr3t-of-the-api", "AWS_SECRET_ACCESS_KEY": "zzz9/of/the/cloud"}
DBPASSWORD = "DBPASSWORD-of-nobody"


@pytest.fixture
def dump(kleio, home, mongodb_server, request):
    """``dump()``: everything that kleio wrote anywhere, as bytes: journal, blobs, spools, caches, logs."""

    def collect():
        parts = [path.read_bytes() for path in (home / ".local").rglob("*") if path.is_file()]
        address = kleio.environment["KLEIO_JOURNAL"]
        if address.startswith("sqlite"):
            journal = Path(address.removeprefix("sqlite://"))
            parts += [path.read_bytes() for path in journal.parent.rglob("*") if path.is_file()]
            with sqlite3.connect(journal) as connection:
                parts.append("\n".join(connection.iterdump()).encode())
            connection.close()
        else:
            with mongodb_server.client() as client:
                database = client[database_of(address)]
                for name in database.list_collection_names():
                    parts += [repr(document).encode() for document in database[name].find()]
        return b"\n".join(parts)

    return collect


def test_variables_are_not_recorded_unless_allowed(kleio, dump):
    """S46: of other variables only the names are kept."""
    done = kleio("python", "args.py", env={**SECRETS, "CLUSTER": "c1"})
    assert done.code == 0, done.words
    shown = done.out + done.err + kleio("info", done.trial).out + kleio("info", "--json", done.trial).out
    for value in SECRETS.values():
        assert value.encode() not in shown + dump()
    environment = kleio.info(done.trial)["environment"]
    assert {**environment["compared"], **environment["recorded"]}["env.CLUSTER"] == "c1"
    assert set(SECRETS) <= set(environment["recorded"]["variables"])
    assert b"c1" in dump()


def test_secret_arguments_are_redacted(kleio, dump):
    """The command gets them as typed; the journal never sees them."""
    secret = "hunter2-and-more-of-it"
    line = ("python", "args.py", "--password", secret, f"--api-key={secret}", f"mongodb://user:{secret}@host/db")
    done = kleio(*line)
    assert done.code == 0, done.words
    assert secret.encode() in done.out
    trial = kleio.json("ls", "--json")[0]
    assert secret not in str(trial["argv"])
    assert "<redacted:" in trial["command"]
    # what the script itself prints is its own affair: only what kleio captured is looked at
    quiet = kleio("python", "-c", "pass", *line[2:])
    assert quiet.code == 0, quiet.words
    shown = kleio("info", quiet.trial).out + quiet.err
    assert secret.encode() not in shown
    assert secret not in str(kleio.info(quiet.trial))


def test_same_secret_is_the_same_trial_and_another_is_not(kleio):
    line = ("python", "-c", "pass", "--password")
    first = kleio(*line, "hunter2-and-more")
    assert first.trial in kleio(*line, "hunter2-and-more").refused()
    other = kleio(*line, "another-word-entirely")
    assert other.code == 0, other.words
    assert other.trial != first.trial


def test_command_is_not_told_the_address_of_the_journal(kleio, home):
    """S46: neither its environment nor the command line of kleio's processes names it."""
    script = 'env; for p in $PPID $(ps -o ppid= $PPID); do tr "\\0" " " </proc/$p/cmdline; done'
    (home / ".config" / "kleio").mkdir(parents=True)
    (home / ".config" / "kleio" / "config.toml").write_text(f'journal = "{kleio.environment.pop("KLEIO_JOURNAL")}"\n')
    done = kleio("bash", "-c", script)
    assert done.code == 0, done.words
    seen = [line.partition("=")[0] for line in done.out.decode().splitlines() if line.startswith("KLEIO_")]
    assert sorted(set(seen) - kleio.environment.keys()) == [
        "KLEIO_ATTEMPT",
        "KLEIO_PROTOCOL",
        "KLEIO_SPOOL",
        "KLEIO_TRIAL_ID",
    ]
    assert b"sqlite:" not in done.out
    assert b"mongodb:" not in done.out


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "command", [["python", "args.py"], ["db", "check"], ["ls"], ["config"], ["doctor"]], ids=" ".join
)
def test_password_of_the_database_is_never_shown(kleio, command):
    """S46"""
    address = f"mongodb://somebody:{DBPASSWORD}@127.0.0.1:9/nowhere?serverSelectionTimeoutMS=100"
    result = kleio(*command, env={"KLEIO_JOURNAL": address})
    assert DBPASSWORD.encode() not in result.out + result.err
    assert "Traceback" not in result.words


@pytest.mark.parametrize(
    "variables",
    [
        {"KLEIO_JOURNAL": f"mongodb://me:{DBPASSWORD}@127.0.0.1:9/nowhere?serverSelectionTimeoutMS=100"},
        {
            "KLEIO_JOURNAL": "", "KLEIO_DB_TYPE": "mongodb", "KLEIO_DB_NAME": "nowhere",
            "KLEIO_DB_ADDRESS": f"mongodb://me:{DBPASSWORD}@127.0.0.1:9/?serverSelectionTimeoutMS=100",
        },
        {
            "KLEIO_JOURNAL": "", "KLEIO_DB_TYPE": "mongodb", "KLEIO_DB_NAME": "nowhere",
            "KLEIO_DB_ADDRESS": f"me:{DBPASSWORD}@127.0.0.1:9/?serverSelectionTimeoutMS=100",
        },
    ],
    ids=["address", "prototype", "prototype-without-scheme"],
)  # fmt: skip
def test_a_command_sees_the_address_without_its_password(kleio, variables):
    """S46: what it prints is recorded, and read by everybody who may read the journal."""
    done = kleio("--offline", "env", env=variables)
    assert DBPASSWORD not in done.out.decode()
    assert "me@127.0.0.1:9/" in done.out.decode()


@pytest.fixture
def guarded(kleio, tmp_path_factory):
    """A server whose users have passwords, in use as the journal."""
    directory = tmp_path_factory.mktemp("guarded")
    server = OwnServer(directory, sealed_environment(directory))
    with server.client() as client:
        client.lab.command("createUser", "writer", pwd=DBPASSWORD, roles=[{"role": "readWrite", "db": "lab"}])
    server.close()
    server = OwnServer(directory, sealed_environment(directory), "--auth")
    kleio.environment["KLEIO_JOURNAL"] = server.address("lab").replace("://", f"://writer:{DBPASSWORD}@")
    yield server
    server.close()


@pytest.mark.mongo
@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("guarded")
def test_a_command_within_a_command_is_recorded_in_the_same_journal(kleio, repo):
    """Although its environment has no password."""
    (repo / "look.py").write_text(
        "from kleio.analysis import connect\n"
        "with connect() as trials:\n"
        "    print('trials', trials.count())\n"
    )  # fmt: skip
    outer = kleio("bash", "-c", " ".join(["env;", *program(), "python", "look.py"]))
    assert outer.code == 0, outer.words
    assert DBPASSWORD not in outer.out.decode()
    assert "trials 2" in outer.out.decode()
    assert len(kleio.ids()) == 2


@pytest.mark.mongo
@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("guarded")
def test_a_command_copies_from_its_own_journal(kleio, tmp_path):
    """The address that it finds in its environment has no password."""
    first = kleio("true").trial
    line = [*program(), "copy", first, "--from", '"$KLEIO_JOURNAL"', "--to", f"sqlite://{tmp_path}/copy.sqlite"]
    copied = kleio("bash", "-c", " ".join(line))
    assert copied.code == 0, copied.words
    kleio.environment["KLEIO_JOURNAL"] = f"sqlite://{tmp_path}/copy.sqlite"
    assert [trial[:7] for trial in kleio.ids()] == [first]


def test_files_of_kleios_are_private(kleio, home):
    """Whatever the umask."""
    done = kleio.bare("bash", "-c", 'umask 0; exec "$@"', "-", *_line(), "true")
    assert done.code == 0, done.words
    roots = [home / ".local"]
    if kleio.environment["KLEIO_JOURNAL"].startswith("sqlite"):
        roots.append(Path(kleio.environment["KLEIO_JOURNAL"].removeprefix("sqlite://")).parent)
    for path in [path for root in roots for path in root.rglob("*")]:
        if "kleio" in path.parts or "journal" in path.parts:
            assert os.lstat(path).st_mode & 0o077 == 0, path


def _line() -> list[str]:
    return program()
