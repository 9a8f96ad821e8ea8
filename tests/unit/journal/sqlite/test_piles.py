"""Packed figures are the same when they are read again, whichever trials lie upon one another."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.journal.sqlite.figures import ASPECTS, packed
from kleio.journal.sqlite.index import ODD
from kleio.journal.sqlite.piles import PILE, Piles
from kleio.trial.table import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Trial = dict[int, tuple[Any, ...]]

INTEGERS = st.integers(-(1 << 63), (1 << 63) - 1)
FLOATS = st.floats(allow_nan=False) | st.just(-0.0)
OTHERS = st.none() | st.just(ODD) | st.text(max_size=2)
NAMES = st.sets(st.sampled_from([1, 2, 300, (1 << 32) - 1]), max_size=3)


def rows(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(*[cells] * len(ASPECTS))


@st.composite
def trials_of_two_kinds(draw: st.DrawFn) -> list[Trial | None]:
    """Each with the statistics of one of two sets, or without a row."""
    cells = draw(st.sampled_from([FLOATS, INTEGERS, FLOATS | INTEGERS, FLOATS | st.none(), FLOATS | INTEGERS | OTHERS]))
    one, other = [
        st.fixed_dictionaries({name: rows(cells) for name in names}) for names in draw(st.tuples(NAMES, NAMES))
    ]
    return draw(st.lists(st.none() | one | other, min_size=2 * PILE, max_size=3 * PILE))


def piled(trials: Sequence[Trial | None], aspects: Sequence[str]) -> Piles:
    piles = Piles(len(trials), aspects)
    for place, trial in enumerate(trials):
        if trial is not None:
            piles.add(place, *packed(trial))
    return piles


@given(trials=trials_of_two_kinds(), aspects=st.lists(st.sampled_from(ASPECTS), unique=True))
def test_a_cell_is_what_was_packed(trials: list[Trial | None], aspects: list[str]) -> None:
    piles = piled(trials, aspects)
    found = piles.columns()
    names = {name for trial in trials for name in trial or ()}
    assert found.keys() == {(name, aspect) for name in names for aspect in aspects}
    loose, odd = set(), set()
    for (name, aspect), cells in found.items():
        for place, (trial, cell) in enumerate(zip(trials, listed(cells), strict=True)):
            put = trial[name][ASPECTS.index(aspect)] if trial and name in trial else None
            assert repr(cell) == repr(put if type(put) in (float, int) else None)
            if isinstance(put, str):
                loose.add(name)
            elif put == ODD:
                odd.add(place)
    assert (piles.loose, piles.odd) == (loose, odd)


def test_numbers_of_one_kind_are_arrays() -> None:
    trials: list[Trial] = [{1: (number / 3, 1, None, 5.5 if number else 7, number)} for number in range(PILE)]
    found = piled(trials, ASPECTS).columns()
    assert found[1, "last"] == array("d", [number / 3 for number in range(PILE)])
    assert found[1, "min"] == array("q", [1] * PILE)
    assert found[1, "max"] == [None] * PILE
    assert found[1, "count"] == [7, *[5.5] * (PILE - 1)]


def test_of_trials_that_have_little_in_common_the_rows_by_name_tell() -> None:
    trials: list[Trial] = [{1: (1, 1, 1, 1, 1), number + 2: (1, 1, 1, 1, 1)} for number in range(PILE)]
    piles = piled(trials, ("last",))
    assert piles.columns() == {}
    assert piles.loose == set(range(1, PILE + 2))


def test_machines_that_put_the_greatest_byte_first_turn_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is the same on all machines. Here the bytes are turned once before, as such a machine would see them."""
    names, kinds, cells = packed({258: (0.5, 1, 1, 1, 1)})
    names, cells = turned(array("I", names)), turned(array("q", cells))
    monkeypatch.setattr("kleio.journal.sqlite.piles._SWAP", True)
    piles = Piles(PILE, ("last", "min"))
    for place in range(PILE):
        piles.add(place, names, kinds, cells)
    found = {(258, "last"): array("d", [0.5] * PILE), (258, "min"): array("q", [1] * PILE)}
    assert piles.columns() == found
    assert piles.columns() == found


def turned(numbers: array[int]) -> bytes:
    numbers.byteswap()
    return numbers.tobytes()


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("damage", [b"", b"d", b"dd" * 41])
def test_a_row_that_is_cut_or_grown_is_refused(part: int, damage: bytes) -> None:
    row = list(packed({1: (0.5, 1, 1, 1, 1), 2: (0.5, 1, 1, 1, 1)}))
    row[part] = damage
    with pytest.raises(
        ValueError, match=r"^a row of figures has not as many of them as it says$|multiple of item size"
    ):
        Piles(1, ("last",)).add(0, *row)
