"""Prints the size of its stdout at the start and at each SIGWINCH; ends at the first line of input."""

from __future__ import annotations

import os
import signal
import sys


def show(*_: object) -> None:
    columns, rows = os.get_terminal_size(1)
    os.write(1, b"size %dx%d\n" % (columns, rows))


signal.signal(signal.SIGWINCH, show)
show()
sys.stdin.readline()
