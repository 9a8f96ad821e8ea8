"""What a notebook shows of trials and statistics: small tables without scripts, every stored text escaped."""

from __future__ import annotations

from kleio.encoding import json_text
from kleio.trial.quoting import escaped
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

MOST_COLUMNS = 20
LONGEST_CELL = 200


def table_html(columns: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> str:
    """A table with a head; ``caption`` is text too."""
    head = "".join(f"<th>{_text(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{cell_html(value)}</td>' for value in row)}</tr>" for row in rows)
    note = f"<caption>{_text(caption)}</caption>" if caption else ""
    return f'<table class="kleio">{note}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def facts_html(title: str, facts: Iterable[tuple[str, Any]]) -> str:
    """Names and values, one line each, below a title."""
    rows = "".join(f"<tr><th>{_text(name)}</th><td>{cell_html(value)}</td></tr>" for name, value in facts)
    return f'<table class="kleio"><caption>{_text(title)}</caption><tbody>{rows}</tbody></table>'


def records_html(records: Sequence[Mapping[str, Any]], count: int) -> str:
    """The first of ``count`` records, a column for each name."""
    names = list(dict.fromkeys(name for record in records for name in record))
    shown = names[:MOST_COLUMNS]
    rows = [[record.get(name) for name in shown] for record in records]
    left = f", {counted(len(names) - len(shown), 'more column')}" if len(names) > len(shown) else ""
    first = f", the first {len(records)}" if count > len(records) else ""
    return table_html(shown, rows, f"{counted(count, 'record')}{first}{left}")


def cell_html(value: Any) -> str:
    """A value in few words."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else json_text(value, str)
    return _text(text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…")


def _text(text: str) -> str:
    from html import escape  # a table of thousands of names, which listing trials need not load

    return escape(escaped(text), quote=True)
