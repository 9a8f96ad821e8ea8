from __future__ import annotations

import subprocess

import pytest
from click.shell_completion import split_arg_string

from kleio.cli.bash import Bash
from kleio.cli.group import group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


BREAKS = "$' \\t\\n\"\\'@><=;|&(:'"
"""At these bash parts words and puts in what is offered: its own setting, in its own spelling."""


def completed(directory: Path, typed: str, *offers: str, breaks: str = BREAKS) -> list[str]:
    """What bash puts behind the last break or open quote, if a program offers these. The program stands for kleio."""
    program = directory / "offering"
    lines = "".join(f"{offer}\n" for offer in offers)
    asked = 'printf "%s\\n%s" "$COMP_CWORD" "$COMP_WORDS" > "$0.asked"'
    program.write_text(f"#!/bin/sh\n{asked}\ncat <<'END'\n{lines}END\n", encoding="utf-8")
    program.chmod(0o755)
    script = Bash(group, {}, "kleio", "_KLEIO_COMPLETE").source()
    script += "compopt() { :; }\n"  # works only while bash completes
    script += f'COMP_WORDBREAKS={breaks}; COMP_LINE="kleio $2 behind"; COMP_POINT=$((${{#COMP_LINE}} - 7))\n'
    script += '_kleio_completion "$1"; printf "%s\\n" "${COMPREPLY[@]}"'
    said = subprocess.run(["bash", "-c", script, "bash", program, typed], capture_output=True, check=True)
    assert said.stderr == b""
    return said.stdout.decode().splitlines()


def asked(directory: Path, typed: str) -> tuple[list[str], str]:
    """For what bash asks: the words before, and what is typed of the last."""
    completed(directory, typed)
    count, words = (directory / "offering.asked").read_text(encoding="utf-8").split("\n", 1)
    found = split_arg_string(words)
    assert len(found) == int(count) + 1
    return found[1:-1], found[-1]


@pytest.mark.parametrize(
    ("typed", "offered", "expected"),
    [
        ("nä", "näme with space", r"näme\ with\ space"),
        ("nä\\ w", "näme with space", r"näme\ with\ space"),
        ("'nä", "näme with space", "näme with space"),
        ('"nä', "näme with space", "näme with space"),
        ("i", "it's $1", r"it\'s\ \$1"),
        ("'i", "it's $1", r"it'\''s $1"),
        ('"i', "it's $1", r"it's \$1"),
        ('"s', 'stats."q\\""', r"stats.\"q\\\"\""),
        ("b", "beta;all", r"beta\;all"),
        ("*", "*", r"\*"),
        ("id", "id,config.lr", "id,config.lr"),
        ("o'", "o'brien", r"''\''brien"),
        ('o"', "o'brien", "'brien"),
        ("o\\'", "o'brien", r"o\'brien"),
        ("'a'b", "abc", "abc"),
        ("'it'\\'", "it's", r"it\'s"),
        ("with\\ blank:", "with blank: and", r"\ and"),
        ("'with blank:", "with blank: and", "with blank: and"),
        ("a:b=", "a:b=c", "c"),
        ("--sort=st", "status", "status"),
        ('--sort="st', "status", "status"),
        ("--where=exit=0\\ and\\ st", "exit=0 and status", r"0\ and\ status"),
        ("3f", "3f9c2ab", "3f9c2ab"),
    ],
)
def test_a_word_is_spelled_as_the_line_needs_it(tmp_path: Path, typed: str, offered: str, expected: str) -> None:
    """A quote that is open stays on the line and is no part of this, except before a quote, in place of which readline
    puts what is offered. What stands in front of it, or of a break, stays as well."""
    assert completed(tmp_path, typed, f"plain,{offered}") == [expected]


def test_all_offers_are_taken_beside_files_too(tmp_path: Path) -> None:
    assert completed(tmp_path, "", "plain,a b", "plain,c") == [r"a\ b", "c"]
    assert completed(tmp_path, "3f", "plain,3f9c2ab", "file,3f") == ["3f9c2ab"]


def test_where_bash_parts_no_words_the_whole_word_is_put_in(tmp_path: Path) -> None:
    assert completed(tmp_path, "a:b=", "plain,a:b=c", breaks="' '") == ["a:b=c"]
    assert completed(tmp_path, "--sort=st", "plain,status", breaks="' '") == ["--sort=status"]


@pytest.mark.parametrize(
    ("typed", "before", "last"),
    [
        ("--journal sqlite:////tmp/x/j.sqlite info 8", ["--journal", "sqlite:////tmp/x/j.sqlite", "info"], "8"),
        ("--journal=mongodb://me@host/name info ", ["--journal=mongodb://me@host/name", "info"], ""),
        ("ls --sort=-st", ["ls", "--sort"], "-st"),
        ("cat 'it'\\''s' \"a \\$1 \\b\" \"\" c\\ d\\;e", ["cat", "it's", "a $1 \\b", ""], "c d;e"),
        ("info 'näme w", ["info"], "näme w"),
        ('info "a\\', ["info"], "a"),
    ],
)
def test_kleio_is_asked_with_whole_words(tmp_path: Path, typed: str, before: list[str], last: str) -> None:
    assert asked(tmp_path, typed) == (before, last)
