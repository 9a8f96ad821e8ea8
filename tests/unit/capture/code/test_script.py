"""The script of a command line is found however it is started."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from kleio.capture.code.script import digest_of_file, find_script


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("train.py", "run.sh", "pkg/__main__.py", "pkg/mod.py", "solo.py", "data.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x\n")
    (tmp_path / "program").write_bytes(b"\x7fELF\0\0")
    return tmp_path


@pytest.mark.parametrize(
    ("argv", "script"),
    [
        (("python", "train.py", "--lr", "1"), "train.py"),
        (("python", "-u", "train.py"), "train.py"),
        (("python", "-m", "pkg"), "pkg/__main__.py"),
        (("python", "-m", "pkg.mod", "train.py"), "pkg/mod.py"),
        (("python", "-m", "json.tool"), None),
        (("torchrun", "--nproc", "2", "train.py"), "train.py"),
        (("./run.sh", "x"), "./run.sh"),
        (("bash", "run.sh"), "run.sh"),
        (("env", "X=1", "python", "train.py"), "train.py"),
        (("./program", "data.csv"), "data.csv"),
        (("train.py",), None),
        (("ls", "-l"), None),
        (("python", "-c", "print()"), None),
        (("python", "missing.py"), None),
        (("python", "a\0b"), None),
        ((), None),
    ],
)
def test_the_script_is_found(argv: tuple[str, ...], script: str | None, place: Path) -> None:
    assert find_script(argv, str(place)) == script


def test_its_content_is_digested(place: Path) -> None:
    assert digest_of_file(str(place / "train.py")) == hashlib.sha256(b"x\n").hexdigest()
    assert digest_of_file(str(place / "missing")) is None
