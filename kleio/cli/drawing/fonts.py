"""Fonts for what matplotlib's own has no characters for, as far as this computer has them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

OTHERS = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC", "Source Han Sans", "Hiragino Sans",
    "Yu Gothic", "PingFang SC", "Microsoft YaHei", "Malgun Gothic", "Apple SD Gothic Neo", "IPAexGothic", "IPAGothic",
    "VL Gothic", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Arial Unicode MS", "Noto Sans",
    "Noto Emoji", "Segoe UI Emoji", "Symbola", "Unifont", "GNU Unifont",
)  # fmt: skip
"""In the order of preference. Emoji in colour are missing, for matplotlib cannot draw them."""


def with_fallbacks(usual: list[str], there: Collection[str]) -> list[str]:
    """The ``usual`` families, and behind them those of the others that are there: one that is not is warned of."""
    return [*usual, *(name for name in OTHERS if name in there and name not in usual)]
