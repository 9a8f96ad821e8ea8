from __future__ import annotations

import datetime
import io
import math
import os
import signal
import subprocess
import sys
import threading
from binascii import a2b_base64
from pathlib import Path

import pytest

import kleio.client.logger
from kleio.client.logger import KleioLogger
from kleio.spool import blobs
from kleio.spool.complaint import KleioWarning
from kleio.spool.handshake import child_environment
from kleio.spool.records.reader import Record, read_records
from kleio.spool.records.values import restore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from harness.attempt import World


def recorded(world: World, stream: str = "statistics") -> list[Any]:
    """What all processes of the script recorded, file by file."""
    found = []
    for path in sorted(Path(world.directory).glob("*.ksp")):
        for item in read_records(str(path), final=True):
            assert isinstance(item, Record)
            if item.stream == stream:
                found.append(item.body)
    return found


def values(world: World) -> list[dict[str, Any]]:
    return [{name: restore(value) for name, value in body.items()} for body in recorded(world)]


def test_statistics_are_recorded(logger: KleioLogger, world: World) -> None:
    assert logger.is_managed
    assert logger.log_statistic(epoch=1, loss=0.5)
    assert logger.log_statistic(epoch=2, loss=0.25, durable=True)
    assert logger.flush()
    assert values(world) == [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}]


def test_flush_does_not_vouch_for_what_could_not_be_kept(logger: KleioLogger, world: World) -> None:
    logger.log_statistic(too_long="x" * (1 << 20))
    assert not logger.flush()
    logger.log_statistic(short="x")
    assert logger.flush()
    assert values(world) == [{"short": "x"}]


@pytest.mark.parametrize(
    "logged",
    [
        {"timestamp": "x"}, {"creator": "me"}, {"type": 1}, {"item": 2}, {"keys": 3}, {"history": 4}, {"_id": 5},
        {"a.b": 1, "$c": 2, "": 3}, {"n": {"x": {"y": 1}}}, {"l": [1, [2]]}, {"v": None}, {"v": math.inf},
        {"v": 10**30},
        {"self": 1}, {"trial_id": "t"}, {"v": "\udcff\0é"}, {"v": datetime.datetime.fromisoformat("2020-01-01")},
        {"durable": False}, {"durable": 1}, {"stream": 1, "body": 2, "values": 3, "filename": 4},
    ],
)  # fmt: skip
def test_every_name_and_value_comes_back(logger: KleioLogger, world: World, logged: dict[str, Any]) -> None:
    assert logger.log_statistic(**logged)
    assert values(world) == [logged]


def test_unnamed_values_are_a_type_error(logger: KleioLogger, world: World) -> None:
    with pytest.raises(TypeError):
        logger.log_statistic(3)  # type: ignore[call-arg]
    assert recorded(world) == []


