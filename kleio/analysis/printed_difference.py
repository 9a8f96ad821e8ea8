"""Where what several trials printed begins to differ, without holding any of it in memory."""

from __future__ import annotations

from itertools import zip_longest

from kleio.analysis.printed import COLOUR
from kleio.spool.output import STREAMS
from kleio.trial.kept import OFF, TOGETHER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kleio.analysis.trial import Trial

MOST = 8 << 20
"""Bytes of a stream that are compared line by line; behind them only the sizes count."""
BEFORE = 30
LONGEST = 200
"""Characters of a line that are told, and how many of them stand before what differs."""


def printed_differences(trials: Sequence[Trial]) -> Iterator[tuple[str, tuple[str | int | None, ...]]]:
    """Of each stream that differs the first line in which it does, as each trial printed it; ``None`` is the end.

    What was not recorded is not compared, nor streams apart with both together: what differs is how they were recorded.
    """
    captures = [{attempt.capture for attempt in trial.attempts()} for trial in trials]
    if any(OFF in each for each in captures) or len({TOGETHER in each for each in captures}) > 1:
        return
    for stream in STREAMS:
        read = 0
        for number, lines in enumerate(zip_longest(*(_lines(trial, stream) for trial in trials)), 1):
            if any(line != lines[0] for line in lines[1:]):
                yield f"{stream}, line {number}", _texts(lines)
                break
            read += len(lines[0]) + 1
            if read > MOST:
                sizes = tuple(_size(trial, stream) for trial in trials)
                if any(size != sizes[0] for size in sizes[1:]):
                    yield f"{stream}, bytes", sizes
                break


def _lines(trial: Trial, stream: str) -> Iterator[bytes]:
    """What was printed, without what a terminal adds. A line of more than ``MOST`` bytes is cut there, and the last."""
    begun: list[bytes] = []
    size = 0
    for piece in trial.output.pieces(stream):
        end, *lines = piece.data.split(b"\n")
        begun.append(end)
        size += len(end)
        if lines:
            yield _plain(b"".join(begun))
            yield from map(_plain, lines[:-1])
            begun, size = [lines[-1]], len(lines[-1])
        if size > MOST:
            break
    if size:
        yield _plain(b"".join(begun)[:MOST])


def _plain(line: bytes) -> bytes:
    line = line.removesuffix(b"\r")
    return COLOUR.sub(b"", line) if b"\x1b" in line else line


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


def _size(trial: Trial, stream: str) -> int:
    output = trial.output
    return sum(output.size(number, stream) for number in output.attempts())
