"""The only writer to the terminal: kleio's words to stderr, results to stdout.

Kleio's words begin with ``kleio: ``; results do not. Text that was stored once (commands, tags, host names) may
hold anything, so its control characters are spelled out before a terminal sees them.
"""

from __future__ import annotations

import os
import sys

from kleio.cli.terminal.envelope import gathered, pieces, whole
from kleio.errors import OutputFailed
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TextIO

PREFIX = "kleio:"
FAST = "\0"
"""A blank at which no line is broken. Messages hold no such character: it has been spelled out."""
SET_IN = "  "
"""Before the rest of a message that takes more than one line."""

DRAWN = str.maketrans("…├└─│", "~|`-|")
"""What kleio draws with, for a terminal that has ASCII only: as wide, so that columns stay where they are."""
STYLES = {
    "bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36",
}  # fmt: skip
LINE_STYLES = {"+": "green", "-": "red", "@": "cyan"}
"""Lines of a difference, by the sign that they begin with."""


class Console:
    """Where a command speaks. Without arguments: this process's streams and environment."""

    def __init__(
        self,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        *,
        quiet: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        # A standard stream is None when the shell closed it (`kleio ls >&-`): then there is nobody to speak to.
        self._stdout = stdout or sys.stdout
        self.stderr = stderr or sys.stderr
        self._results = self._stdout
        """Where results are written: stdout, or what stands between it and the reader (see :meth:`redirect`)."""
        self._environ = os.environ if environ is None else environ
        self.quiet = quiet
        self.has_bar = False
        """Whether a progress bar stands in the last line of the terminal: what is said takes its place."""

    # Kleio's own words

    def say(self, message: str) -> None:
        """A remark. ``--quiet`` silences it."""
        if not self.quiet:
            self._tell(message)

    def warn(self, message: str) -> None:
        """Something the user should look at. ``--quiet`` silences it."""
        if not self.quiet:
            self._tell("warning: " + message, "yellow")

    def fail(self, message: str, hint: str | None = None) -> None:
        """Why the command failed. Never silenced."""
        self._tell(message, "red")
        if hint:
            self._tell("hint: " + hint)

    def _tell(self, message: str, style: str = "") -> None:
        prefix = self.paint(PREFIX, style, stream=self.stderr)
        parts = [part for line in message.split("\n") for part in self._parts(escaped(line))]
        lines = "".join(f"{prefix} {self.paint(part, _of_difference(part), stream=self.stderr)}\n" for part in parts)
        self._make_room()
        try:
            _write(self.stderr, lines)
        except OSError:
            pass  # whoever listened has gone; what kleio was doing matters more

    def _parts(self, line: str) -> list[str]:
        """``line`` as a terminal shows it, no word of it cut by the edge: what goes on is set in.

        Lines that begin with a blank are laid out already. A command between backquotes counts as one word, and a word
        that is wider than the terminal stays whole so that it can be copied.
        """
        if line.startswith(" ") or not self.talks_to_terminal:
            return [line]
        room = self._columns(self.stderr) - len(PREFIX) - 1
        if line.isascii() and len(line) <= room:
            return [line]
        from kleio.cli.terminal.fitting import columns_of, wrapped

        whole = "`".join(part.replace(" ", FAST) if at % 2 else part for at, part in enumerate(line.split("`")))
        if columns_of(line) <= room or max(map(columns_of, whole.split(" "))) > room - len(SET_IN):
            return [line]
        first, *others = (part.replace(FAST, " ") for part in wrapped(whole, room - len(SET_IN)))
        return [first, *(SET_IN + other for other in others)]

    def _make_room(self) -> None:
        if self.has_bar:
            try:
                _write(self.stderr, "\r\x1b[2K")
            except OSError:
                pass  # nobody looks at the bar any more

    # Results

    def line(self, text: str = "") -> None:
        """One line of a result, as it is: the caller has escaped what was stored and painted the rest."""
        self._make_room()
        with _Told():
            _write(self._results, text + "\n")

    def json(self, command: str, data: Any) -> None:
        """The result of ``command`` for programs."""
        self.line(whole(command, data, self._indent))

    def json_list(self, command: str, rows: Iterable[Any]) -> None:
        """The same for a result of many rows, which are written as they come: they are never all in memory."""
        self._make_room()
        with _Told():
            for text in gathered(pieces(command, rows, self._indent)):
                _write(self._results, text)

    def raw(self, data: bytes) -> None:
        """Bytes of a result, untouched."""
        if self._results is not None:
            with _Told():
                self._results.flush()
                self._results.buffer.write(data)
                self._results.buffer.flush()

    def redirect(self, file: TextIO) -> Callable[[], None]:
        """Let results go to ``file``, which shows them on stdout in the end; returns what undoes it."""
        before, self._results = self._results, file

        def undo() -> None:
            self._results = before
            try:
                file.close()
            except OSError:
                pass  # the reader has gone

        return undo

    def flush(self) -> None:
        """Hand over what Python still holds back; quietly if nobody listens any more."""
        for stream in (self._results, self._stdout, self.stderr):
            try:
                if stream is not None:
                    stream.flush()
            except (OSError, ValueError):
                pass

    # What the terminal can do

    @property
    def is_terminal(self) -> bool:
        """Whether results go to a terminal."""
        return _is_terminal(self._stdout)

    @property
    def talks_to_terminal(self) -> bool:
        """Whether kleio's own words go to a terminal."""
        return _is_terminal(self.stderr)

    @property
    def is_dumb(self) -> bool:
        """Whether the terminal says of itself that it can only print: nothing is drawn or painted there."""
        return self._environ.get("TERM") == "dumb"

    @property
    def _indent(self) -> int | None:
        """Of JSON: for eyes only, because it takes ten times as long."""
        return 2 if self.is_terminal else None

    @property
    def talks_in_colour(self) -> bool:
        """Whether kleio's own words are painted."""
        return self._has_colours(self.stderr)

    @property
    def width(self) -> int:
        """Columns of the terminal, 0 when results go elsewhere and nothing should be cut."""
        if not self.is_terminal and not self._environ.get("COLUMNS", "").isdecimal():
            return 0
        return self._columns(self._stdout)

    def _columns(self, stream: TextIO | None) -> int:
        if self._environ.get("COLUMNS", "").isdecimal():
            return int(self._environ["COLUMNS"])
        try:
            return os.get_terminal_size(stream.fileno()).columns if stream is not None else 0
        except (OSError, ValueError):
            return 80

    @property
    def height(self) -> int:
        """Lines of the terminal."""
        if self._environ.get("LINES", "").isdecimal():
            return int(self._environ["LINES"])
        try:
            return os.get_terminal_size(self._stdout.fileno()).lines
        except (OSError, ValueError):
            return 24

    @property
    def can_link(self) -> bool:
        """Whether results go to a terminal that may know hyperlinks; one that does not shows the text alone."""
        return self.is_terminal and self._environ.get("TERM", "dumb") not in ("dumb", "linux")

    def link(self, text: str, address: str) -> str:
        """``text`` as a hyperlink (OSC 8). ``address`` is one that kleio made, without control characters."""
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\" if self.can_link else text

    @property
    def has_unicode(self) -> bool:
        """Whether results may hold more than ASCII."""
        encoding = getattr(self._stdout, "encoding", None) or "utf-8"
        return encoding.lower().replace("-", "").startswith("utf")

    def paint(self, text: str, style: str, *, stream: TextIO | None = None) -> str:
        """``text`` in the words of ``style`` (``"bold red"``), where colours are wanted."""
        if not style or not self._has_colours(stream or self._stdout):
            return text
        return f"\x1b[{';'.join(STYLES[word] for word in style.split())}m{text}\x1b[0m"

    def _has_colours(self, stream: TextIO | None) -> bool:
        if self._environ.get("NO_COLOR"):  # https://no-color.org
            return False
        if self._environ.get("FORCE_COLOR"):  # https://force-color.org
            return True
        return _is_terminal(stream) and not self.is_dumb


class _Told:
    """A full disk below stdout is the user's to mend. That its reader has gone is no failure at all."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise OutputFailed(f"stdout cannot be written: {error.strerror or error}") from None


def _of_difference(line: str) -> str:
    """The style of a line of a message: those of a difference, and nothing else, are set in so far."""
    return LINE_STYLES.get(line[6:7], "") if line.startswith(SET_IN * 3) else ""


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _write(stream: TextIO | None, text: str) -> None:
    """Write what the stream's encoding can say, and the rest as escapes: a locale must not make a command fail."""
    if stream is None:
        return
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        text = text.translate(DRAWN) if _is_terminal(stream) else text
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
