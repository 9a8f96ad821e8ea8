"""One thing that a comparison of two trials found, and what may differ."""

from __future__ import annotations

from kleio.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LONGEST = 60
"""Characters of a value or line that are shown."""


@dataclass(frozen=True)
class Tolerance:
    """What may differ. Floats by ``absolute + relative * |recorded|``; the rest are patterns of names, and of lines."""

    relative: float = 1e-5
    absolute: float = 1e-8
    statistics: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    output: bool = False
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing that was compared. ``agrees`` is ``None`` if it does not count."""

    what: str
    name: str
    agrees: bool | None
    detail: str


def shown(value: Any) -> str:
    """A value or a line, cut if it is long."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
