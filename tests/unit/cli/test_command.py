"""No option of any command is overruled by itself without a word."""

from __future__ import annotations

import click
import pytest

from harness.recorded import Recorder
from kleio.cli.command import Command, Group
from kleio.cli.grammar import LAUNCHING
from kleio.cli.group import group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def commands() -> Iterator[tuple[str, ...]]:
    """All that click parses; lines that launch something are read by ``cli/grammar.py``."""
    context = click.Context(group)
    for name in sorted(set(group.list_commands(context)) - set(LAUNCHING)):
        command = group.get_command(context, name)
        assert isinstance(command, Command | Group), name
        below = command.list_commands(context) if isinstance(command, Group) else []
        yield from ((name, one) for one in below) if below else [(name,)]


def command_of(words: tuple[str, ...]) -> click.Command:
    found: click.Command | None = group
    for word in words:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), word)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (words, option)
        for words in commands()
        for option in command_of(words).params
        if isinstance(option, click.Option) and not option.is_flag and not option.multiple
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else given.name,
)
def test_an_option_with_one_value_cannot_be_given_twice(kleio: Any, words: tuple[str, ...], option: Any) -> None:
    typed = [f"{name}=1" if name.startswith("--") else f"{name}1" for name in (option.opts[0], option.opts[-1])]
    said = kleio(*words, *typed, "x", "y")
    assert (said.code, said.out) == (2, "")
    assert said.err == f"kleio: {max(option.opts, key=len)} is given twice\n"


def test_options_that_set_the_same_are_refused_together(kleio: Any) -> None:
    said = kleio("ls", "--format", "csv", "--json")
    assert (said.code, said.err) == (2, "kleio: --format and --json cannot be given both\n")
    assert kleio("ls", "--json", "--json").code == 0


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (words, option.opts[-1])
        for words in commands()
        for option in command_of(words).params
        if isinstance(option.type, click.types.FloatParamType)
    ],
)
def test_nan_is_no_number_that_an_option_takes(kleio: Any, words: tuple[str, ...], option: str) -> None:
    said = kleio(*words, option, "nan", "x")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"kleio: Invalid value for '{option}': nan is no number\n")


def names(said: Any) -> list[str]:
    assert said.code == 0, said.err
    return [line.split()[2] for line in said.out.splitlines()]


def test_filters_that_are_repeated_hold_together(kleio: Any, recorder: Recorder) -> None:
    recorder.ended("a", tags=("x", "y"))
    recorder.ended("b", tags=("x",), word="broken", code=1)
    recorder.new("c", tags=("y",))
    assert names(kleio("ls", "--tags", "x", "--tags", "y")) == ["a"]
    assert names(kleio("ls", "--where", "'x' in tags or 'y' in tags", "--where", "exit = 1")) == ["b"]
    assert names(kleio("ls", "--status", "broken", "--status", "completed")) == ["b", "a"]
    assert kleio("status", "--short", "--tags", "x", "--tags", "y").out == "1 trial: 1 completed\n"
    assert kleio("status", "--short", "--where", "'x' in tags", "--where", "exit = 1").out == "1 trial: 1 broken\n"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        *(
            (f"{command}|--where= ", "the filter is empty; without the option all trials are meant")
            for command in ("ls", "status", "work", "ls|--where=exit=1")
        ),
        *(
            (f"{command}|x|--where=", "the filter is empty; --all means all trials")
            for command in ("copy|--to=y", "export")
        ),
        *(
            (f"{command}|--tags={value}", "no tag is named; without the option all trials are meant")
            for command in ("ls", "status", "work", "cure|--dry-run", "ls|--tags=x")
            for value in ("", ";")
        ),
        ("ls|--status=", "no status is named; without the option all trials are meant"),
        ("ls|--status=new|--status=,", "no status is named; without the option all trials are meant"),
    ],
)
def test_a_selection_that_says_nothing_is_refused(kleio: Any, recorder: Recorder, line: str, complaint: str) -> None:
    recorder.ended("a")
    said = kleio(*line.split("|"))
    assert (said.code, said.out) == (2, "")
    assert f": {complaint}\n" in said.err


def test_each_of_several_filters_has_to_be_one(kleio: Any) -> None:
    said = kleio("ls", "--where", "exit = 1) or (exit = 2", "--where", "exit = 3")
    assert said.code == 2
    assert "never opened" in said.err


def test_columns_that_are_repeated_add_up(kleio: Any, recorder: Recorder) -> None:
    recorder.ended("a")
    several = ("--columns", "name,exit", "--columns", "exit,status")
    assert kleio("ls", *several, "--format", "csv").out.splitlines()[0] == "name,exit,status"
    added = kleio("ls", "--columns", "+exit", "--columns", "+parent", "--format", "csv").out.splitlines()[0].split(",")
    assert added[-3:] == ["exit", "parent", "command"]


def test_names_of_statistics_that_are_repeated_add_up(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("a")
    recorder.logged(trial, {"loss": 1, "acc": 2, "other": 3})
    said = kleio("stats", trial, "--keys", "loss", "--keys", "acc,loss", "--format", "csv")
    assert said.out == "loss,acc\n1,2\n"
