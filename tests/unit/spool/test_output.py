"""Raw output on disk: exact bytes, exact holes, chunks that fit a document."""

from __future__ import annotations

import os
import shutil

from hypothesis import given, settings
from hypothesis import strategies as st

from kleio.spool.output import CHUNK, OutputWriter, chunk_times, decode_chunk, pending_output, pieces, read_live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def write(directory: Path, parts: list[bytes], head: int = 1 << 20, tail: int = 1 << 20) -> OutputWriter:
    writer = OutputWriter(str(directory), "stdout", head, tail)
    for number, part in enumerate(parts):
        writer.write(memoryview(part), 100.0 + number)
    return writer


def chunks(directory: Path, acked: int = -1, *, final: bool = True, head: int | None = None) -> list[tuple[int, bytes]]:
    found = pending_output(str(directory), {"stdout": acked}, final, head)
    return [(chunk.start, decode_chunk(chunk.body)) for chunk in found]


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(st.binary(max_size=9000), max_size=20), acked=st.integers(-1, 3000))
def test_what_was_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], acked: int
) -> None:
    directory = tmp_path_factory.mktemp("spool")
    write(directory, parts).close()
    whole = b"".join(parts)
    assert b"".join(data for _, data in chunks(directory, acked)) == whole[acked + 1 :]


