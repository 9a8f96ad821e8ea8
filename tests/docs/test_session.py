"""The session of the tutorial is run as it stands there."""

from __future__ import annotations

import pytest

from harness.command import CHECKOUT
from harness.transcript import Command, Transcript, commands_of, files_of

PAGE = CHECKOUT / "docs/tutorial/session.rst"


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
def test_the_session_of_the_tutorial_goes_as_it_is_told(kleio, tmp_path):
    directory = tmp_path / "session"
    directory.mkdir()
    kleio.environment.update(kleio.name_on_path(tmp_path / "bin"))
    page = PAGE.read_text()
    assert files_of(page).keys() == {"train.py"}
    assert len(list(commands_of(page))) >= 15
    Transcript(kleio, directory).play(page)


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
class TestTranscript:
    @pytest.mark.parametrize(
        ("line", "output", "fits"),
        [
            ("echo 1234567; echo 1234567", ("abcdef0", "abcdef0"), True),
            ("echo 1234567; echo 7654321", ("abcdef0", "abcdef0"), False),
            ("echo 1234567; echo 7654321", ("abcdef0", "0fedcba"), True),
            ("seq 30", ("…", "7", "…"), True),
            ("seq 30", ("…", "31"), False),
            ("seq 2", ("1",), False),
            ("echo 'a   b'", ("a … b",), True),
            ("echo '  a b'", ("a …",), False),
            ("echo to the other stream >&2", ("to the other stream",), True),
            ("true", (), True),
        ],
    )
    def test_output_is_compared(self, kleio, tmp_path, line, output, fits):
        block = "\n".join(["::", "", f"    $ {line}", *(f"    {text}" for text in output), ""])
        assert list(commands_of(block)) == [Command(line, output)]
        transcript = Transcript(kleio, tmp_path)
        if fits:
            transcript.play(block)
        else:
            with pytest.raises(AssertionError, match="printed"):
                transcript.play(block)
