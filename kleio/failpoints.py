"""Named places where a test can make a process die, stop, stumble or pause.

``KLEIO_FAILPOINT=after_reserve:kill`` (or ``:stop``, ``:raise``, ``:sleep=SECONDS``; several separated by commas)
arms a point for the process and its children. Unset, :func:`failpoint` is an empty function. A point that is hit
appends its name to the file named by ``KLEIO_FAILPOINT_LOG``, so that a test can prove that every point was reached
(the idea is kopia's ``VerifyAllFaultsExercised``). ``NAMES`` is the whole list; an unknown name is an error.
"""

from __future__ import annotations

import os

OF_A_RUN = frozenset(
    {
        "before_reserve",
        "after_reserve",
        "after_spool_open",
        "after_spawn",
        "after_running",
        "before_exit_record",
        "after_exit_record",
        "before_ship",
        "after_ship",
        "before_ack",
        "before_close",
        "after_close",
        "before_spool_delete",
    }
)
OF_A_MOVE = frozenset({"before_announce", "before_blob", "before_segments", "before_arrival", "before_archive"})
"""While a trial is brought to another journal, or an archive is written."""
NAMES = OF_A_RUN | OF_A_MOVE


def failpoint(name: str) -> None:
    """Do nothing, unless a test armed ``name``."""


def _strike(name: str) -> None:
    armed = dict(entry.strip().split(":", 1) for entry in os.environ["KLEIO_FAILPOINT"].split(",") if ":" in entry)
    unknown = (armed.keys() | {name}) - NAMES
    if unknown:
        raise ValueError(f"unknown fail points: {', '.join(sorted(unknown))}")
    log = os.environ.get("KLEIO_FAILPOINT_LOG")
    if log:
        with open(log, "a", encoding="ascii") as file:
            file.write(name + "\n")
    action = armed.get(name)
    if action:
        _act(name, action)


def _act(name: str, action: str) -> None:
    import signal
    import time

    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "raise":
        raise OSError(f"fail point {name}")
    elif action.startswith("sleep="):
        time.sleep(float(action.removeprefix("sleep=")))
    else:
        raise ValueError(f"unknown action {action!r} of fail point {name}")


if "KLEIO_FAILPOINT" in os.environ:
    failpoint = _strike
