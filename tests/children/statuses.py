"""Runs many commands, four at a time, and writes how each ended as a JSON list, negative for a signal.

statuses.py RESULT 'PROGRAM …' SCRIPT…: each SCRIPT is given to ``PROGRAM … sh -c``.
"""

from __future__ import annotations

import json
import resource
import shlex
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them; a shell does not
    signal.signal(number, signal.SIG_DFL)
result, program, *scripts = sys.argv[1:]


def status(script: str) -> int:
    return subprocess.run([*shlex.split(program), "sh", "-c", script], restore_signals=False).returncode


with ThreadPoolExecutor(4) as pool:
    found = list(pool.map(status, scripts))
with open(result, "w") as file:
    json.dump(found, file)
