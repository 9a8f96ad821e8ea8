"""One of many processes that race for a trial: ``racer.py ADDRESS``, then one trial id a line on standard input.

Answers each with ``won FENCE``, ``lost``, or the name of an error. ``open`` is said once the journal is open.
"""

from __future__ import annotations

import os
import sys

from kleio.errors import KleioError
from kleio.journal.registry import open_journal
from kleio.trial.status import RESERVABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.journal.contract import Journal


def reserve(journal: Journal, trial: str, owner: str) -> str:
    journal.insert_trial({"_id": trial, "status": "new", "fence": 0, "owner": None, "created": {"time": 1.0}})
    after = journal.compare_and_set(
        trial,
        {"status": RESERVABLE},
        {"status": "reserved", "owner": owner},
        claim=True,
        event={"id": owner, "status": "reserved"},
    )
    return "lost" if after is None else f"won {after['fence']}"


def main() -> None:
    sys.stdin.readline()
    journal = open_journal(sys.argv[1])
    print("open", flush=True)
    for line in sys.stdin:
        try:
            print(reserve(journal, line.strip(), os.urandom(8).hex()), flush=True)
        except KleioError as error:
            print(f"{type(error).__name__}: {error}", flush=True)
    journal.close()


main()
