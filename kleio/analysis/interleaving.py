"""Whether one sequence is two others laid into each other, each in its own order.

A command whose stdout and stderr led to one place was recorded as one stream. Where its next run was recorded as two,
the order between them is known no more (it hangs on buffers, too), but that within each of them is.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_WAYS = 64
"""Ways to have come so far that are kept apart; more arise only where both hold a long run of equal lines."""

if TYPE_CHECKING:
    Place = tuple[int, int]
    """How many lines have been met, and how many bytes of the next."""


def departure(whole: Sequence[bytes], one: Sequence[bytes], other: Sequence[bytes]) -> int | None:
    """The first line of ``whole`` that neither of the others can explain (its length, if they hold more than it);
    ``None`` if they fit. A line of one may stand in the middle of a line of the other, as a warning does that comes
    while a line is being printed."""
    if _departure_of_lines(whole, one, other) is None:
        return None
    ways: set[tuple[Place, Place]] = {((0, 0), (0, 0))}
    for position, line in enumerate(whole):
        after: set[tuple[Place, Place]] = set()
        for left, right in ways:
            after.update((new, right) for new in _ended(one, left, line))
            after.update((left, new) for new in _ended(other, right, line))
            after.update(_ended_in(one, left, other, right, line))
            after.update((new, old) for old, new in _ended_in(other, right, one, left, line))
        if not after:
            return position
        ways = set(sorted(after)[-MOST_WAYS:])
    return None if ((len(one), 0), (len(other), 0)) in ways else len(whole)


def _ended(lines: Sequence[bytes], place: Place, line: bytes) -> list[Place]:
    """Where one is, if ``line`` is the rest of the line there."""
    met, begun = place
    return [(met + 1, 0)] if met < len(lines) and lines[met][begun:] == line else []


def _ended_in(
    outer: Sequence[bytes], at: Place, inner: Sequence[bytes], place: Place, line: bytes
) -> list[tuple[Place, Place]]:
    """Where one is in both, if ``line`` goes on with the line of ``outer`` and ends with the rest of that of
    ``inner``."""
    if at[0] == len(outer) or place[0] == len(inner):
        return []
    rest = inner[place[0]][place[1] :]
    part = line[: len(line) - len(rest)]
    fits = part and line.endswith(rest) and outer[at[0]].startswith(part, at[1])
    return [((at[0], at[1] + len(part)), (place[0] + 1, 0))] if fits else []


def _departure_of_lines(whole: Sequence[bytes], one: Sequence[bytes], other: Sequence[bytes]) -> int | None:
    ways = {0}  # how many items of ``one`` have been met; the rest were of ``other``
    for position, item in enumerate(whole):
        after = set()
        for met in ways:
            if met < len(one) and one[met] == item:
                after.add(met + 1)
            if position - met < len(other) and other[position - met] == item:
                after.add(met)
        if not after:
            return position
        ways = set(sorted(after)[-MOST_WAYS:])
    return None if len(whole) == len(one) + len(other) else len(whole)
