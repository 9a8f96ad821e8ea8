from __future__ import annotations

import pytest

from kleio.cli.grammar import OPTIONS, parse
from kleio.cli.running.processes import GLOBAL, OF_ONE_TRIAL, PASSED_ON, words_of_worker
from kleio.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("run", "work"),
        ("run --tags g;h --tag i", "work --tags g;h --tags i"),
        ("-q --journal sqlite:///j run --data d", "--journal=sqlite:///j --data=d --quiet work"),
        ("run --output merge --hide-output", "work --output=merge --hide-output"),
    ],
)
def test_run_without_a_command_is_a_worker(typed: str, meant: str) -> None:
    assert words_of_worker(parse(typed.split())) == meant.split()


@pytest.mark.parametrize("typed", ["run --name x", "run --offline", "run --switch-over"])
def test_what_is_meant_for_one_command_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="is for one command, and none is given"):
        words_of_worker(parse(typed.split()))


def test_every_option_of_a_launch_is_passed_on_or_refused() -> None:
    keys = {option.key for option in OPTIONS}
    assert keys == {*GLOBAL, *OF_ONE_TRIAL, "tags", *(option.key for option in PASSED_ON)}
