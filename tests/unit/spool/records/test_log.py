from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import threading

import pytest

from kleio.spool.records.file import HEADER_LENGTH, SUFFIX
from kleio.spool.records.log import SpoolWriter
from kleio.spool.records.reader import Gap, Record, read_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[SpoolWriter]:
    writer = SpoolWriter(str(tmp_path))
    yield writer
    writer.close()


def bodies(directory: Path, name: str | None = None) -> list[Any]:
    """What all files (or one) of a directory hold; the files must be whole."""
    found = []
    for path in [directory / f"{name}{SUFFIX}"] if name else sorted(directory.glob(f"*{SUFFIX}")):
        for item in read_records(str(path), final=True):
            assert isinstance(item, Record), item
            found.append(item.body)
    return found


def in_child(work: Callable[[], None]) -> int:
    """Fork, work, and leave without cleaning up; the exit code."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_records_are_numbered_and_read_back(writer: SpoolWriter, tmp_path: Path) -> None:
    assert [writer.append("statistics", {"n": n}) for n in range(3)] == [0, 1, 2]
    assert bodies(tmp_path) == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_a_record_carries_stream_and_time(tmp_path: Path) -> None:
    from kleio.clock import FakeClock

    writer = SpoolWriter(str(tmp_path), "w", FakeClock(1_700_000_000.5))
    writer.append("artifacts", None)
    writer.close()
    (record,) = read_records(str(tmp_path / "w.ksp"))
    assert isinstance(record, Record)
    assert (record.stream, record.wall) == ("artifacts", 1_700_000_000.5)


def test_the_file_appears_with_the_first_record_and_is_private(writer: SpoolWriter, tmp_path: Path) -> None:
    os.umask(os.umask(0))
    assert list(tmp_path.iterdir()) == []
    before = os.umask(0)
    try:
        writer.append("statistics", {})
    finally:
        os.umask(before)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(os.getpid()) in path.name


def test_each_record_is_there_before_append_returns(writer: SpoolWriter, tmp_path: Path) -> None:
    for n in range(5):
        writer.append("statistics", {"n": n})
        assert len(bodies(tmp_path)) == n + 1


def test_threads_share_a_file_without_losing_or_mixing_records(writer: SpoolWriter, tmp_path: Path) -> None:
    def work(worker: int) -> None:
        for n in range(300):
            writer.append("statistics", [worker, n])

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = bodies(tmp_path)
    assert len(found) == 2400
    for worker in range(8):
        assert [n for who, n in found if who == worker] == list(range(300))


def test_forked_children_write_files_of_their_own(writer: SpoolWriter, tmp_path: Path) -> None:
    writer.append("statistics", "parent")

    def work() -> None:
        for n in range(100):
            writer.append("statistics", n)

    assert [in_child(work) for _ in range(4)] == [0] * 4
    writer.append("statistics", "parent again")
    files = sorted(path.stem for path in tmp_path.iterdir())
    assert len(files) == 5
    for name in files:
        assert bodies(tmp_path, name) == (["parent", "parent again"] if name == writer.name else list(range(100)))


def test_a_child_forked_while_another_thread_writes_is_not_stuck(writer: SpoolWriter, tmp_path: Path) -> None:
    stop = threading.Event()

    def hammer() -> None:
        while not stop.is_set():
            writer.append("statistics", "thread")

    thread = threading.Thread(target=hammer)
    thread.start()
    try:
        for _ in range(20):
            assert in_child(lambda: None if writer.append("statistics", "child") == 0 else os._exit(3)) == 0
    finally:
        stop.set()
        thread.join()
    assert bodies(tmp_path).count("child") == 20


def test_a_signal_handler_may_log_while_its_thread_logs(writer: SpoolWriter, tmp_path: Path) -> None:
    handled = 0

    def handler(number: int, frame: object) -> None:
        nonlocal handled
        handled += 1
        writer.append("statistics", "handler")

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        n = 0
        while handled < 50:
            writer.append("statistics", n)
            n += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    writer.append("statistics", n)
    found = bodies(tmp_path)
    assert [body for body in found if body != "handler"] == list(range(n + 1))
    assert found.count("handler") == handled


def test_an_exception_from_a_signal_handler_leaves_the_file_whole(writer: SpoolWriter, tmp_path: Path) -> None:
    def handler(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, handler)
    acknowledged = -1
    try:
        for n in range(40):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0002 + n * 0.00001)
                while True:
                    acknowledged = max(acknowledged, writer.append("statistics", {}) or 0)
            except KeyboardInterrupt:
                continue
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    last = writer.append("statistics", {})
    assert last is not None
    assert last > acknowledged
    assert len(bodies(tmp_path)) == last + 1


@pytest.mark.kill
def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    """The child acknowledges each record through a pipe; whatever was acknowledged must be in its file."""
    program = (
        "import os, sys\nfrom kleio.spool.records.log import SpoolWriter\nw = SpoolWriter(sys.argv[1])\n"
        "while True:\n    os.write(1, b'%d\\n' % w.append('statistics', {'loss': 0.5}))\n"
    )
    for round_number in range(25):
        directory = tmp_path / str(round_number)
        directory.mkdir()
        child = subprocess.Popen([sys.executable, "-c", program, str(directory)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        with child.stdout:
            before = child.stdout.readline() + child.stdout.read(100 + 37 * round_number)
            child.kill()
            acknowledged = int((before + child.stdout.read()).splitlines()[-1])
        child.wait()
        (path,) = directory.iterdir()
        records = list(read_records(str(path), final=True))
        assert all(isinstance(record, Record) for record in records)
        assert len(records) > acknowledged


def test_a_value_over_one_mebibyte_is_refused_and_told(writer: SpoolWriter, tmp_path: Path) -> None:
    writer.append("statistics", 1)
    assert writer.append("statistics", "x" * (1 << 20)) is None
    assert writer.lost == 1
    writer.append("statistics", 2)
    assert writer.lost == 0
    first, told, second = bodies(tmp_path)
    assert (first, second) == (1, 2)
    assert told["records"] == 1
    assert told["bytes"] > 1 << 20
    assert "1 MiB" in told["why"]


def limited(directory: Path, size: int, reserve: Path | None = None) -> None:
    """In a child: write until the file may not grow, then more, then without the limit."""
    writer = SpoolWriter(str(directory), "w")
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    refused = 0
    for n in range(400):
        refused += writer.append("statistics", n) is None
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if not refused or writer.append("statistics", "after") is None:
        os._exit(4)
    (directory / "refused").write_text(str(refused))


@pytest.mark.parametrize("size", [HEADER_LENGTH + 1, 4000, 4001, 4050, 9999])
def test_a_full_disk_loses_exactly_what_was_refused_and_says_so(tmp_path: Path, size: int) -> None:
    assert in_child(lambda: limited(tmp_path, size)) == 0
    refused = int((tmp_path / "refused").read_text())
    *kept, told, after = bodies(tmp_path, "w")
    assert kept == list(range(400 - refused))
    assert told["records"] == refused
    assert after == "after"


def test_a_full_disk_at_the_header_is_survived(tmp_path: Path) -> None:
    assert in_child(lambda: limited(tmp_path, 10)) == 0
    told, after = bodies(tmp_path)
    assert told["records"] == 400
    assert after == "after"


def test_a_missing_directory_is_no_exception(tmp_path: Path) -> None:
    writer = SpoolWriter(str(tmp_path / "gone"))
    assert writer.append("statistics", 1) is None
    assert writer.failure is not None
    assert writer.failure.errno == errno.ENOENT
    (tmp_path / "gone").mkdir()
    assert writer.append("statistics", 2) is not None
    writer.close()
    told, kept = bodies(tmp_path / "gone")
    assert (told["records"], kept) == (1, 2)


def look_again(writer: SpoolWriter) -> None:
    """As if five seconds had passed."""
    writer._look_at = 0.0


def test_a_deleted_file_is_put_back_with_everything(writer: SpoolWriter, tmp_path: Path) -> None:
    for n in range(3):
        writer.append("statistics", n)
    (path,) = tmp_path.iterdir()
    path.unlink()
    look_again(writer)
    writer.append("statistics", 3)
    assert bodies(tmp_path) == [0, 1, 2, 3]
    assert list(tmp_path.iterdir()) == [path]


def test_a_truncated_file_goes_on_and_shows_the_hole(writer: SpoolWriter, tmp_path: Path) -> None:
    for n in range(4):
        writer.append("statistics", n)
    (path,) = tmp_path.iterdir()
    os.truncate(path, path.stat().st_size - 100)
    look_again(writer)
    writer.append("statistics", 4)
    items = list(read_records(str(path)))
    assert [item.body for item in items if isinstance(item, Record)] == [0, 1, 4]
    assert [(item.first, item.last) for item in items if isinstance(item, Gap)] == [(2, 3)]


@pytest.mark.parametrize("size", [0, 1, 79])
def test_an_emptied_file_gets_its_header_back_and_shows_the_hole(
    writer: SpoolWriter, tmp_path: Path, size: int
) -> None:
    writer.append("statistics", 0)
    writer.append("statistics", 1)
    (path,) = tmp_path.iterdir()
    os.truncate(path, size)
    for n in (2, 3, 4):  # the first of them may stand in one line with the rest of the header
        writer.append("statistics", n)
    look_again(writer)
    assert writer.append("statistics", 5, durable=True) == 5
    assert list(tmp_path.iterdir()) == [path]
    items = list(read_records(str(path)))
    found = [item.body for item in items if isinstance(item, Record)]
    assert found == [2, 3, 4, 5] if not size else found[-3:] == [3, 4, 5]
    assert [(item.first, item.last) for item in items if isinstance(item, Gap)] == [(0, found[0] - 1)]


@pytest.mark.parametrize("what", ["link", "file"])
def test_a_replaced_file_is_put_back_with_everything(writer: SpoolWriter, tmp_path: Path, what: str) -> None:
    writer.append("statistics", 0)
    (path,) = tmp_path.iterdir()
    path.unlink()
    other = tmp_path.parent / "other"
    other.write_text("mine")
    path.symlink_to(other) if what == "link" else path.write_text("planted")
    writer.append("statistics", 1)
    look_again(writer)
    writer.append("statistics", 2)
    assert bodies(tmp_path) == [0, 1, 2]
    assert list(tmp_path.iterdir()) == [path]
    assert not path.is_symlink()
    assert other.read_text() == "mine"


def test_a_directory_in_the_place_of_the_file_is_left_for_another_file(writer: SpoolWriter, tmp_path: Path) -> None:
    writer.append("statistics", 0)
    (path,) = tmp_path.iterdir()
    path.unlink()
    path.mkdir()
    look_again(writer)
    assert writer.append("statistics", 1, durable=True) is not None
    assert writer.name != path.stem
    told, kept = bodies(tmp_path, writer.name)
    assert "directory" in told["why"]
    assert kept == 1


def test_durable_records_are_acknowledged(writer: SpoolWriter) -> None:
    assert writer.append("statistics", 1, durable=True) == 0
    assert writer.sync()


def test_a_disk_that_cannot_sync_gets_another_file_and_the_remark(writer: SpoolWriter, tmp_path: Path) -> None:
    """Descriptor of a pipe: writes succeed, fdatasync does not (as EIO would, it fails with an ``OSError``)."""
    writer.append("statistics", 1)
    assert writer._file is not None
    old = writer.name
    kept_file = os.dup(writer._file._fd)
    reading, writing = os.pipe()
    os.dup2(writing, writer._file._fd)
    assert not writer.sync()
    os.close(reading)
    os.close(writing)
    os.close(kept_file)
    writer.append("statistics", 2)
    assert bodies(tmp_path, old) == [1]
    told, kept = bodies(tmp_path, writer.name)
    assert told["records"] == 0
    assert old in told["why"]
    assert kept == 2


def test_the_reserve_makes_room_for_the_last_record(tmp_path: Path) -> None:
    """RLIMIT_FSIZE stands for the full disk; giving up the reserve lifts it here, as it makes room there."""
    reserve = tmp_path / "reserve"
    reserve.write_bytes(b"x")

    class Roomy(os.PathLike[str]):
        def __fspath__(self) -> str:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            return str(reserve)

    def work() -> None:
        writer = SpoolWriter(str(tmp_path), "supervisor")
        writer.append("status", 1)
        resource.setrlimit(resource.RLIMIT_FSIZE, (HEADER_LENGTH + 90, resource.RLIM_INFINITY))
        if writer.append_surely("status", "exit", Roomy()) is None:  # type: ignore[arg-type]
            os._exit(5)

    assert in_child(work) == 0
    assert not reserve.exists()
    assert bodies(tmp_path) == [1, "exit"]


CLOSING = """
import os, signal, sys
from kleio.spool.records.log import SpoolWriter

