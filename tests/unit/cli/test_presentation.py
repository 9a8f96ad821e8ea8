from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kleio.cli.presentation import short_ids

hexadecimal = st.text("01", min_size=12, max_size=12).map(lambda text: "abcdef" + text)


@given(st.sets(hexadecimal, max_size=20))
def test_each_short_id_is_a_prefix_of_one_id_only_and_seven_long_at_least(ids: set[str]) -> None:
    short = short_ids(sorted(ids))
    assert short.keys() == ids
    for full, prefix in short.items():
        assert len(prefix) >= 7
        assert [one for one in ids if one.startswith(prefix)] == [full]
        assert len(prefix) == 7 or any(one != full and one.startswith(prefix[:-1]) for one in ids)
