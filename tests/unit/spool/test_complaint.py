from __future__ import annotations

import subprocess
import sys
import warnings

import pytest

from kleio.spool.complaint import KleioWarning, complain


def told(*causes: str) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for cause in causes:
            complain(cause, f"about {cause}")
    assert all(each.category is KleioWarning for each in caught)
    return [str(each.message) for each in caught]


def test_a_cause_is_told_once() -> None:
    assert told("disk", "disk", "disk") == ["kleio: about disk"]


def test_each_cause_is_told() -> None:
    assert told("one", "two") == ["kleio: about one", "kleio: about two"]


def test_warnings_that_are_errors_are_not_raised() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        complain("any", "never raised")


def test_the_line_named_is_the_scripts_own() -> None:
    with pytest.warns(KleioWarning) as caught:
        complain("line", "where")
    assert caught[0].filename == __file__


def test_a_script_under_w_error_goes_on() -> None:
    program = "from kleio.spool.complaint import complain\ncomplain('a', 'b')\nprint('on')"
    run = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("on\n", "")
