"""CSV for spreadsheets: exact, but on a terminal, which would obey the control characters of what was stored."""

from __future__ import annotations

import csv
import io
from itertools import chain

from kleio.cli.terminal.wording import text_of
from kleio.encoding import writable_integer
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from kleio.cli.terminal.console import Console

CELLS = 10_000
"""So many are written at once."""


def spreadsheet(console: Console, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines, several at once. Numbers have all their digits, text is as it is, the rest JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    waiting = 0
    for row in chain([head], rows):
        row = [_exact(cell) for cell in row]
        if console.is_terminal:
            row = [escaped(cell) if isinstance(cell, str) else cell for cell in row]
        writer.writerow(row)
        waiting += len(row)
        if waiting >= CELLS:
            yield text.getvalue().removesuffix("\n")
            text.seek(0)
            text.truncate()
            waiting = 0
    if text.tell():
        yield text.getvalue().removesuffix("\n")


def _exact(value: Any) -> Any:
    if isinstance(value, int):
        return writable_integer(value)
    return value if value is None or isinstance(value, str | float) else text_of(value)
