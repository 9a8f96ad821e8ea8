"""What makes two runs the same trial, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kleio.trial.identity import normalised, shortest_unique, trial_id
from kleio.trial.snapshot import CommandLine, ConfigFile, Project

PROJECT = Project("root-commit", "name", "/here", "sub")
WORDS = ("python", "a.py", "--lr", "1")


def command(*words: str, files: tuple[ConfigFile, ...] = ()) -> CommandLine:
    return CommandLine(words, words, {}, files)


BASE = trial_id(command(*WORDS), PROJECT)


def test_id_is_pinned_for_ever() -> None:
    assert BASE == "aa2bb60a931d642ea2b4cac668b0be33e8c2a2a690b464537de291a4070c9eeb"


@pytest.mark.parametrize(
    "words",
    [("python", "a.py", "--lr=1"), WORDS],
)
def test_spellings_of_one_command(words: tuple[str, ...]) -> None:
    assert trial_id(command(*words), PROJECT) == BASE


@pytest.mark.parametrize("change", [{"root": "/elsewhere"}, {"name": "other"}])
def test_place_of_the_clone_does_not_matter(change: dict[str, str]) -> None:
    assert trial_id(command(*WORDS), replace(PROJECT, **change)) == BASE


@pytest.mark.parametrize(
    "other",
    [
        trial_id(command("python", "a.py", "1", "--lr"), PROJECT),
        trial_id(command("python", "a.py", "--lr", "1", ""), PROJECT),
        trial_id(command("python", "a.py", "--", "--lr=1"), PROJECT),
        trial_id(command(*WORDS), replace(PROJECT, id="another")),
        trial_id(command(*WORDS), replace(PROJECT, directory="")),
        trial_id(command(*WORDS, files=(ConfigFile("c.yaml", "d", {}),)), PROJECT),
        trial_id(command(*WORDS), PROJECT, {"parent": "p", "cut": 1}),
    ],
)
def test_what_makes_another_trial(other: str) -> None:
    assert other != BASE


def test_secrets_are_hashed_by_their_fingerprints() -> None:
    secret = CommandLine(("x", "--key", "s3cr3t"), ("x", "--key", "<redacted:1>"), {})
    assert trial_id(secret, PROJECT) == trial_id(command("x", "--key", "<redacted:1>"), PROJECT)


def test_the_program_itself_is_never_split() -> None:
    assert normalised(["--a=b", "--c=d", "--", "--e=f"]) == ["--a=b", "--c", "d", "--", "--e=f"]


@pytest.mark.parametrize(
    ("others", "shown"),
    [([], "abcdefg"), (["abcdefgh0"], "abcdefghi"), (["abcdefg9"], "abcdefgh"), (["abcdefghij"], "abcdefg")],
)
def test_shown_id_is_as_long_as_it_must_be(others: list[str], shown: str) -> None:
    assert shortest_unique("abcdefghij", others) == shown
