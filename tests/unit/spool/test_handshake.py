from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kleio.spool.complaint import KleioWarning
from kleio.spool.handshake import Handshake, child_environment

if TYPE_CHECKING:
    from pathlib import Path

TRIAL = "ab" * 32


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    spool = tmp_path / "spool"
    spool.mkdir(mode=0o700)
    return spool


def environment(spool: object, **changes: str) -> dict[str, str]:
    return child_environment({}, TRIAL, 3, str(spool)) | changes


def test_a_child_finds_its_attempt(spool: Path) -> None:
    shake = Handshake.from_environ(environment(spool))
    assert shake is not None
    assert (shake.trial, shake.attempt, shake.spool) == (TRIAL, 3, str(spool))


def test_the_child_gains_four_variables_and_keeps_the_rest(spool: Path) -> None:
    given = {"PATH": "/bin", "KLEIO_TRIAL_ID": "outer"}
    assert child_environment(given, TRIAL, 3, "/s") == {
        "PATH": "/bin", "KLEIO_TRIAL_ID": TRIAL, "KLEIO_ATTEMPT": "3", "KLEIO_SPOOL": "/s", "KLEIO_PROTOCOL": "1",
    }  # fmt: skip
    assert given == {"PATH": "/bin", "KLEIO_TRIAL_ID": "outer"}


def test_without_kleio_there_is_no_attempt_and_no_warning() -> None:
    assert Handshake.from_environ({}) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"KLEIO_PROTOCOL": "2"}, "protocol '2'"),
        ({"KLEIO_PROTOCOL": ""}, "protocol ''"),
        ({"KLEIO_TRIAL_ID": "../x"}, "not the id of a trial"),
        ({"KLEIO_ATTEMPT": "-1"}, "not a number"),
        ({"KLEIO_ATTEMPT": "²"}, "not a number"),
        ({"KLEIO_SPOOL": ""}, "not an absolute path"),
        ({"KLEIO_SPOOL": "spool"}, "not an absolute path"),
        ({"KLEIO_SPOOL": "/nonexistent/spool"}, "No such file"),
        ({"KLEIO_SPOOL": "/dev/null"}, "Not a directory"),
    ],
)
def test_a_handshake_that_cannot_be_trusted_is_refused_with_one_warning(
    spool: Path, changes: dict[str, str], reason: str
) -> None:
    with pytest.warns(KleioWarning, match=reason):
        assert Handshake.from_environ(environment(spool, **changes)) is None
    assert Handshake.from_environ(environment(spool, **changes)) is None  # a second warning would be an error here


def test_a_planted_link_is_refused(spool: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(spool)
    with pytest.warns(KleioWarning, match="this process is not recorded"):
        assert Handshake.from_environ(environment(tmp_path / "link")) is None


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_directory_that_others_may_write_is_refused(spool: Path, mode: int) -> None:
    spool.chmod(mode)
    with pytest.warns(KleioWarning, match="can be written by other users"):
        assert Handshake.from_environ(environment(spool)) is None


def test_a_directory_of_another_user_is_refused(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: spool.stat().st_uid + 1)
    with pytest.warns(KleioWarning, match="belongs to another user"):
        assert Handshake.from_environ(environment(spool)) is None
