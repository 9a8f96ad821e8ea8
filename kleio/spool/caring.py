"""Looks after the directory of an attempt while its command runs.

It is put back if somebody removed it (the writers put back their files), what was written is made durable, so that no
script waits for the disk (RELIABILITY 4.4), and artifacts are refused while too much waits. None of that may wait for
a journal that is locked or does not answer, so a thread does it beside whoever ships.
"""

from __future__ import annotations

import os
import threading

from kleio.spool.attempt.directory import ATTEMPT_FILE, put_back, record_files
from kleio.spool.quota import Quota

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kleio.clock import Clock
    from kleio.spool.attempt.directory import AttemptFile

TICK = 1.0
"""Seconds between two looks at the spool."""


class Care:
    """One attempt's. ``attempt`` is what its ``attempt.json`` says; ``is_away`` whether the journal takes nothing."""

    def __init__(
        self, directory: str, attempt: Callable[[], AttemptFile], is_away: Callable[[], bool], clock: Clock
    ) -> None:
        self._directory, self._attempt, self._is_away, self._clock = directory, attempt, is_away, clock
        self._quota = Quota(directory, attempt().spool_limit, attempt().spool_total)
        self._sizes: dict[str, int] = {}
        self._locks: list[int] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kleio-care", daemon=True)

    def start(self) -> None:
        """Look once a second, beside whatever else is done."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more: what is removed from now on is removed in order. Waits for a look that has begun."""
        with self._lock:
            self._over.set()

    def look(self) -> None:
        """Do what is due."""
        with self._lock:
            if self._over.is_set():
                return
            try:
                if os.path.islink(self._directory) or not os.path.exists(os.path.join(self._directory, ATTEMPT_FILE)):
                    self._locks.append(put_back(self._directory, self._attempt()))
                self._sync()
            except OSError:
                pass  # it is tried again; whoever ships finds out, too, and says so
            self._quota.look(self._is_away(), self._clock.monotonic())

    def close(self) -> None:
        """Let go of the locks."""
        while self._locks:
            os.close(self._locks.pop())

    def _run(self) -> None:
        while not self._over.wait(TICK):
            self.look()

    def _sync(self) -> None:
        for writer, size in record_sizes(self._directory).items():
            if size == self._sizes.get(writer):
                continue
            path = os.path.join(self._directory, f"{writer}.ksp")
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
                try:
                    os.fdatasync(descriptor)
                finally:
                    os.close(descriptor)
            except OSError:
                continue  # gone, or a disk that fails: the journal will have the records in a moment
            self._sizes[writer] = size


def record_sizes(directory: str) -> dict[str, int]:
    """Bytes of each writer's records."""
    return {writer: _size(os.path.join(directory, f"{writer}.ksp")) for writer in record_files(directory)}


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0
