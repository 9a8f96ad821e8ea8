from __future__ import annotations

import pytest

from kleio.cli.guessing import command_meant, nearest


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lss", "ls"),
        ("inof", "info"),
        ("lst", "ls"),
        ("./ls", None),
        ("train", None),
        ("", None),
        ("jupyter", None),
        ("help", "--help"),
    ],
)
def test_only_a_word_that_is_near_a_command_is_taken_for_one(typed: str, meant: str | None) -> None:
    assert command_meant([typed, "more"]) == meant


def test_help_of_a_command_is_its_option() -> None:
    assert command_meant(["help", "ls"]) == "ls --help"
    assert command_meant([]) is None


def test_an_option_like_no_other_means_none() -> None:
    assert nearest("--bogus", ["--tags", "--tag", "--output"]) is None
    assert nearest("--tasg", ["--tags", "--output"]) == "--tags"
