from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.trial.quoting import UNPRINTABLE, escaped, quoted

words = st.text(st.characters(codec="utf-8", exclude_characters="\0")) | st.binary().map(
    lambda data: data.replace(b"\0", b"").decode("utf-8", "surrogateescape")
)


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["python", "train.py", "--lr", "0.1"], "python train.py --lr 0.1"),
        (["a b", "", "it's"], "'a b' '' 'it'\"'\"'s'"),
        (["n\nl", "\x1b]0;title\x07", "é☃"], "$'n\\nl' $'\\e]0;title\\x07' 'é☃'"),
        (["\udcff\\'"], "$'\\xff\\\\\\''"),
        (["\u202egnp.exe", "\x9b2J"], "$'\\u202egnp.exe' $'\\u009b2J'"),
    ],
)
def test_words_are_quoted_so_that_they_are_seen(argv: list[str], line: str) -> None:
    assert quoted(argv) == line


@given(st.lists(words, max_size=4))
def test_no_command_line_holds_anything_unprintable(argv: list[str]) -> None:
    assert not UNPRINTABLE.search(quoted(argv))


@given(st.text())
def test_escaped_text_holds_nothing_unprintable(text: str) -> None:
    assert not UNPRINTABLE.search(escaped(text))


@pytest.mark.parametrize(
    "argv",
    [["a b", "'", '"', "\\"], ["\n\t\r\x1b\x07", "$'x'"], ["\udcff\udc80", "é\x01"], ["`id`$(id)", "*", "\x7f'\\"]],
)
def test_bash_reads_the_line_back_as_the_same_words(argv: list[str]) -> None:
    line = f"printf '%s\\0' {quoted(argv)}"
    read = subprocess.run(["bash", "-c", line], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}).stdout
    assert read == b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in argv)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2000, exclude_categories=["C", "Z"])))
def test_what_can_be_printed_is_quoted_as_the_standard_library_does(word: str) -> None:
    assert quoted([word]) == shlex.quote(word)
