"""Asks for a key as pagers do: of the terminal behind stderr ("open", like less), or of stderr itself ("stderr")."""

from __future__ import annotations

import os
import select
import sys
import termios

descriptor = os.open(os.ttyname(2), os.O_RDONLY) if sys.argv[1] == "open" else 2
before = termios.tcgetattr(descriptor)
modes = termios.tcgetattr(descriptor)
modes[3] &= ~(termios.ICANON | termios.ECHO)
termios.tcsetattr(descriptor, termios.TCSANOW, modes)
print("--More--", flush=True)
if sys.argv[1] == "stderr":
    waiting = select.poll()
    waiting.register(2, select.POLLIN)
    waiting.poll()
print("key", os.read(descriptor, 10), flush=True)
termios.tcsetattr(descriptor, termios.TCSANOW, before)
print("line", sys.stdin.readline().strip(), flush=True)
