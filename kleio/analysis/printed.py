"""Whether two trials printed the same: each by itself, without what it inherits."""

from __future__ import annotations

import re
from itertools import zip_longest

from kleio.analysis.finding import Finding, shown
from kleio.analysis.interleaving import departure
from kleio.spool.output import STREAMS
from kleio.trial.kept import OFF, TOGETHER
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kleio.analysis.finding import Tolerance
    from kleio.analysis.trial import Trial

COLOUR = re.compile(rb"\x1b\[[0-9;:]*m")


def output_findings(
    recorded: Trial, again: Trial, tolerance: Tolerance, places: tuple[str, str], attempt: int | None
) -> Iterable[Finding]:  # fmt: skip
    """Stream by stream; ``attempt`` is the recorded one that counts, if not all do."""
    captures = {one.capture for one in recorded.attempts() if attempt in (None, one.number)}
    if tolerance.output or captures == {OFF}:
        reason = "ignored" if tolerance.output else "not recorded: it ran with --output off"
        yield from (Finding("output", stream, None, reason) for stream in STREAMS)
        return
    before = [_lines(recorded, stream, places[0], tolerance, attempt) for stream in STREAMS]
    after = [_lines(again, stream, places[1], tolerance) for stream in STREAMS]
    # An empty stderr that was recorded apart is no part of stdout: nothing was printed there.
    together = TOGETHER in captures or captures == {""}
    if together and after[1] and not any(_pieces(recorded, "stderr", attempt)):
        yield _together(before[0], after)
        return
    for stream, old, new in zip(STREAMS, before, after, strict=True):
        if old == new:
            yield Finding(
                "output", stream, True, f"{counted(len(old), 'line')}, equal" if old else "nothing was printed"
            )
            continue
        pairs = enumerate(zip_longest(old, new), 1)
        number, (one, other) = next((number, pair) for number, pair in pairs if pair[0] != pair[1])
        yield Finding("output", stream, False, f"line {number}: {_line(one)} -> {_line(other)}")


def _together(before: Sequence[bytes], after: Sequence[Sequence[bytes]]) -> Finding:
    """Of two streams that led to one place, and were recorded as one, each line must come again in the order of its
    stream."""
    name = " and ".join(STREAMS)
    position = departure(before, *after)
    if position is None:
        return Finding("output", name, True, f"{counted(len(before), 'line')}, equal; recorded as one stream")
    line = _line(before[position] if position < len(before) else None)
    return Finding("output", name, False, f"line {position + 1} of what was recorded as one stream: {line} -> another")


def _line(line: bytes | None) -> str:
    return shown(line.decode("utf-8", "replace")) if line is not None else "(the end)"


def _pieces(trial: Trial, stream: str, attempt: int | None) -> Iterable[bytes]:
    output = trial.output
    return (piece.data for number in output.attempts(attempt) for piece in output.pieces(stream, attempt=number))


def _lines(trial: Trial, stream: str, place: str, tolerance: Tolerance, attempt: int | None = None) -> list[bytes]:
    """What was printed, without what a terminal adds, the work tree's own name, and the lines that do not count."""
    data = b"".join(_pieces(trial, stream, attempt))
    data = COLOUR.sub(b"", data.replace(b"\r\n", b"\n"))
    if place:
        data = data.replace(place.encode("utf-8", "surrogateescape"), b".")
    patterns = [re.compile(pattern.encode("utf-8", "surrogateescape")) for pattern in tolerance.lines]
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [line for line in lines if not any(pattern.search(line) for pattern in patterns)]
