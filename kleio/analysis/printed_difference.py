"""Where what several trials printed begins to differ, without holding any of it in memory."""

from __future__ import annotations

import re
from itertools import zip_longest

from kleio.analysis.printed import COLOUR
from kleio.spool.output import STREAMS
from kleio.trial.kept import OFF, TOGETHER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kleio.analysis.output import Piece
    from kleio.analysis.trial import Trial

MOST = 8 << 20
"""Bytes of a stream that are compared line by line; behind them only the sizes count."""
BEFORE = 30
LONGEST = 200
"""Characters of a line that are told, and how many of them stand before what differs."""
LONGEST_COLOUR = 64
"""Bytes at the end of a piece among which the beginning of a colour is looked for."""
BEGUN = re.compile(rb"(?:\r|\x1b(?:\[[0-9;:]*)?)\Z")
"""The end of a piece of which only the next one tells whether a terminal added it."""


def printed_differences(trials: Sequence[Trial]) -> Iterator[tuple[str, tuple[str | int | None, ...]]]:
    """Of each stream that differs the first line in which it does, as each trial printed it; ``None`` is the end."""
    for stream in STREAMS:
        read = 0
        printed = [_Printed(trial.output.pieces(stream)) for trial in trials]
        for number, lines in enumerate(zip_longest(*(one.lines() for one in printed)), 1):
            if any(line != lines[0] for line in lines[1:]):
                yield f"{stream}, line {number}", _texts(lines)
                break
            read += len(lines[0]) + 1
            if read > MOST:
                for one in printed:
                    one.skip()
                sizes = tuple(one.size for one in printed)
                if any(size != sizes[0] for size in sizes[1:]):
                    yield f"{stream}, bytes", sizes
                break


def incomparable(trials: Sequence[Trial]) -> str | None:
    """Why what these trials printed cannot be compared: some of it was not recorded, or streams apart would be compared
    with both together, where what differs is how they were recorded."""
    captures = [{attempt.capture for attempt in trial.attempts()} for trial in trials]
    for trial, each in zip(trials, captures, strict=True):
        if OFF in each:
            return f"that of {trial.short_id} was not recorded"
    together = [trial for trial, each in zip(trials, captures, strict=True) if TOGETHER in each]
    if together and len(together) < len(trials):
        return f"stdout and stderr of {together[0].short_id} were recorded as one"
    return None


class _Printed:
    """What was printed, without what a terminal adds, read once: line by line, and what follows only for its size."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._plain = _plain(pieces)
        self._read = 0
        self._ended = True

    @property
    def size(self) -> int:
        """Bytes that were read so far. As among lines, it makes no difference whether the last one has an end."""
        return self._read + (not self._ended)

    def lines(self) -> Iterator[bytes]:
        """Line by line. One of more than ``MOST`` bytes is cut there; if its end is not in sight by then, it is the
        last."""
        begun: list[bytes] = []
        size = 0
        for data in self._pieces():
            end, *lines = data.split(b"\n")
            begun.append(end)
            size += len(end)
            if lines:
                yield b"".join(begun)[:MOST]
                yield from lines[:-1]
                begun, size = [lines[-1]], len(lines[-1])
            if size > MOST:
                break
        if size:
            yield b"".join(begun)[:MOST]

    def skip(self) -> None:
        """Read what has not been read yet."""
        for _ in self._pieces():
            pass

    def _pieces(self) -> Iterator[bytes]:
        for data in self._plain:
            self._read += len(data)
            self._ended = data.endswith(b"\n") if data else self._ended
            yield data


def _plain(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """The bytes without colours, and without carriage returns at ends of lines, also where one piece ends and the next
    begins within them."""
    held = b""
    for piece in pieces:
        data = held + piece.data
        begun = BEGUN.search(data, max(0, len(data) - LONGEST_COLOUR))
        held = data[begun.start() :] if begun else b""
        data = data[: len(data) - len(held)].replace(b"\r\n", b"\n")
        yield COLOUR.sub(b"", data) if b"\x1b" in data else data
    yield held.removesuffix(b"\r")


def _texts(lines: Sequence[bytes | None]) -> tuple[str | None, ...]:
    """Long lines from shortly before the place where they differ."""
    texts = [None if line is None else line.decode("utf-8", "backslashreplace") for line in lines]
    there = [text for text in texts if text is not None]
    if all(len(text) <= LONGEST for text in there):
        return tuple(texts)
    alike = next((at for at, letters in enumerate(zip(*there, strict=False)) if len({*letters}) > 1), None)
    begin = max(0, (min(map(len, there)) if alike is None else alike) - BEFORE)
    return tuple(None if text is None else _cut(text, begin) for text in texts)


def _cut(text: str, begin: int) -> str:
    kept = text[begin : begin + LONGEST]
    return f"{'…' if begin else ''}{kept}{'…' if begin + LONGEST < len(text) else ''}"
