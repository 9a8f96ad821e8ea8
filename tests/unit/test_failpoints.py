"""Fail points do nothing unless armed, and then exactly what they are told."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kleio.failpoints import NAMES, failpoint


def run(armed: str, name: str = "before_ship") -> subprocess.CompletedProcess[str]:
    code = f"from kleio.failpoints import failpoint; failpoint({name!r}); print('past')"
    environment = {"KLEIO_FAILPOINT": armed, "PYTHONPATH": ":".join(sys.path)}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_unarmed_point_is_nothing(name: str) -> None:
    failpoint(name)


@pytest.mark.parametrize(
    ("armed", "code", "said"),
    [
        ("before_ship:kill", -9, ""),
        ("before_ship:raise", 1, "fail point before_ship"),
        ("before_ship:sleep=0", 0, ""),
        ("after_ship:kill", 0, ""),
        ("after_ship:kill,before_ship:kill", -9, ""),
        ("before_shipp:kill", 1, "unknown fail points: before_shipp"),
        ("before_ship:explode", 1, "unknown action 'explode'"),
    ],
)
def test_armed_point(armed: str, code: int, said: str) -> None:
    done = run(armed)
    assert done.returncode == code
    assert said in done.stderr
    assert (done.stdout == "past\n") == (code == 0)