def test_chunks_stay_below_a_megabyte_even_when_they_cannot_be_compressed(tmp_path: Path) -> None:
    data = os.urandom(3 * CHUNK // 2)
    write(tmp_path, [data])
    stored = list(pending_output(str(tmp_path), {}, final=True))
    assert max(len(chunk.body["data"]) for chunk in stored) < 1_000_000
    assert b"".join(decode_chunk(chunk.body) for chunk in stored) == data


def test_flood_keeps_head_and_tail_and_the_hole_is_exact(tmp_path: Path) -> None:
    data = os.urandom(1 << 20)
    writer = write(tmp_path, [data[i : i + 5000] for i in range(0, len(data), 5000)], head=1 << 16, tail=1 << 16)
    found = chunks(tmp_path)
    assert writer.offset == len(data)
    assert all(data[start : start + len(part)] == part for start, part in found)
    kept = {offset for start, part in found for offset in range(start, start + len(part))}
    assert set(range(1 << 16)) <= kept
    assert set(range(len(data) - (1 << 16), len(data))) <= kept
    assert len(kept) < (1 << 16) * 3
    holes = [chunk.body["hole"] for chunk in pending_output(str(tmp_path), {}, final=True)]
    assert sum(holes) == len(data) - len(kept)


def test_before_the_end_only_the_head_is_handed_out(tmp_path: Path) -> None:
    write(tmp_path, [b"x" * 5000])
    assert b"".join(part for _, part in chunks(tmp_path, final=False, head=3000)) == b"x" * 3000


def test_times_tell_when_each_part_was_read(tmp_path: Path) -> None:
    write(tmp_path, [b"one\n", b"two\n", b"three\n"])
    (chunk,) = pending_output(str(tmp_path), {}, final=True)
    assert chunk_times(chunk.body) == [(0, 100.0), (4, 101.0), (8, 102.0)]
    (rest,) = pending_output(str(tmp_path), {"stdout": 5}, final=True)
    assert chunk_times(rest.body) == [(0, 101.0), (2, 102.0)]


def test_disk_that_refuses_leaves_a_counted_hole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    real, failing = os.write, [False]

    def write_or_fail(fd: int, data: bytes) -> int:
        if failing[0]:
            raise OSError(errno.ENOSPC, "no space")
        return real(fd, data)

    writer = write(tmp_path, [b"before"])
    monkeypatch.setattr("kleio.spool.output.os.write", write_or_fail)
    failing[0] = True
    writer.write(memoryview(b"lost!"), 200.0)
    failing[0] = False
    writer.write(memoryview(b"after"), 201.0)
    assert (writer.lost, writer.offset) == (5, 16)
    assert chunks(tmp_path) == [(0, b"before"), (11, b"after")]


def test_live_reader_sees_what_is_there_and_skips_a_hole(tmp_path: Path) -> None:
    write(tmp_path, [b"a" * 5000])
    assert read_live(str(tmp_path), "stdout", 4998) == (4998, b"aa")
    assert read_live(str(tmp_path), "stdout", 5000) == (5000, b"")
    os.rename(pieces(str(tmp_path), "stdout")[0][1], tmp_path / "stdout-000000000009000.raw")
    assert read_live(str(tmp_path), "stdout", 5000, 2) == (9000, b"aa")


def test_a_directory_that_is_removed_is_no_reason_to_end(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    directory.mkdir()
    writer = OutputWriter(str(directory), "stdout", 8192, 8192)
    data = os.urandom(4096)
    for now in range(4):
        writer.write(memoryview(data), float(now))
    shutil.rmtree(directory)
    for now in range(4, 40):  # the first pieces are to be deleted, and are gone
        writer.write(memoryview(data), float(now))
    writer.close()
    assert writer.offset == 40 * 4096
    assert writer.lost == 37 * 4096  # the piece that was open, and all that came


def test_output_that_is_removed_is_put_back(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    directory.mkdir()
    writer = write(directory, [b"one\n", b"two\n"])
    os.unlink(pieces(str(directory), "stdout")[0][1])
    writer.write(memoryview(b"three\n"), 103.0)
    assert chunks(directory) == [(0, b"one\ntwo\nthree\n")]
    shutil.rmtree(directory)
    writer.write(memoryview(b"four\n"), 104.0)
    writer.settle()
    writer.write(memoryview(b"late\n"), 105.0)
    writer.close()
    assert chunks(directory) == [(0, b"one\ntwo\nthree\nfour\n"), (19, b"late\n")]
    (first, _) = pending_output(str(directory), {}, final=True)
    assert [time for _, time in chunk_times(first.body)] == [100.0, 101.0, 103.0, 104.0]
    assert writer.lost == 0


def test_output_that_is_cut_off_is_a_counted_hole(tmp_path: Path) -> None:
    writer = write(tmp_path, [b"one\n", b"two\n"])
    os.truncate(pieces(str(tmp_path), "stdout")[0][1], 2)
    writer.write(memoryview(b"three\n"), 103.0)
    writer.close()
    assert writer.lost == 6
    assert chunks(tmp_path) == [(0, b"on"), (8, b"three\n")]
    assert [chunk.body["hole"] for chunk in pending_output(str(tmp_path), {}, final=True)] == [0, 6]


def test_output_that_cannot_be_put_back_is_counted(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    directory.mkdir()
    writer = write(directory, [b"one\n"])
    shutil.rmtree(directory)
    directory.touch()
    writer.write(memoryview(b"two\n"), 103.0)
    writer.settle()
    writer.close()
    assert writer.lost == 8


def test_a_link_in_place_of_the_directory_is_not_followed(tmp_path: Path) -> None:
    directory, elsewhere = tmp_path / "spool", tmp_path / "elsewhere"
    directory.mkdir()
    elsewhere.mkdir()
    writer = OutputWriter(str(directory), "stdout", 8192, 8192)
    os.rename(directory, tmp_path / "gone")
    directory.symlink_to(elsewhere)
    writer.write(memoryview(b"x"), 1.0)
    writer.close()
    assert list(elsewhere.iterdir()) == []
    assert writer.lost == 1


def test_a_disk_that_cannot_sync_is_no_reason_to_end(tmp_path: Path) -> None:
    """A pipe in place of the file: ``fdatasync`` fails as it does on a disk that is broken."""
    writer = write(tmp_path, [b"x"])
    reading, writing = os.pipe()
    assert writer._file is not None
    os.dup2(writing, writer._file._fd)
    writer.settle()
    writer.close()
    os.close(reading)
    os.close(writing)
