"""One warning a cause, that can never become an exception in the user's script.

Kleio inside a script must not print over it: what goes wrong is said once, through :mod:`warnings`, where the script
can filter it; under ``-W error`` it is dropped rather than raised.
"""

from __future__ import annotations

import sys
import warnings

LONGEST = 100
"""Characters of names that a message shows."""
_told: set[str] = set()


class KleioWarning(RuntimeWarning):
    """Kleio could not record something of this script; the script itself is not affected."""


def complain(cause: str, message: str) -> None:
    """Warn with ``message``, once in the life of this process for each ``cause``."""
    if cause in _told:
        return
    _told.add(cause)
    try:
        warnings.warn(f"kleio: {message}", KleioWarning, stacklevel=_outside())
    except Exception:  # the filter "error" or a hook of the script: no reason to stop a training run
        return


def called(*names: str) -> str:
    """Names that a script gave, fit for a message: quoted, without characters that a terminal obeys, and not long."""
    text = ", ".join(map(str.__repr__, names))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _outside() -> int:
    """How far up the script's own line is."""
    level, frame = 2, sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("kleio."):
        level, frame = level + 1, frame.f_back
    return level
