"""The statuses of a trial and the moves between them, as one table.

::

    new ──────────► reserved ──► running ──► completed
     ▲ reservable       │           ├──────► broken ──► acknowledged
     │                  ▼           ├──────► suspended     (reservable)
     └── switchover ◄── failover ◄──┼──────► interrupted   (reservable)
                                    └──────► failover      (reservable)

``arriving`` stands apart: a trial is being brought from another journal, and what there is of it may be incomplete.
Whatever it was there it becomes here when all of it has arrived (``moving/delivery.py``); until then nobody runs it.

A move is made by one compare-and-set on (status, fence, owner); see ``launcher/reserve.py``.
"""

from __future__ import annotations

NEW = "new"
RESERVED = "reserved"
RUNNING = "running"
COMPLETED = "completed"
BROKEN = "broken"
SUSPENDED = "suspended"
INTERRUPTED = "interrupted"
FAILOVER = "failover"
SWITCHOVER = "switchover"
BRANCHED = "branched"
ACKNOWLEDGED = "acknowledged"
ARRIVING = "arriving"

RESERVABLE = frozenset({NEW, SUSPENDED, INTERRUPTED, FAILOVER, SWITCHOVER})
"""A launcher may reserve a trial in one of these."""

HELD = frozenset({RESERVED, RUNNING})
"""A launcher holds the lease of a trial in one of these."""

MOVES: dict[str, frozenset[str]] = {
    NEW: frozenset({RESERVED}),
    RESERVED: frozenset({RUNNING, BROKEN, FAILOVER, SWITCHOVER, SUSPENDED, INTERRUPTED}),
    RUNNING: frozenset({COMPLETED, BROKEN, SUSPENDED, INTERRUPTED, FAILOVER}),
    SUSPENDED: frozenset({RESERVED}),
    INTERRUPTED: frozenset({RESERVED}),
    FAILOVER: frozenset({RESERVED, RUNNING, COMPLETED, BROKEN, SUSPENDED, INTERRUPTED}),
    SWITCHOVER: frozenset({RESERVED}),
    BROKEN: frozenset({SWITCHOVER, ACKNOWLEDGED}),
    BRANCHED: frozenset({SWITCHOVER}),
    COMPLETED: frozenset(),
    ACKNOWLEDGED: frozenset(),
    ARRIVING: frozenset(),
}
"""``MOVES[old]`` are the statuses that may follow ``old``. From failover a holder that was only paused or cut off
may reclaim its trial (same fence and owner) and go on, or report the end it saw."""

STATUSES = frozenset(MOVES)


def may_move(old: str, new: str) -> bool:
    """Whether ``new`` may follow ``old``."""
    return new in MOVES[old]