writer = SpoolWriter(sys.argv[1])
writer.append("statistics", {"n": 0})
os.closerange(3, 4096)
mine = [open(f"{sys.argv[2]}/mine{n}", "w+b", buffering=0) for n in range(8)]
for n in range(1, 4):
    assert writer.append("statistics", {"n": n}) == n
assert writer.lost == 0
for file in mine:
    file.write(b"weights")
"""
"""As a daemon does: all descriptors are closed, and files of its own opened."""

TAKING = """
import os, resource, signal, sys
from kleio.spool.records.log import SpoolWriter

writer = SpoolWriter(sys.argv[1])
writer.append("statistics", {"n": 0})
mine = os.open(f"{sys.argv[2]}/mine", os.O_RDWR | os.O_CREAT)
os.write(mine, b"w" * 5000)
links = {fd: f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")}
(taken,) = [int(fd) for fd, link in links.items() if os.path.lexists(link) and os.readlink(link).endswith(".ksp")]
os.dup2(mine, taken)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
assert writer.append("statistics", {"n": 1}) == 1
assert writer.sync()
writer.close()
os.pwrite(taken, b"W", 0)
"""
"""A file of the script's stands behind kleio's own descriptor, and can grow no more."""


@pytest.mark.parametrize(("program", "count", "content"), [(CLOSING, 4, b"weights"), (TAKING, 2, b"W" + b"w" * 4999)])
def test_no_file_of_the_script_is_written_cut_or_closed(
    program: str, count: int, content: bytes, tmp_path: Path
) -> None:
    spool, own = tmp_path / "spool", tmp_path / "own"
    spool.mkdir()
    own.mkdir()
    subprocess.run([sys.executable, "-c", program, str(spool), str(own)], check=True)
    assert {path.read_bytes() for path in own.iterdir()} == {content}
    found = [item for path in spool.glob("*.ksp") for item in read_records(str(path), final=True)]
    assert sorted(item.body["n"] for item in found if item.stream == "statistics") == list(range(count))
    (said,) = [item.body for item in found if item.stream == "lost"]
    assert said["records"] == 0
    assert "closed" in said["why"]