@pytest.mark.parametrize("named", ["logger", "unmanaged"])
def test_a_point_without_values_is_warned_of_once_and_not_recorded(
    request: pytest.FixtureRequest, world: World, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    log: KleioLogger = request.getfixturevalue(named)
    with pytest.warns(KleioWarning, match="log_statistic was called without values; nothing is recorded") as warned:
        assert [log.log_statistic(), log.log_statistic(), log.log_statistic(durable=True)] == [False] * 3
    assert len(warned) == 1
    assert values(world) == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("size", [7, blobs.SMALL, blobs.SMALL + 1])
def test_an_artifact_is_kept_with_its_record_or_before_it(logger: KleioLogger, world: World, size: int) -> None:
    buffer = io.BytesIO()
    buffer.write(b"w" * size)
    assert logger.log_artifact("../../weights", buffer, epoch=3, type="t", trial_id="x", filename="f", **{"a.b": 1})
    (body,) = recorded(world, "artifacts")
    assert (body["name"], body["size"]) == ("../../weights", size)
    assert restore(body["metadata"]) == {"epoch": 3, "type": "t", "trial_id": "x", "filename": "f", "a.b": 1}
    assert (size <= blobs.SMALL) == ("data" in body)
    waiting = (
        a2b_base64(body["data"])
        if "data" in body
        else Path(blobs.path_of(world.directory, body["digest"])).read_bytes()
    )
    assert waiting == buffer.getvalue()


@pytest.mark.parametrize("metadata", [{"$float": "nan"}, {"$c": 2}, {"durable": False}, {"size": 1, "digest": "x"}])
def test_metadata_comes_back_whatever_its_names(logger: KleioLogger, world: World, metadata: dict[str, Any]) -> None:
    logger.log_artifact("x", b"", **metadata)
    assert restore(recorded(world, "artifacts")[0]["metadata"]) == metadata


def test_a_source_that_fails_raises_its_own_error_and_leaves_nothing(logger: KleioLogger, world: World) -> None:
    class Bad:
        def read(self, size: int = -1) -> bytes:
            raise OSError("disk")

    with pytest.raises(OSError, match=r"^disk$"):
        logger.log_artifact("bad", Bad())  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        logger.log_artifact("bad", "/nonexistent")
    assert recorded(world, "artifacts") == []
    assert os.listdir(os.path.join(world.directory, "blobs")) == []


@pytest.mark.parametrize("source", [3, None, {"a": 1}])
@pytest.mark.parametrize("managed", [True, False])
def test_what_is_no_source_is_refused_and_a_number_is_no_descriptor(
    logger: KleioLogger, unmanaged: KleioLogger, managed: bool, source: object
) -> None:
    with pytest.raises(TypeError, match=f"a file object, bytes or a path is needed, not {type(source).__name__}"):
        (logger if managed else unmanaged).log_artifact("x", source)  # type: ignore[arg-type]


def test_an_artifact_is_refused_while_too_much_waits(logger: KleioLogger, world: World) -> None:
    Path(world.directory, "full").touch()
    with pytest.warns(KleioWarning, match="the artifact 'w' could not be recorded: too much waits for the journal"):
        assert not logger.log_artifact("w", b"weights")
    assert not logger.log_artifact("w", b"weights")
    assert logger.log_statistic(n=1)
    assert os.listdir(os.path.join(world.directory, "blobs")) == []
    Path(world.directory, "full").unlink()
    assert logger.log_artifact("w", b"weights")
    assert sum(told["records"] for told in recorded(world, "lost")) == 2


LOST_CALLS: dict[str, Callable[[KleioLogger], bool]] = {
    "artifact": lambda logger: logger.log_artifact("w", b"weights"),
    "statistic": lambda logger: logger.log_statistic(x="y" * (1 << 20)),
    "metadata": lambda logger: logger.log_artifact("w", b"weights", x="y" * (1 << 20)),
}


@pytest.mark.parametrize("call", sorted(LOST_CALLS))
def test_what_is_lost_is_told_by_a_process_that_records_nothing_else_and_has_no_regular_end(
    logger: KleioLogger, world: World, call: str
) -> None:
    """As workers do that save a checkpoint and are gone by ``os._exit``."""
    if call == "artifact":
        Path(world.directory, "full").touch()
    with pytest.warns(KleioWarning):
        assert not LOST_CALLS[call](logger)
    assert [told["records"] for told in recorded(world, "lost")] == [1]
    assert not logger.flush()
    assert logger.log_statistic(n=1)
    assert logger.flush()
    assert [told["records"] for told in recorded(world, "lost")] == [1]


class Preempted(Exception):
    pass


@pytest.mark.parametrize("kind", [Preempted, TimeoutError])
@pytest.mark.parametrize("where", ["read", "value", "repr", "spool", "renamed"])
def test_what_a_signal_handler_raises_reaches_the_script(
    logger: KleioLogger, world: World, monkeypatch: pytest.MonkeyPatch, kind: type[Exception], where: str
) -> None:
    """A time limit that ends training must not be taken for a failure to record."""

    def leave(*_: object) -> None:
        raise kind("save and leave")

    def strike(*arguments: Any) -> bytes:
        signal.raise_signal(signal.SIGALRM)
        return b""

    def dropping(signum: int, frame: object) -> None:
        del frame
        raise kind("save and leave")

    class Struck:
        read = tolist = strike

    class Shown:
        def __repr__(self) -> str:
            return str(strike())

    calls: dict[str, Callable[[], bool]] = {
        "read": lambda: logger.log_artifact("w", Struck()),  # type: ignore[arg-type]
        "value": lambda: logger.log_statistic(x=Struck()),
        "repr": lambda: logger.log_statistic(x=Shown()),
        "spool": lambda: logger.log_statistic(n=2),
        "renamed": lambda: logger.log_artifact("w", bytes(1 << 20)),
    }
    write, rename = os.write, os.rename

    def struck_rename(before: str, after: str) -> None:
        rename(before, after)
        strike()

    def struck_write(descriptor: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", write)
        strike()
        return write(descriptor, data)

    assert logger.log_statistic(n=1)
    before = signal.signal(signal.SIGALRM, dropping if where == "value" else leave)
    try:
        if where == "spool":
            monkeypatch.setattr(os, "write", struck_write)
        if where == "renamed":
            monkeypatch.setattr(os, "rename", struck_rename)
        with pytest.raises(kind, match="save and leave"):
            calls[where]()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert logger.log_statistic(n=3)
    assert values(world) == [{"n": 1}, {"n": 3}]
    assert recorded(world, "lost") == []


def test_a_rank_is_told_once_in_front_of_the_records(
    logger: KleioLogger, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("WORLD_SIZE", "8")
    logger.log_statistic(n=1)
    logger.log_statistic(n=2)
    assert recorded(world, "writer") == [{"rank": 3, "world_size": 8}]
    assert values(world) == [{"n": 1}, {"n": 2}]


def test_a_checkpoint_is_recorded_by_its_numbers(logger: KleioLogger, world: World) -> None:
    assert logger.resume_from(epoch=3, self=1.5)
    assert logger.resume_from(epoch=4, durable=True)
    assert recorded(world, "resume") == [{"epoch": 3, "self": 1.5}, {"epoch": 4}]


@pytest.mark.parametrize(
    "keys", [{"epoch": "3"}, {"epoch": None}, {"epoch": math.nan}, {"epoch": True}, {}, {"durable": True}]
)
@pytest.mark.parametrize("name", ["unmanaged", "logger"])
def test_a_checkpoint_that_is_no_number_hides_nothing(
    name: str, keys: dict[str, Any], request: pytest.FixtureRequest, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    logger: KleioLogger = request.getfixturevalue(name)
    with pytest.warns(KleioWarning, match="resume_from needs numbers"):
        assert not logger.resume_from(**keys)
    assert recorded(world, "resume") == []
    assert capsys.readouterr().out == ""


def test_each_mistake_about_a_checkpoint_is_told_once(logger: KleioLogger) -> None:
    mistakes: list[dict[str, Any]] = [{}, {"epoch": "x"}, {"epoch": math.nan}, {"epoch": True}, {"step": None}]
    with pytest.warns(KleioWarning) as caught:
        assert not any(logger.resume_from(**keys) for keys in mistakes * 2)
    assert [str(one.message) for one in caught] == [
        f"kleio: resume_from needs numbers by name, not {keys}; nothing is hidden" for keys in mistakes
    ]


def test_a_value_that_is_too_large_is_warned_of_once_and_counted(logger: KleioLogger, world: World) -> None:
    with pytest.warns(KleioWarning, match="1 MiB; keep such a value as an artifact"):
        assert not logger.log_statistic(v="x" * (1 << 20))
    assert not logger.log_statistic(v=list(range(400_000)))
    assert logger.log_statistic(n=1)
    assert sum(told["records"] for told in recorded(world, "lost")) == 2
    assert values(world) == [{"n": 1}]


@pytest.mark.parametrize("big", ["x" * (1 << 20), list(range(400_000))], ids=["long", "many"])
def test_a_warning_names_what_was_lost_and_what_of_it_is_too_large(logger: KleioLogger, world: World, big: Any) -> None:
    limit, mend = (
        "could not be recorded: a record holds at most 1 MiB",
        "keep what is large in the file, not in its name or metadata",
    )
    with pytest.warns(
        KleioWarning, match=rf"the statistic 'epoch', '\\x1b\[2J' {limit}; keep such a value as an artifact"
    ):
        assert not logger.log_statistic(epoch=1, **{"\x1b[2J": big})
    with pytest.warns(KleioWarning, match=f"the artifact 'weights' {limit}; {mend}"):
        assert not logger.log_artifact("weights", b"x", big=big)
    with pytest.warns(KleioWarning, match=f"the resource '{'n' * 99}… {limit}; {mend}"):
        assert not logger.log_resource("n" * 200, b"x", big=big)
    assert recorded(world) == []


def test_a_spool_that_is_gone_is_warned_of_once(logger: KleioLogger, world: World) -> None:
    import shutil

    assert logger.is_managed
    shutil.rmtree(world.directory)
    with pytest.warns(KleioWarning, match="could not be recorded: No such file"):
        assert not logger.log_statistic(n=1)
    assert not logger.log_statistic(n=2)
    assert not logger.log_artifact("x", b"x")


def test_a_planted_spool_is_refused_and_values_are_printed(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    logger: KleioLogger,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    (tmp_path / "link").symlink_to(world.directory)
    monkeypatch.setenv("KLEIO_SPOOL", str(tmp_path / "link"))
    with pytest.warns(KleioWarning, match="this process is not recorded"):
        assert logger.log_statistic(n=1)
    assert capsys.readouterr().out == "n=1\n"
    assert recorded(world) == []


def test_forks_and_threads_log_into_one_trial(logger: KleioLogger, world: World) -> None:
    def work(worker: int) -> None:
        for n in range(50):
            logger.log_statistic(worker=worker, i=n)
            if n % 10 == 0:
                logger.log_artifact("m", b"%d.%d" % (worker, n), worker=worker)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(3)]
    children = []
    for worker in range(3, 6):
        pid = os.fork()
        if pid == 0:
            work(worker)
            os._exit(0)
        children.append(pid)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0, 0]
    found = values(world)
    for worker in range(6):
        assert [each["i"] for each in found if each["worker"] == worker] == list(range(50))
    assert len(recorded(world, "artifacts")) == 30


END = """
import os, signal, sys
from kleio.client.logger import kleio_logger
for n in range(100):
    kleio_logger.log_statistic(n=n)
{end}
"""


@pytest.mark.kill
@pytest.mark.parametrize("end", ["os._exit(3)", "os.abort()", "os.kill(os.getpid(), signal.SIGKILL)", "sys.exit(1)"])
def test_a_script_that_ends_suddenly_has_logged_everything(world: World, logger: KleioLogger, end: str) -> None:
    program = f"import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)){END.format(end=end)}"
    subprocess.run([sys.executable, "-c", program], check=False)
    assert values(world) == [{"n": n} for n in range(100)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_script_still_dies_of_the_signal_that_ends_it(world: World, logger: KleioLogger, number: int) -> None:
    """A shell loop that is stopped by Ctrl-C goes on if the program in it merely exits."""
    program = (
        "import os, sys\nfrom kleio.client.logger import kleio_logger as k\n"
        "k.log_statistic(n=1); k.log_artifact('x', b'x'); k.log_resource('x')\n"
        f"os.kill(os.getpid(), {int(number)})\nimport time; time.sleep(60)"
    )
    done = subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL, check=False)
    assert done.returncode == -number


def test_processes_started_anew_log_too(world: World, logger: KleioLogger) -> None:
    program = "from kleio.client.logger import kleio_logger as k\nimport os\nk.log_statistic(pid=os.getpid())"
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert {each["pid"] for each in values(world)} == {process.pid for process in running}


@pytest.fixture
def unmanaged() -> KleioLogger:
    return KleioLogger()


def test_without_kleio_statistics_are_printed(unmanaged: KleioLogger, capsys: pytest.CaptureFixture[str]) -> None:
    assert not unmanaged.is_managed
    assert unmanaged.log_statistic(epoch=1, note="a b", self=2)
    assert unmanaged.log_artifact("weights", io.BytesIO(b"x"), epoch=1)
    assert unmanaged.log_resource("/data/x", version=2)
    assert unmanaged.resume_from(epoch=3)
    assert unmanaged.log_statistic(long="y" * 2_000_000, n=1)
    assert unmanaged.flush()
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "epoch=1 note='a b' self=2",
        "artifact 'weights' epoch=1",
        "resource '/data/x' version=2",
        "resume from epoch=3",
        f"long='{'y' * 299}… (2000002 characters) n=1",
    ]  # fmt: skip
    assert said.err == ""


@pytest.mark.parametrize("name", ["unmanaged", "logger"])
def test_a_source_that_cannot_be_read_fails_with_and_without_kleio(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """A script that would break when it is recorded breaks before."""
    logger: KleioLogger = request.getfixturevalue(name)
    assert logger.is_managed == (name == "logger")
    with pytest.raises(IsADirectoryError):
        logger.log_artifact("model", tmp_path)
    with pytest.raises(FileNotFoundError):
        logger.log_artifact("model", tmp_path / "missing")
    with pytest.raises(FileNotFoundError):
        logger.log_resource("data", tmp_path / "missing")
    (tmp_path / "data").mkdir()
    assert logger.log_resource("data", tmp_path / "data")
    closed = io.BytesIO(b"x")
    closed.close()
    with (tmp_path / "written").open("wb") as written:
        written.write(b"abc")
        for log in (logger.log_artifact, logger.log_resource):
            with pytest.raises(ValueError, match="closed"):
                log("data", closed)
            with pytest.raises(io.UnsupportedOperation):
                log("data", written)
        assert written.tell() == 3, "a file that is written is not rewound"


@pytest.mark.parametrize("name", ["unmanaged", "logger"])
def test_a_pipe_is_read_to_its_end_with_and_without_kleio(name: str, request: pytest.FixtureRequest) -> None:
    """Whoever waits for the program that writes into it would wait for ever."""
    logger: KleioLogger = request.getfixturevalue(name)
    for log in (logger.log_artifact, logger.log_resource):
        with subprocess.Popen(["head", "-c", "1000000", "/dev/zero"], stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            assert log("zeros", program.stdout)
            assert program.wait() == 0


def test_without_kleio_there_is_no_history(unmanaged: KleioLogger) -> None:
    assert unmanaged.load_statistic() == []
    assert unmanaged.load_config() == {}
    assert list(unmanaged.load_artifacts("ckpt", {})) == []


@pytest.mark.parametrize("stdout", ["ascii", "closed", "none", "full"])
def test_without_kleio_a_terminal_that_fails_is_no_exception(
    unmanaged: KleioLogger, stdout: str, monkeypatch: Any
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    if stdout == "closed":
        stream.close()
    elif stdout == "full":
        stream = open("/dev/full", "w", buffering=1, encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", None if stdout == "none" else stream)
    unmanaged.log_statistic(note="é", pair="\udcff")
    if stdout == "ascii":
        stream.flush()
        assert raw.getvalue() == b"note='\\xe9' pair='\\udcff'\n"
    if stdout == "full":
        with pytest.raises(OSError, match="No space"):
            stream.close()


def test_without_kleio_nothing_is_imported_or_written(tmp_path: Path) -> None:
    """A forbidden-modules test: a script pays for a dozen small modules, not even for json."""
    program = (
        "import sys; before = set(sys.modules)\n"
        "from kleio.client.logger import kleio_logger as k\nk.log_statistic(n=1); k.log_artifact('x', b''); "
        "k.log_resource('x'); k.resume_from(epoch=1)\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True, env=os.environ.copy()
    )
    modules = set(run.stdout.splitlines()[-1].split())
    heavy = {
        "typing", "dataclasses", "inspect", "logging", "pathlib", "tempfile", "subprocess", "threading", "sqlite3",
        "socket", "ssl", "hashlib", "datetime", "decimal", "asyncio", "pymongo", "bson", "gridfs", "git", "click",
        "rich", "psutil", "filelock", "yaml", "numpy", "json", "re",
    }  # fmt: skip
    assert modules & heavy == set()
    assert {name.split(".")[1] for name in modules if name.startswith("kleio.")} <= {"client", "spool", "clock"}
    assert run.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_the_public_names_are_these() -> None:
    assert kleio.client.logger.__all__ == ["AnalyzeLogger", "KleioLogger", "KleioWarning", "kleio_logger"]
    for name in kleio.client.logger.__all__:
        assert hasattr(kleio.client.logger, name)
    public = {name for name in vars(KleioLogger) if not name.startswith("_")}
    assert public == {
        "is_managed", "log_statistic", "log_artifact", "log_resource", "resume_from", "flush", "load_config",
        "load_statistic", "load_artifacts",
    }  # fmt: skip


def test_a_process_without_a_descriptor_to_spare_is_not_disturbed(tmp_path: Path) -> None:
    """The first call of each kind, when nothing can be opened any more: not even a module could be imported."""
    script = """
import resource, sys
from kleio.client.logger import kleio_logger
resource.setrlimit(resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
print(kleio_logger.log_artifact("a", b"1"), kleio_logger.log_resource("b", b"1"), kleio_logger.log_statistic(c=1))
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
print(kleio_logger.log_statistic(d=1))
"""
    spool = tmp_path / "starved"
    (spool / "blobs").mkdir(parents=True, mode=0o700)
    environment = child_environment(os.environ, "ab" * 32, 1, str(spool))
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.stdout == "False False False\nTrue\n", done.stderr
    (path,) = spool.glob("*.ksp")
    assert sum(item.body["records"] for item in read_records(str(path)) if item.stream == "lost") == 3


def test_a_value_that_looks_at_its_caller_is_no_signal_handler(logger: KleioLogger, world: World) -> None:
    class Curious:
        def tolist(self) -> list[int]:
            caller = sys._getframe(1)
            raise ValueError(f"called from {caller.f_lineno}")

    with pytest.warns(KleioWarning, match="could not be read"):
        assert logger.log_statistic(x=Curious())


IMPORTING = """
import sys
from kleio.client.logger import kleio_logger
before = set(sys.modules)
kleio_logger.log_artifact("small", b"x", epoch=1)
kleio_logger.log_artifact("large", bytes(1 << 20))
kleio_logger.log_statistic(loss=0.5, name="x", shape=[1, {"a": None}])
kleio_logger.log_resource("data", b"x")
kleio_logger.resume_from(epoch=1)
kleio_logger.flush()
print(sorted(set(sys.modules) - before))
"""


def test_recording_imports_nothing_that_a_forked_child_would_wait_for(tmp_path: Path) -> None:
    """A thread that imports while another forks leaves the lock of the module behind for the child."""
    spool = tmp_path / "spool"
    (spool / "blobs").mkdir(parents=True, mode=0o700)
    environment = child_environment(os.environ, "ab" * 32, 1, str(spool))
    done = subprocess.run([sys.executable, "-c", IMPORTING], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
