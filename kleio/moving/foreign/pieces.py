"""Reads files without keeping them open: a run may have a file for each metric, more than a process may hold open."""

from __future__ import annotations

from kleio.errors import StoreUnreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 16 << 10
LONGEST_LINE = 1 << 20


class Loose:
    """A file that is open only while a piece of it is read."""

    def __init__(self, path: str) -> None:
        self._path, self._start, self._ahead = path, 0, b""

    def read(self, size: int) -> bytes:
        """The next bytes; fewer than ``size`` only at the end. Raises ``OSError``."""
        lacking = size - len(self._ahead)
        if lacking > 0:
            with open(self._path, "rb") as file:
                file.seek(self._start)
                more = file.read(max(lacking, PIECE))
            self._start += len(more)
            self._ahead += more
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        return data


def lines_of(path: str) -> Iterator[str]:
    """The lines of a text file. ``StoreUnreadable`` if one is longer than any can be."""
    file, begun = Loose(path), b""
    while piece := file.read(PIECE):
        *lines, begun = (begun + piece).split(b"\n")
        if len(begun) > LONGEST_LINE:
            raise StoreUnreadable(f"{path} has a line of more than {LONGEST_LINE >> 20} MiB")
        for line in lines:
            yield line.decode(errors="replace")
    if begun:
        yield begun.decode(errors="replace")
