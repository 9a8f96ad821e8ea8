"""Appends segments and moves a trial until it is killed: ``appender.py ADDRESS TRIAL WRITER``.

Prints each number once it was acknowledged.
"""

from __future__ import annotations

import sys

from kleio.journal.contract import Segment
from kleio.journal.registry import open_journal

address, trial, writer = sys.argv[1:]
journal = open_journal(address)
number = 0
while True:
    journal.append([Segment(trial, 1, "output", writer, number, number, {"fill": "x" * 5_000})])
    journal.compare_and_set(trial, {}, {writer: number}, event={"id": f"{writer}-{number}"})
    print(number, flush=True)
    number += 1
