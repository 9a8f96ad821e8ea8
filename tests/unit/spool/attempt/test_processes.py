from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kleio.spool.attempt.processes import of_attempt
from kleio.spool.handshake import SPOOL


def test_processes_of_an_attempt_are_those_that_inherited_its_directory(tmp_path: Path) -> None:
    mine, longer = str(tmp_path), f"{tmp_path}x"
    sleep = [sys.executable, "-c", "print(flush=True); input()"]
    processes = [
        subprocess.Popen(sleep, env={**os.environ, SPOOL: name}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name in (mine, longer)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    try:
        assert of_attempt(mine) == [processes[0].pid]
    finally:
        for process in processes:
            process.communicate(b"\n")
    assert of_attempt(mine) == []


def test_a_process_without_an_environment_belongs_to_nobody_and_holds_up_nobody_for_long(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", "print(flush=True); input()"],
        env={},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        assert of_attempt(str(tmp_path)) == []
    finally:
        process.communicate(b"\n")


def test_a_process_is_found_also_while_it_executes_another_program(tmp_path: Path) -> None:
    """It goes from program to program as fast as it can, and is never overlooked."""
    code = (
        "import os, sys\n"
        "*words, left = sys.orig_argv\n"
        "if int(left): os.execv(sys.executable, [*words, str(int(left) - 1)])\n"
        "input()"
    )
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code, "60"], env={SPOOL: str(tmp_path)}, stdin=subprocess.PIPE
    )
    try:
        seen = [of_attempt(str(tmp_path)) for _ in range(100)]
        assert seen == [[process.pid]] * 100
    finally:
        process.communicate(b"\n")
