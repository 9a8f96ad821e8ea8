"""Tests see nothing of the user who runs them, and cannot touch what is theirs."""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

REAL_HOME = os.path.expanduser("~")
FOREIGN = ("KLEIO_", "GIT_", "XDG_", "SLURM_", "PBS_", "CUDA_", "OMP_", "MKL_")
"""Variables of the machine that would change what a test sees."""

_FILE_EVENTS = frozenset({"open", "os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink", "sqlite3.connect"})
_PRIVATE = (".config/kleio", ".local/share/kleio", ".local/state/kleio", ".cache/kleio", ".gitconfig", ".config/git")
_FORBIDDEN = tuple(os.path.join(REAL_HOME, name) for name in _PRIVATE)


def hear_signals() -> None:
    """Undo what ``nohup`` and ``&`` in a script do to the signals of the tests, and of every command they start."""
    own = {signal.SIGPIPE, signal.SIGXFSZ}  # the interpreter ignores these, and takes care of them in children
    for number in signal.valid_signals() - own:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def forbid_real_home() -> None:
    """From now on, opening kleio's or git's files in the real home is an error in this process."""
    sys.addaudithook(_refuse_real_home)


def _refuse_real_home(event: str, arguments: tuple[object, ...]) -> None:
    if event in _FILE_EVENTS and arguments and isinstance(arguments[0], (str, bytes)):
        path = os.fsdecode(arguments[0])
        if path.startswith(_FORBIDDEN):
            raise PermissionError(f"a test touches the real home: {event} {path}")


def sealed_environment(home: Path) -> dict[str, str]:
    """The variables of this process without what belongs to its user, pointed at ``home``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    for name in ("CLUSTER", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PYTHONPATH", "PYTHONHASHSEED"):
        kept.pop(name, None)
    kept.update(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / ".config"),
        XDG_DATA_HOME=str(home / ".local" / "share"),
        XDG_STATE_HOME=str(home / ".local" / "state"),
        XDG_CACHE_HOME=str(home / ".cache"),
        LANG="C.UTF-8",
        LC_ALL="C.UTF-8",
        TERM="xterm",
    )
    return kept
