"""Makes durable what the writers of an attempt wrote, so that no script waits for the disk (RELIABILITY 4.4)."""

from __future__ import annotations

import os

from kleio.spool.attempt.directory import record_files


class Syncing:
    """The record files of one attempt, each synced when it has grown."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._sizes: dict[str, int] = {}

    def sync(self) -> None:
        """One look at all of them."""
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
