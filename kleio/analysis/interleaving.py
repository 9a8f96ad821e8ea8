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


def departure(whole: Sequence[bytes], one: Sequence[bytes], other: Sequence[bytes]) -> int | None:
    """The first item of ``whole`` that neither of the others can explain (its length, if they hold more than it);
    ``None`` if they fit."""
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
