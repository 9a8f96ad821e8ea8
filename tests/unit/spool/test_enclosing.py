from __future__ import annotations

import os

import pytest

from kleio.settings import Settings
from kleio.spool.attempt.directory import AttemptFile, create
from kleio.spool.enclosing import with_password
from kleio.spool.handshake import SPOOL, TRIAL_ID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

WHOLE, SEEN = "mongodb://me:S3CRET@lab/runs?w=1", "mongodb://me@lab/runs?w=1"


@pytest.fixture
def spool(tmp_path: Path) -> str:
    """That of an attempt whose journal is ``WHOLE``."""
    directory, lock = create(AttemptFile("a" * 64, 1, "c" * 32, WHOLE), [str(tmp_path / "spool")])
    os.close(lock)
    return directory


@pytest.mark.parametrize(
    ("journal", "expected"),
    [
        (SEEN, WHOLE),
        ("mongodb://me:other@lab/runs", "mongodb://me:other@lab/runs"),
        ("mongodb://you@lab/runs", "mongodb://you@lab/runs"),
        ("mongodb://me@lab/others", "mongodb://me@lab/others"),
        ("sqlite:///me@lab", "sqlite:///me@lab"),
    ],
)
def test_the_attempt_around_a_process_knows_the_password_of_its_journal(
    spool: str, journal: str, expected: str
) -> None:
    environ = {TRIAL_ID: "a" * 64, SPOOL: spool}
    assert with_password(Settings(journal=journal), environ).journal == expected


@pytest.mark.parametrize("environ", [{}, {SPOOL: "{}"}, {TRIAL_ID: "a" * 64}, {TRIAL_ID: "a" * 64, SPOOL: "{}/gone"}])
def test_without_an_attempt_nothing_is_known(spool: str, environ: dict[str, str]) -> None:
    environ = {name: value.format(spool) for name, value in environ.items()}
    assert with_password(Settings(journal=SEEN), environ).journal == SEEN


def test_a_spool_that_others_may_write_is_not_believed(spool: str) -> None:
    os.chmod(spool, 0o777)
    assert with_password(Settings(journal=SEEN), {TRIAL_ID: "a" * 64, SPOOL: spool}).journal == SEEN
