from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kleio.spool.handshake import SPOOL
from kleio.spool.processes import of_attempt


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
