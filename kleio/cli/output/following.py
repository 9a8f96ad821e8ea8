"""The end of what trials print, as it comes: one as its program wrote it, several line by line with their ids."""

from __future__ import annotations

import time

from kleio.analysis.output import INTERVAL
from kleio.cli.output.printing import Neutraliser, Printer, folded, last_lines
from kleio.cli.presentation import short_ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kleio.analysis.output import Piece
    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context

COLOURS = ("cyan", "magenta", "green", "red", "yellow", "blue")
LONGEST = 1 << 16
"""Bytes of a line without an end that are held back."""


def follow_one(
    context: Context, trial: Trial, streams: tuple[str, ...], lines: int, *, follow: bool, raw: bool
) -> None:
    """The last lines of one trial and, with ``follow``, what comes until it is over."""
    pieces, positions = trial.output.tail(streams, lines)
    with Printer(context.console, raw=raw) as printer:
        printer.put_bytes(last_lines(b"".join(piece.data for piece in pieces), lines))
        if follow:
            for piece in trial.output.follow(streams, since=positions):
                printer.put(piece)


def follow_several(
    context: Context, trials: Sequence[Trial], streams: tuple[str, ...], lines: int, *, follow: bool, raw: bool
) -> None:
    """The same for several: whole lines, each behind the id of its trial."""
    short = short_ids([trial.id for trial in trials])
    width = max(map(len, short.values()))
    followed = []
    for number, trial in enumerate(trials):
        prefix = context.console.paint(short[trial.id].ljust(width), COLOURS[number % len(COLOURS)]) + " | "
        one = _Followed(context, trial, streams, prefix, raw)
        one.begin(lines)
        followed.append(one)
    while follow and followed:
        time.sleep(INTERVAL)
        followed = [one for one in followed if one.go_on()]
    for one in followed:
        one.finish()


class _Followed:
    """One of several trials: what it printed since the last look, in lines."""

    def __init__(self, context: Context, trial: Trial, streams: tuple[str, ...], prefix: str, raw: bool) -> None:
        self._context, self._trial, self._streams = context, trial, streams
        self._prefix = prefix.encode()
        self._output = trial.output
        self._partial: dict[str, bytes] = dict.fromkeys(streams, b"")
        self._neutral = context.console.is_terminal and not raw

    def begin(self, lines: int) -> None:
        """The last lines so far."""
        pieces, self._positions = self._output.tail(self._streams, lines)
        whole = [line for piece in pieces for line in self._completed(piece)]
        unfinished = sum(map(bool, self._partial.values()))
        self._show(whole[-(lines - unfinished) :] if lines > unfinished else [])

    def go_on(self) -> bool:
        """What is new. False once the trial is over and all of it was shown."""
        over = self._trial.is_over()  # asked first: its last words may come in between
        for piece in self._output.look(self._streams, self._positions, self._output.attempts()[-1:]):
            self._show(self._completed(piece))
        if over:
            self.finish()
        return not over

    def finish(self) -> None:
        """The unfinished lines too."""
        self._show([line for line in self._partial.values() if line])
        self._partial = dict.fromkeys(self._streams, b"")

    def _completed(self, piece: Piece) -> list[bytes]:
        """The lines that end in this piece; what is behind them waits for its end."""
        *whole, rest = (self._partial[piece.stream] + piece.data).split(b"\n")
        if len(rest) > LONGEST:
            whole, rest = [*whole, rest], b""
        self._partial[piece.stream] = rest
        return whole

    def _show(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            shown = folded(line).rstrip(b"\r")
            if self._neutral:
                neutraliser = Neutraliser()
                shown = (neutraliser.feed(shown) + neutraliser.finish()).encode("utf-8", "backslashreplace")
            self._context.console.raw(self._prefix + shown + b"\n")
