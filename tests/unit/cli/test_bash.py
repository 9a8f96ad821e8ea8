from __future__ import annotations

import subprocess

import pytest

from kleio.cli.bash import Bash
from kleio.cli.group import group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def completed(directory: Path, typed: str, *offers: str) -> list[str]:
    """What bash puts in place of a word, if a program offers these. The program stands for kleio."""
    program = directory / "offering"
    lines = "".join(f"{offer}\n" for offer in offers)
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{lines}END\n", encoding="utf-8")
    program.chmod(0o755)
    script = Bash(group, {}, "kleio", "_KLEIO_COMPLETE").source()
    script += "compopt() { :; }\n"  # works only while bash completes
    script += 'COMP_WORDS=(kleio "$2"); COMP_CWORD=1; _kleio_completion "$1"; printf "%s\\n" "${COMPREPLY[@]}"'
    said = subprocess.run(["bash", "-c", script, "bash", program, typed], capture_output=True, check=True)
    assert said.stderr == b""
    return said.stdout.decode().splitlines()


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
        ("3f", "3f9c2ab", "3f9c2ab"),
    ],
)
def test_a_word_is_spelled_as_the_line_needs_it(tmp_path: Path, typed: str, offered: str, expected: str) -> None:
    """A quote that the word began with stays on the line and is no part of this."""
    assert completed(tmp_path, typed, f"plain,{offered}") == [expected]


def test_all_offers_are_taken_beside_files_too(tmp_path: Path) -> None:
    assert completed(tmp_path, "", "plain,a b", "plain,c") == [r"a\ b", "c"]
    assert completed(tmp_path, "3f", "plain,3f9c2ab", "file,3f") == ["3f9c2ab"]
