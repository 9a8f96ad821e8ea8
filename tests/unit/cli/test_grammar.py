"""The first word decides, options of kleio stand in front, and what follows is never looked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.cli.grammar import Line, parse
from kleio.cli.names import ALIASES, COMMANDS
from kleio.errors import UsageError

OWN = [*COMMANDS, *ALIASES, "-h", "--help", "-V", "--version", "--tags", "--output", "-q", "--", "-", "--x=y", ""]


@pytest.mark.parametrize(
    ("line", "command", "words", "options"),
    [
        ("python a.py --lr 1", "run", "python a.py --lr 1", {}),
        ("-- ls", "run", "ls", {}),
        ("run ls", "run", "ls", {}),
        ("run -- ls -l", "run", "ls -l", {}),
        ("-q run python", "run", "python", {"quiet": True}),
        ("--tags a;b run --tag c x", "run", "x", {"tags": ("a;b", "c")}),
        ("--output=merge x", "run", "x", {"output": "merge"}),
        ("--name n x --name m", "run", "x --name m", {"name": "n"}),
        ("exec 3f9c2ab", "exec", "3f9c2ab", {}),
        ("run - x", "run", "- x", {}),
        ("./ls", "run", "./ls", {}),
    ],
)
def test_line_that_runs_something(line: str, command: str, words: str, options: dict[str, object]) -> None:
    parsed = parse(line.split())
    assert (parsed.command, parsed.words) == (command, tuple(words.split()))
    assert {key: value for key, value in parsed.options.items() if value} == options


@pytest.mark.parametrize(
    ("line", "command"), [("ls", "ls"), ("list --json", "ls"), ("-q info 3f", "info"), ("db", "db")]
)
def test_kleios_own_commands_get_the_whole_line(line: str, command: str) -> None:
    assert parse(line.split()) == Line(command, tuple(line.split()))


@pytest.mark.parametrize("line", ["", "-h", "--help", "--version", "-q --help", "run --help", "exec -h"])
def test_help_is_clicks_business(line: str) -> None:
    assert parse(line.split()).command is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--tgas a x", "unknown option --tgas"),
        ("-x y", "unknown option -x"),
        ("run --lr 1 x", "unknown option --lr"),
        ("--name", "option --name needs a value"),
        ("--quiet=1 x", "option --quiet takes no value"),
        ("--output all x", "option --output: 'all' is none of merge, split, pipe, off"),
        ("--name a --name b x", "--name is given twice"),
        ("-n a --name=b x", "--name is given twice"),
        ("--journal a run --journal b x", "--journal is given twice"),
        ("branch --timestamp last --timestamp 1 x", "--timestamp is given twice"),
        ("--", "`--` must be followed by a command"),
    ],
)
def test_line_that_cannot_be_understood(line: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line.split())
    assert caught.value.message == message
    assert caught.value.exit_code == 2


def test_misspelt_option_is_guessed() -> None:
    with pytest.raises(UsageError) as caught:
        parse(["--tgas", "a", "x"])
    assert caught.value.hint is not None
    assert "did you mean --tags?" in caught.value.hint


@given(words=st.lists(st.one_of(st.sampled_from(OWN), st.text(max_size=5)), max_size=8))
def test_words_of_the_command_are_never_interpreted(words: list[str]) -> None:
    assert parse(["python", *words]).words == ("python", *words)
    assert parse(["--", "ls", *words]).words == ("ls", *words)
    assert parse(["run", "-q", "x", *words]).words == ("x", *words)
