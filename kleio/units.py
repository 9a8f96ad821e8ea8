"""Sizes and durations as people write them, and back: ``64MiB``, ``2m``, ``1h30m``.

What :func:`size_text` and :func:`duration_text` write, :func:`parse_size` and :func:`parse_duration` read.
"""

from __future__ import annotations

import re

SIZE_UNITS = {
    "": 1, "b": 1,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40,
    "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}  # fmt: skip
DURATION_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

_SIZE = r"(?a)(\d+(?:\.\d+)?)\s*([a-z]*)"
_PART = r"(?a)(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*"
_NUMBER = r"(?a)\d+(?:\.\d+)?"
"""Not compiled before they are needed: most settings are the defaults, which nobody has to read."""


def parse_size(text: str) -> int:
    """The bytes that ``text`` names; ``ValueError`` if it names none."""
    match = re.fullmatch(_SIZE, text.strip().lower())
    if not match or match[2] not in SIZE_UNITS:
        raise ValueError(f"{text!r} is not a size such as 64MiB, 500kB or 1048576")
    number, unit = match[1], SIZE_UNITS[match[2]]
    return int(number) * unit if "." not in number else int(float(number) * unit)


def parse_duration(text: str) -> float:
    """The seconds that ``text`` names; ``ValueError`` if it names none."""
    cleaned = text.strip().lower()
    if re.fullmatch(_NUMBER, cleaned):
        return float(cleaned)
    parts = re.findall(_PART, cleaned)
    if not parts or re.sub(_PART, "", cleaned):
        raise ValueError(f"{text!r} is not a duration such as 30s, 2m, 1h30m or 90")
    return sum(float(number) * DURATION_UNITS[unit] for number, unit in parts)


def size_text(size: float) -> str:
    """``size`` bytes in the largest binary unit that keeps it at one or more."""
    for unit, factor in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if abs(size) >= factor:
            return f"{_short(size / factor)} {unit}"
    return f"{int(size)} B"


def duration_text(seconds: float) -> str:
    """``seconds`` in at most two units: ``0.25s``, ``42s``, ``3m 5s``, ``2h``, ``1d 4h``."""
    if seconds < 10:
        return f"{_short(max(0.0, seconds))}s"
    left = round(seconds)
    parts: list[tuple[int, str]] = []
    for unit, factor in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, factor)
        if count or parts:
            parts.append((count, unit))
    return " ".join(f"{count}{unit}" for count, unit in parts[:2] if count)


def ago_text(seconds: float) -> str | None:
    """How long ago in one unit: ``just now``, ``42 s ago``, ``3 min ago``, ``5 h ago``, ``12 d ago``.

    ``None`` beyond ninety days, and for what lies more than a minute ahead: then a date says more.
    """
    if -60 <= seconds < 5:
        return "just now"
    for unit, factor, end in (("s", 1, 60), ("min", 60, 3600), ("h", 3600, 2 * 86400), ("d", 86400, 90 * 86400)):
        if 0 <= seconds < end:
            return f"{int(seconds // factor)} {unit} ago"
    return None


def rate_text(per_second: float) -> str:
    """A pace in the unit that makes it a number of one or more: ``3.4/s``, ``12/min``, ``5/h``, ``0.5/d``."""
    for unit, factor in (("s", 1), ("min", 60), ("h", 3600)):
        if per_second * factor >= 1:
            return f"{per_second * factor:.3g}/{unit}"
    return f"{per_second * 86400:.2g}/d"


def counted(number: int, word: str, words: str = "") -> str:
    """``1 trial``, ``2 trials``; ``words`` is the plural of a word that does not take an s."""
    return f"{number} {word if number == 1 else words or word + 's'}"


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
