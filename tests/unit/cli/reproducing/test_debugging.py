from __future__ import annotations

from pathlib import Path

import pytest

from kleio.cli.reproducing.debugging import debugged
from kleio.errors import TrialRefused


@pytest.fixture
def code(tmp_path: Path) -> str:
    (tmp_path / "env.py").write_text("#!/usr/bin/env python3\n")
    (tmp_path / "split").write_text("#!/usr/bin/env -S python3 -u\n")
    (tmp_path / "straight").write_text("#!/usr/bin/python3\n")
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    return str(tmp_path)


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ("python train.py --lr 1", "python -m pdb train.py --lr 1"),
        ("/x/python3.11 -u -W error -X dev train.py -m x", "/x/python3.11 -u -W error -X dev -m pdb train.py -m x"),
        ("python -m pack.train -c", "python -m pdb -m pack.train -c"),
        ("./env.py a", "python3 -m pdb ./env.py a"),
        ("./split", "python3 -u -m pdb ./split"),
        ("./straight", "/usr/bin/python3 -m pdb ./straight"),
    ],
)
def test_a_python_script_runs_under_the_debugger(code: str, argv: str, expected: str) -> None:
    assert debugged(argv.split(), code, onward=False) == expected.split()
    assert debugged(argv.split(), code, onward=True) == expected.replace("pdb", "pdb -c continue").split()


@pytest.mark.parametrize("argv", ["./run.sh", "true", "python -c 1", "python", "python -", "./missing"])
def test_anything_else_is_refused(code: str, argv: str) -> None:
    with pytest.raises(TrialRefused):
        debugged(argv.split(), code, onward=False)
