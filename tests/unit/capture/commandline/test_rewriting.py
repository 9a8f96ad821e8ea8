"""Other options for a recorded command: what is not named stays word for word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.capture.commandline.rewriting import rewrite
from kleio.errors import UsageError

BASE = "python args.py p1 --xs 1 2 3 --s 1 --flag --tag_name a --eq=1"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ("--xs 4 5", "p1 --xs 4 5 --s 1 --flag --tag_name a --eq=1"),
        ("--s 1 2", "p1 --xs 1 2 3 --s 1 2 --flag --tag_name a --eq=1"),
        ("--flag 3", "p1 --xs 1 2 3 --s 1 --flag 3 --tag_name a --eq=1"),
        ("--eq=2 --tag-name b", "p1 --xs 1 2 3 --s 1 --flag --tag_name a --eq=2 --tag-name b"),
        ("--timestamp 3", "p1 --xs 1 2 3 --s 1 --flag --tag_name a --eq=1 --timestamp 3"),
        ("--xs", "p1 --xs --s 1 --flag --tag_name a --eq=1"),
        ("--eq 2", "p1 --xs 1 2 3 --s 1 --flag --tag_name a --eq 2"),
        ("--no-flag", "p1 --xs 1 2 3 --s 1 --tag_name a --eq=1"),
        ("--no-other", BASE.removeprefix("python args.py ") + " --no-other"),
        ("--new 1 --new 2", BASE.removeprefix("python args.py ") + " --new 1 --new 2"),
        ("-v", BASE.removeprefix("python args.py ") + " -v"),
        ("", BASE.removeprefix("python args.py ")),
    ],
)
def test_options_are_replaced_added_and_dropped(changes: str, expected: str) -> None:
    assert rewrite(BASE.split(), changes.split()) == ("python", "args.py", *expected.split())


def test_value_is_one_word_whatever_it_holds() -> None:
    assert rewrite(["p", "--s", "1"], ["--s", "x y"]) == ("p", "--s", "x y")


def test_repeated_option_is_replaced_as_a_whole() -> None:
    assert rewrite("p --r 1 --x --r 2".split(), "--r 3".split()) == ("p", "--r", "3", "--x")


def test_new_option_goes_before_the_separator() -> None:
    assert rewrite("p --a 1 -- --b".split(), "--b 2".split()) == ("p", "--a", "1", "--b", "2", "--", "--b")


def test_unset_takes_an_option_out() -> None:
    assert rewrite("p --a 1 2 --b".split(), [], ["a"]) == ("p", "--b")
    with pytest.raises(UsageError, match="no option 'c' to unset"):
        rewrite(["p"], [], ["c"])


@pytest.mark.parametrize("changes", ["p2", "--lr 1 -- x", "--lr 2 text", "-"])
def test_positional_words_are_refused(changes: str) -> None:
    with pytest.raises(UsageError, match="positional arguments cannot be updated") as caught:
        rewrite(["python", "a.py", "p1", "--lr", "1"], changes.split())
    assert caught.value.exit_code == 2


WORDS = st.lists(st.sampled_from(["--a", "--b=1", "x", "1", "-0.5", "--", "-", "", "é", "--c"]), max_size=8)


@given(words=WORDS)
def test_nothing_changes_without_changes(words: list[str]) -> None:
    assert rewrite(["p", *words], []) == ("p", *words)


@given(words=WORDS)
def test_words_around_the_change_stay_as_they_were(words: list[str]) -> None:
    result = list(rewrite(["p", *words], ["--zz", "9"]))
    place = result.index("--zz")
    assert result[place : place + 2] == ["--zz", "9"]
    assert result[:place] + result[place + 2 :] == ["p", *words]
