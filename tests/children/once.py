"""Logs a few records and artifacts, then ends: ``once.py DIRECTORY``. What was acknowledged goes to
``DIRECTORY/acknowledged.main``, by another system call than the spool's."""

from __future__ import annotations

import os
import sys

from children.acknowledging import content
from kleio.client.logger import kleio_logger

RECORDS = 7
ARTIFACTS = {3: 31, 5: 63}
"""Number → of which number it has the content: one that travels in its record, and one that is a file."""


def main() -> None:
    told = os.open(f"{sys.argv[1]}/acknowledged.main", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in range(RECORDS):
        if number in ARTIFACTS:
            data = content("main", ARTIFACTS[number])
            kept = kleio_logger.log_artifact("data", data, worker="main", number=number)
        else:
            kept = kleio_logger.log_statistic(worker="main", number=number, durable=number == 4)
        if kept:
            os.writev(told, [b"%d\n" % number])
    os.writev(told, [b""])


if __name__ == "__main__":
    main()
