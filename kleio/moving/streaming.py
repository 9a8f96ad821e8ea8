"""Pieces of bytes as a file that can be read once: blob stores take files, and give pieces."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Pieces:
    """As much of a binary file as ``BlobStore.put`` asks for."""

    def __init__(self, pieces: Iterator[bytes], pulse: Callable[[int], None] = lambda size: None) -> None:
        self._pieces, self._pulse = pieces, pulse
        self._held = b""
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; empty at the end, when the pieces have proved to be what they should be."""
        if not self._held:
            self._held = next(self._pieces, b"")
            self.size += len(self._held)
            self._pulse(len(self._held))
        if size < 0:
            rest = b"".join(self._pieces)
            self.size += len(rest)
            taken, self._held = self._held + rest, b""
        else:
            taken, self._held = self._held[:size], self._held[size:]
        return taken

    def seekable(self) -> bool:
        return False
