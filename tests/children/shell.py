"""What a shell's loop of ``kleio log`` does, in one process: ``shell.py DIRECTORY FIRST``.

Three records, each through the file that short processes share; acknowledged as in ``once.py``."""

from __future__ import annotations

import os
import sys

from kleio.spool.handshake import SPOOL
from kleio.spool.records.shared import append

RECORDS = 3


def main() -> None:
    told = os.open(f"{sys.argv[1]}/acknowledged.main", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    first = int(sys.argv[2])
    for number in range(first, first + RECORDS):
        try:
            append(os.environ[SPOOL], "statistics", {"worker": "main", "number": number}, durable=number == first + 1)
        except OSError:
            continue
        os.writev(told, [b"%d\n" % number])
    os.writev(told, [b""])


if __name__ == "__main__":
    main()
