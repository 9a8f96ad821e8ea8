"""How a branch differs from its parent, as ``kleio info`` shows it: options, code, environment."""

from __future__ import annotations

from kleio.cli.terminal.console import LINE_STYLES
from kleio.cli.terminal.table import INDENT
from kleio.cli.terminal.wording import EMPTY, text_of
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from kleio.cli.terminal.console import Console


def change_lines(console: Console, change: Mapping[str, Any]) -> Iterator[str]:
    """``option lr: 1 -> 2``; of code the commits, and what differs; of the environment each fact."""
    if change["what"] == "option":
        old = "(none)" if change.get("added") else text_of(change["from"]) or EMPTY
        new = "(none)" if change.get("removed") else text_of(change["to"]) or EMPTY
        yield f"option {escaped(str(change['name']))}: {_sides(console, old, new)}"
        return
    old, new = (str(side.get("commit") or side.get("digest"))[:12] for side in (change["from"], change["to"]))
    if change["what"] == "code":
        yield f"code: {console.paint(old, 'dim') if old == new else _sides(console, old, new)}"
    else:
        yield escaped(str(change["what"]))
    for line in change.get("lines") or ():
        yield INDENT + console.paint(escaped(line), LINE_STYLES.get(line.lstrip()[:1], ""))


def _sides(console: Console, old: str, new: str) -> str:
    return f"{console.paint(escaped(old), 'red')} -> {console.paint(escaped(new), 'green')}"
