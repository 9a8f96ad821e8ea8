"""Which logged values are numbers, and an order of all that may be logged."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def is_number(value: Any) -> bool:
    """Whether it can be compared with numbers: no truth value, and not NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def order_of(value: Any) -> tuple[int, Any]:
    """A key by which anything can be sorted beside anything."""
    if isinstance(value, bool | int | float):
        return (1, 0) if value != value else (0, value)  # NaN after the numbers
    if isinstance(value, str):
        return (2, value)
    return (3, f"{type(value).__name__} {value!r}")
