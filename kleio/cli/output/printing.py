"""Puts recorded output on stdout: untouched into files and pipes, harmless on a terminal.

What a program printed may hold sequences that set the window's title, clear the screen, or make the terminal answer
as if the user had typed. On a terminal colours, tabs, line ends, carriage returns and backspaces pass; the rest is
spelled out.
"""

from __future__ import annotations

import codecs
import re

from kleio.analysis.moment import Moment
from kleio.trial.quoting import UNPRINTABLE, escaped
from kleio.units import size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from kleio.analysis.output import Piece
    from kleio.cli.terminal.console import Console

COLOUR = re.compile("\x1b\\[[0-9;:]*m")
SCREEN = re.compile("\x1b\\[[0-9;:]*[ABCDEFGHJKLMPSTXdfmrsu@]|\x1b\\[\\?(?:7|25|1049|2026)[hl]|\x1b[78DME]")
"""What draws on the screen: cursor, erasure, colours, the second screen. Nothing that a terminal would answer."""
UNFINISHED = re.compile("\x1b(?:\\[[?0-9;:]{0,64})?\\Z")
HARMLESS = frozenset("\n\t\r\b")
RESET = "\x1b[0m"
LENGTH_OF_TIME = len("2023-11-14 23:14:21.000+01:00")


class Printer:
    """Prints pieces of output and, at the end, says what was not kept."""

    def __init__(self, console: Console, *, raw: bool = False) -> None:
        self._console = console
        self._neutraliser = None if raw or not console.is_terminal else Neutraliser()
        self._missing = 0

    def __enter__(self) -> Printer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._neutraliser is not None and kind is not BrokenPipeError:
            self._console.raw(self._neutraliser.finish().encode("utf-8", "backslashreplace"))
        if self._missing:
            self._console.warn(f"{size_text(self._missing)} in between were not kept")

    def put(self, piece: Piece, data: bytes | None = None) -> None:
        """Print one piece, or ``data`` in its place."""
        self._missing += piece.hole
        self.put_bytes(piece.data if data is None else data)

    def put_bytes(self, data: bytes) -> None:
        """Print bytes."""
        if self._neutraliser is not None:
            data = self._neutraliser.feed(data).encode("utf-8", "backslashreplace")
        self._console.raw(data)


class Stamper:
    """Puts the time before every line."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self._at_start = True

    def stamped(self, piece: Piece) -> bytes:
        """The bytes of a piece, with its time where a line begins."""
        if not piece.data:
            return b""
        moment = Moment(piece.time, self._offset).as_datetime() if piece.time else None
        text = moment.isoformat(" ", "milliseconds") if moment else "time unknown".ljust(LENGTH_OF_TIME)
        stamp = text.encode("ascii") + b"  "
        ends = piece.data.endswith(b"\n")
        body = piece.data[:-1] if ends else piece.data
        body = (stamp if self._at_start else b"") + body.replace(b"\n", b"\n" + stamp)
        self._at_start = ends
        return body + b"\n" if ends else body


class Neutraliser:
    """Makes a stream of bytes fit for a terminal, however it is cut into pieces. What is ``passing`` stays."""

    def __init__(self, passing: re.Pattern[str] = COLOUR) -> None:
        self._passing = passing
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._held = ""
        self._coloured = False

    def feed(self, data: bytes) -> str:
        """What of ``data`` (and what was held back before) can be shown now."""
        text = self._held + self._decoder.decode(data)
        unfinished = UNFINISHED.search(text)
        self._held = unfinished[0] if unfinished else ""
        return self._shown(text[: len(text) - len(self._held)])

    def finish(self) -> str:
        """The rest, and the end of any colour."""
        rest = self._shown(self._held + self._decoder.decode(b"", final=True))
        self._held = ""
        return rest + (RESET if self._coloured else "")

    def _shown(self, text: str) -> str:
        if not UNPRINTABLE.search(text):
            return text
        parts, position = [], 0
        for match in self._passing.finditer(text):
            parts += [_spelled(text[position : match.start()]), match[0]]
            position = match.end()
            self._coloured = True
        return "".join([*parts, _spelled(text[position:])])


def last_lines(data: bytes, count: int) -> bytes:
    """The last ``count`` lines of ``data``, each as a terminal would have left it after its carriage returns."""
    lines = data.split(b"\n")
    unfinished = lines.pop()
    if unfinished:
        lines.append(unfinished)
    shown = [folded(line) for line in lines[len(lines) - min(count, len(lines)) :]]
    return b"\n".join(shown) + (b"" if unfinished or not shown else b"\n")


def folded(line: bytes) -> bytes:
    """What was written last over a line by carriage returns; one at its end is part of the line end."""
    end = b"\r" if line.endswith(b"\r") else b""
    return line.rstrip(b"\r").rpartition(b"\r")[2] + end


def _spelled(text: str) -> str:
    return UNPRINTABLE.sub(lambda match: match[0] if match[0] in HARMLESS else escaped(match[0]), text)
