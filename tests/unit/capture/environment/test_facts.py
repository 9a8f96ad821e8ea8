"""What is compared, what is recorded, what is never written down."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from kleio.capture.environment.facts import capture_environment, describe_environment_change
from kleio.capture.secrets.redactor import Redactor
from kleio.settings import Settings
from kleio.trial.snapshot import Environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

REDACTOR = Redactor(b"s" * 32, {})


@pytest.fixture
def capture(tmp_path: Path) -> Callable[..., Environment]:
    """``capture(NAME="value")``: the environment with these variables, of a command run by this Python."""

    def now(*argv: str, compare: tuple[str, ...] = Settings().compare, **variables: str) -> Environment:
        environ = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **variables}
        settings = Settings(data=str(tmp_path / "data"), compare=compare)
        return capture_environment(argv or (sys.executable, "t.py"), settings, REDACTOR, environ, str(tmp_path))

    return now


def changed(old: Environment, new: Environment) -> list[str]:
    """The differences, the old one having been stored and read back."""
    return describe_environment_change(json.loads(json.dumps(old.details())), new)


def test_the_usual_facts_are_there(capture: Callable[..., Environment]) -> None:
    environment = capture()
    assert {"python", "packages", "os", "cpu"} <= environment.compared.keys()
    assert {
        "host",
        "user",
        "kernel",
        "memory",
        "cpu_count",
        "file_system",
        "interpreter",
    } <= environment.recorded.keys()
    assert environment.packages["pytest"] == pytest.__version__


def test_the_same_environment_is_the_same(capture: Callable[..., Environment]) -> None:
    first, second = capture(), capture()
    assert first == second
    assert changed(first, second) == []


def test_a_compared_variable_is_a_change(capture: Callable[..., Environment]) -> None:
    old, new = capture(CLUSTER="a"), capture(CLUSTER="b")
    assert old.digest != new.digest
    assert changed(old, new) == ["env.CLUSTER: a -> b"]
    assert changed(capture(), new) == ["env.CLUSTER: (none) -> b"]


@pytest.mark.parametrize("name", ["TERM", "SLURM_JOB_ID", "CUDA_VISIBLE_DEVICES", "HOSTNAME", "SSH_CONNECTION"])
def test_other_variables_are_no_change(name: str, capture: Callable[..., Environment]) -> None:
    assert capture(**{name: "1"}).digest == capture(**{name: "2"}).digest == capture().digest


def test_values_are_recorded_for_listed_names_only_and_never_secrets(capture: Callable[..., Environment]) -> None:
    canaries = {
        f"X{number}_{name}": f"canary{number}"
        for number, name in enumerate(["TOKEN", "KEY", "PASSWORD", "SECRET", "DATA"] * 10)
    }
    canaries |= {
        "SLURM_JWT": "canary-a",
        "CUDA_API_KEY": "canary-b",
        "OMP_SECRET": "canary-c",
        "NCCL_TOKEN": "canary-d",
    }
    environment = capture(**canaries, CUDA_VISIBLE_DEVICES="0,1", PYTHONPATH="https://u:canary-e@host/x")
    text = json.dumps(environment.details())
    assert "canary" not in text
    assert environment.recorded["env.CUDA_VISIBLE_DEVICES"] == "0,1"
    assert set(canaries) <= set(environment.recorded["variables"])


def test_settings_decide_what_is_compared(capture: Callable[..., Environment]) -> None:
    old = capture(CLUSTER="a", compare=("env.OMP_*",))
    new = capture(CLUSTER="b", compare=("env.OMP_*",))
    assert old.digest == new.digest
    assert dict(old.compared) == {}
    assert old.packages


def test_packages_are_told_one_by_one() -> None:
    old = Environment("1", {"packages": "a"}, {"same": "1", "gone": "1", "up": "1"})
    new = Environment("2", {"packages": "b"}, {"same": "1", "new": "2", "up": "2"})
    assert changed(old, new) == ["package gone: 1 -> (none)", "package new: (none) -> 2", "package up: 1 -> 2"]
    assert describe_environment_change(old.summary(), new) == ["packages: changed"]


def test_a_long_difference_is_bounded() -> None:
    old = Environment("1", {"packages": "a"}, {f"p{number}": "1" for number in range(500)})
    lines = changed(old, Environment("2", {"packages": "b"}, {}))
    assert len(lines) == 41
    assert lines[-1] == "and 460 more"


def test_lists_are_told_as_lists() -> None:
    old, new = Environment("1", {"gpus": ["A100", "A100"]}), Environment("2", {"gpus": ["H100"]})
    assert changed(old, new) == ["gpus: A100, A100 -> H100"]


def test_an_upgrade_of_kleio_is_no_change(capture: Callable[..., Environment], tmp_path: Path) -> None:
    digests = set()
    for version in ("1.0", "2.0"):
        site = tmp_path / version
        (site / f"kleio-{version}.dist-info").mkdir(parents=True)
        environment = capture(PYTHONPATH=str(site))
        digests.add(environment.digest)
        assert environment.recorded["kleio"] == version
    assert len(digests) == 1


def test_where_nothing_is_to_be_had_fields_are_left_out(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "data"))
    environment = capture_environment(("/bin/echo", "hi"), settings, REDACTOR, {"PATH": "/nonexistent"}, str(tmp_path))
    assert "python" not in environment.compared
    assert "packages" not in environment.compared
    assert environment.recorded["host"]
