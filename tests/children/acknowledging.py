"""Logs in two processes until it is told to end: ``acknowledging.py DIRECTORY ROUND``.

Each writes the numbers that kleio acknowledged to ``DIRECTORY/acknowledged.WORKER``, after the call returned. Every
``ARTIFACT_EVERY``-th number is an artifact. Both end when ``DIRECTORY/stop`` appears.
"""

from __future__ import annotations

import io
import os
import sys
import time
from hashlib import sha256

from kleio.client.logger import kleio_logger

ARTIFACT_EVERY = 16
SIZES = (0, 1, 4_096, 70_000, 2_500_000)


def content(worker: str, number: int) -> bytes:
    """What the artifact of this number holds."""
    size = SIZES[(number // ARTIFACT_EVERY) % len(SIZES)]
    block = sha256(f"{worker} {number}".encode()).digest()
    return (block * (size // len(block) + 1))[:size]


def work(directory: str, worker: str) -> None:
    told = os.open(f"{directory}/acknowledged.{worker}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    number = 0
    while not os.path.exists(f"{directory}/stop"):
        if number % ARTIFACT_EVERY == ARTIFACT_EVERY - 1:
            data = io.BytesIO(content(worker, number))
            kept = kleio_logger.log_artifact("data", data, worker=worker, number=number)
        else:
            kept = kleio_logger.log_statistic(worker=worker, number=number)
        if kept:
            os.write(told, b"%d\n" % number)
        number += 1
        time.sleep(0.0005)


if __name__ == "__main__":
    place = sys.argv[1]
    with open(f"{place}/script", "w") as file:
        file.write(f"{os.environ['KLEIO_TRIAL_ID']} {os.getpid()}")
    os.rename(f"{place}/script", f"{place}/started")
    child = os.fork()
    work(place, "child" if child == 0 else "parent")
    if child:
        os.waitpid(child, 0)
