"""Logs while the disk fails, once for each call that may fail: ``failing_disk.py DIRECTORY OPERATIONS ERROR``.

The k-th call of ``os.OPERATION`` fails, once and for ever, for k = 1, 2 … until a run had no such call. Errors are
names of ``errno``, or ``SHORT`` for half a write; several operations (``write+ftruncate``) fail together, the others
with EIO. Each run is a process with a spool of its own; one line of JSON tells how it went.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import sys
import warnings

from kleio.client.logger import KleioLogger

RECORDS = 24
FOR_EVER = 1 << 30


class Disk:
    """Functions of ``os`` that fail from the ``first`` to the ``last`` call of the first of ``operations``."""

    def __init__(self, operations: list[str], error: str, first: int, last: int) -> None:
        self.calls = 0
        self.failed = False
        self._first, self._last = first, last
        leading, *others = operations
        self._wrap(leading, error, leading=True)
        for name in others:
            self._wrap(name, "EIO", leading=False)

    def _wrap(self, name: str, error: str, *, leading: bool) -> None:
        real = getattr(os, name)

        def failing(*arguments: object, **options: object) -> object:
            self.calls += leading
            if not self._first <= self.calls <= self._last:
                return real(*arguments, **options)
            self.failed = True
            if error == "SHORT":
                descriptor, data = arguments
                return real(descriptor, bytes(data)[: max(1, len(bytes(data)) // 2)])  # type: ignore[call-overload]
            raise OSError(getattr(errno, error), os.strerror(getattr(errno, error)))

        setattr(os, name, failing)


def content(number: int) -> bytes:
    """Of every second artifact more than its record may bring along."""
    return b"%d" % number * (100 if number % 12 == 5 else 10_000)


def log(logger: KleioLogger) -> list[int]:
    """The numbers that were acknowledged. Every sixth is an artifact, every fifth is to be durable."""
    kept = []
    for number in range(RECORDS):
        options = {"durable": True} if number % 5 == 4 else {}
        if number % 6 == 5:
            if logger.log_artifact("data", content(number), worker="main", number=number, **options):
                kept.append(number)
        elif logger.log_statistic(worker="main", number=number, **options):
            kept.append(number)
    return kept


def run(spool: str, operations: list[str], error: str, first: int, last: int) -> bool:
    """One process; whether anything failed in it. It ends the parent if it dies itself."""
    os.makedirs(f"{spool}/blobs", mode=0o700)
    pid = os.fork()
    if pid:
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if code not in (0, 1):
            raise SystemExit(f"the script died: {code}, {spool}")
        return code == 1
    os.environ["KLEIO_SPOOL"] = spool
    report = os.dup(1)
    code = 9
    try:
        disk = Disk(operations, error, first, last)
        kept = log(KleioLogger())
        atexit._run_exitfuncs()
        code = int(disk.failed)
        line = {"spool": spool, "kept": kept, "failed": disk.failed, "for_ever": last == FOR_EVER}
        os.writev(report, [json.dumps(line).encode() + b"\n"])
    finally:
        os._exit(code)


def main() -> None:
    warnings.simplefilter("ignore")
    root, names, error = sys.argv[1:]
    os.environ |= {"KLEIO_TRIAL_ID": "ab" * 32, "KLEIO_ATTEMPT": "1", "KLEIO_PROTOCOL": "1"}
    for for_ever in (False, True):
        call = 1
        while run(f"{root}/{call}-{for_ever}", names.split("+"), error, call, FOR_EVER if for_ever else call):
            call += 1


if __name__ == "__main__":
    main()
