"""What the methods that notebooks call take, told to who gives something else, before anything is read.

A text where several are meant is the slip that would otherwise pass: it is a sequence of its letters, of which nothing
fits.
"""

from __future__ import annotations

from operator import index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def text(value: str, what: str) -> str:
    """``value``, which is text; ``what`` says of what."""
    if not isinstance(value, str):
        raise TypeError(f"{what} is text, not {value!r}")
    return value


def texts(values: Iterable[str], what: str) -> tuple[str, ...]:
    """``values``, which are texts; ``what`` says of what."""
    if isinstance(values, str):
        raise TypeError(f"{what} are several texts, such as [{values!r}], not the text {values!r}")
    try:
        found = tuple(values)
    except TypeError:
        raise TypeError(f"{what} are several texts, not {values!r}") from None
    for value in found:
        if not isinstance(value, str):
            raise TypeError(f"{what} are texts, which {value!r} is not")
    return found


def count(value: int, what: str) -> int:
    """``value``, which is a number of things; ``what`` says of what."""
    try:
        number = index(value)  # NumPy's as well
    except TypeError:
        raise TypeError(f"{what} is a whole number, not {value!r}") from None
    if number < 0:
        raise ValueError(f"{what} is not negative, as {number} is")
    return number
