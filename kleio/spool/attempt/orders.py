"""Orders to a running command from outside: stop in good order (``suspend``), or at once (``kill``).

Whoever asks puts the word into the trial's document, by compare-and-set, under ``request`` and says who it was under
``requested_by``; that reaches a launcher anywhere, at its next heartbeat. On the launcher's own machine an empty file
``look`` in the spool directory makes that heartbeat due at once. The keeper then tells the supervisor, through its
pipe, or, when the front is dead, through the file ``order.json``: only the supervisor knows the command's processes.
"""

from __future__ import annotations

import json
import os
import signal

from kleio.dataclass import asdict, dataclass
from kleio.spool.attempt.whole import write_whole
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SUSPEND = "suspend"
KILL = "kill"
ENDS = {SUSPEND: status.SUSPENDED, KILL: status.BROKEN}
"""What a trial becomes that is asked to stop so: one that was killed is not run again by itself."""
NOT_ASKED = {"request": None, "requested_by": None}
"""These fields of a document when nobody has asked anything of the attempt."""
LOOK_FILE = "look"
ORDER_FILE = "order.json"
_WORDS = {SUSPEND: "suspended", KILL: "killed"}


@dataclass(frozen=True)
class Order:
    """Send ``signal`` to all processes of the command, SIGKILL after ``grace`` seconds, and record this end."""

    signal: int
    grace: float
    status: str
    why: str


def order_of(document: Mapping[str, Any], grace: float) -> Order | None:
    """The order that a trial's document holds, if any."""
    word = document.get("request")
    if word not in ENDS:
        return None
    who = document.get("requested_by") or {}
    by = f" by {who.get('user', '?')}@{who.get('host', '?')}" if who else ""
    number = signal.SIGTERM if word == SUSPEND else signal.SIGKILL
    return Order(number, grace if word == SUSPEND else 0.0, ENDS[word], f"{_WORDS[word]} remotely{by}")


def ask_to_look(directory: str) -> bool:
    """Have the keeper of this directory look at the journal within a second. False if it is not to be reached so."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        os.close(os.open(os.path.join(directory, LOOK_FILE), flags, 0o600))
    except OSError:
        return False  # on another machine, another user's, or just gone: the next heartbeat will do
    return True


def asked_to_look(directory: str) -> bool:
    """Whether somebody has asked so since the last call."""
    try:
        os.unlink(os.path.join(directory, LOOK_FILE))
    except OSError:
        return False
    return True


def leave_order(directory: str, order: Order) -> None:
    """Leave an order for a supervisor whose front is dead."""
    write_whole(os.path.join(directory, ORDER_FILE), json.dumps(asdict(order)).encode("ascii"), durable=False)


def take_order(directory: str) -> Order | None:
    """The order that was left since the last call."""
    path = os.path.join(directory, ORDER_FILE)
    try:
        with open(path, encoding="ascii") as file:
            order = Order(**json.load(file))
        os.unlink(path)
    except (OSError, ValueError, TypeError):
        return None
    return order
