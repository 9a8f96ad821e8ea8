from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.spool.records.file import HEADER_LENGTH
from kleio.spool.records.log import SpoolWriter
from kleio.spool.records.reader import Gap, Record, read_records

VECTORS = Path(__file__).parents[3] / "assets" / "spools" / "1"
COUNT = 4


def described(path: Path) -> list[list[object]]:
    return [
        ["record", item.sequence, item.stream, item.wall, item.body]
        if isinstance(item, Record)
        else ["gap", item.first, item.last, item.start, item.end]
        for item in read_records(str(path), final=True)
    ]


@pytest.mark.parametrize("name", ["healthy", "torn", "zeroed", "damaged", "hole", "header", "joined"])
def test_spools_of_version_1_are_read_for_ever(name: str) -> None:
    """The files were written once; they and ``expected.json`` never change. A second clock that they tell of, behind
    the first, is read no more."""
    expected = json.loads((VECTORS / "expected.json").read_text())[f"{name}.ksp"]
    assert described(VECTORS / f"{name}.ksp") == [
        [*each[:4], *each[5:]] if each[0] == "record" else each for each in expected
    ]


def test_every_vector_is_expected() -> None:
    expected = json.loads((VECTORS / "expected.json").read_text())
    assert sorted(expected) == sorted(path.name for path in VECTORS.glob("*.ksp"))


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    """A file of four records of different lengths."""
    writer = SpoolWriter(str(tmp_path), "whole")
    for n in range(COUNT):
        writer.append("statistics", {"n": n, "text": "x" * n * 7})
    writer.close()
    return (tmp_path / "whole.ksp").read_bytes()


def read(path: Path, content: bytes, *, final: bool = True) -> tuple[list[int], list[Gap]]:
    path.write_bytes(content)
    items = list(read_records(str(path), final=final))
    records = [item for item in items if isinstance(item, Record)]
    for record in records:
        assert record.body == {"n": record.sequence, "text": "x" * record.sequence * 7}
    return [record.sequence for record in records], [item for item in items if isinstance(item, Gap)]


@pytest.mark.sweep
def test_cut_at_any_byte_the_records_before_the_cut_remain(whole: bytes, tmp_path: Path) -> None:
    ends = [position + 1 for position, byte in enumerate(whole) if byte == 10][1:]
    for length in range(len(whole) + 1):
        numbers, gaps = read(tmp_path / "cut", whole[:length])
        assert numbers == list(range(sum(end <= length for end in ends))), length
        assert gaps == [], length


@pytest.mark.sweep
def test_zeros_after_any_cut_are_an_end(whole: bytes, tmp_path: Path) -> None:
    ends = [position + 1 for position, byte in enumerate(whole) if byte == 10][1:]
    for length in range(HEADER_LENGTH, len(whole), 3):
        numbers, gaps = read(tmp_path / "zero", whole[:length] + bytes(4096))
        assert numbers == list(range(sum(end <= length for end in ends)))
        assert gaps == []


@pytest.mark.sweep
@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_costs_at_most_one_record_and_the_loss_is_told(whole: bytes, tmp_path: Path, bit: int) -> None:
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << bit
        numbers, gaps = read(tmp_path / "flip", bytes(damaged))
        missing = sorted(set(range(COUNT)) - set(numbers))
        assert numbers == sorted(set(numbers)), position
        assert len(missing) <= 1, position
        told = [number for gap in gaps for number in range(gap.first, gap.last + 1)]
        assert set(told) == set(missing) - {COUNT - 1}, position  # of the last record nobody knows its number


def test_a_damaged_end_is_not_reported_while_somebody_may_still_write(whole: bytes, tmp_path: Path) -> None:
    damaged = bytearray(whole)
    damaged[-20] ^= 1
    assert read(tmp_path / "f", bytes(damaged), final=False) == ([0, 1, 2], [])
    _, (gap,) = read(tmp_path / "f", bytes(damaged), final=True)
    assert (gap.first, gap.last, gap.end) == (3, 2, len(whole))


def test_reading_goes_on_where_it_stopped(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(whole)
    third = list(read_records(str(path)))[2]
    rest = list(read_records(str(path), offset=third.end, expected=3))
    assert [item.sequence for item in rest if isinstance(item, Record)] == [3]


def test_blocks_of_an_older_file_do_not_pass_for_records(whole: bytes, tmp_path: Path) -> None:
    writer = SpoolWriter(str(tmp_path), "other")
    for n in range(COUNT):
        writer.append("statistics", {"n": n, "text": "x" * n * 7})
    writer.close()
    stale = (tmp_path / "other.ksp").read_bytes()[HEADER_LENGTH:]
    numbers, gaps = read(tmp_path / "f", whole + stale)
    assert numbers == list(range(COUNT))
    assert sum(gap.end - gap.start for gap in gaps) == len(stale)


@given(noise=st.binary(max_size=300), place=st.integers(0, COUNT))
def test_noise_between_records_costs_none_of_them(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int
) -> None:
    directory = tmp_path_factory.mktemp("noise")
    writer = SpoolWriter(str(directory), "w")
    for n in range(COUNT):
        writer.append("statistics", {"n": n, "text": "x" * n * 7})
    writer.close()
    whole = (directory / "w.ksp").read_bytes()
    ends = [position + 1 for position, byte in enumerate(whole) if byte == 10]
    cut = ends[place]
    numbers, _ = read(directory / "noisy", whole[:cut] + noise + b"\n" + whole[cut:])
    assert numbers == list(range(COUNT))


@given(content=st.binary(max_size=2000))
def test_anything_can_be_read_without_an_exception(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "f"
    path.write_bytes(content)
    assert [item for item in read_records(str(path), final=True) if isinstance(item, Record)] == []


def test_a_line_without_end_is_read_in_bounded_pieces(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "f"
    with path.open("wb") as file:
        file.write(whole)
        file.seek(100 << 20, 1)
        file.write(b"\n")
    import tracemalloc

    tracemalloc.start()
    items = list(read_records(str(path), final=True))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(items) == COUNT + 1
    assert peak < 10 << 20
