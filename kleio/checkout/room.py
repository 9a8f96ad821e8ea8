"""Checkouts that live as long as one command: each in a room of its own in the data directory, locked while in use.

The lock is released by the kernel when whoever made the room is gone, however that was; the next one who makes a room
removes those that nobody holds and in which no process lives any more.
"""

from __future__ import annotations

import fcntl
import os
import shutil

from kleio.errors import CheckoutFailed
from kleio.settings import prepare_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from kleio.settings import Settings

PLACE = "checkouts"
LOCK = "lock"


class Room:
    """One room: ``directory``. ``path`` is where a checkout belongs in it: called ``name``, if that can be a name."""

    def __init__(self, settings: Settings, trial: str, name: str) -> None:
        """Make a room for code of ``trial``. Raises ``CheckoutFailed``."""
        self.kept = False
        place = os.path.join(prepare_data(settings), PLACE)
        try:
            os.makedirs(place, mode=0o700, exist_ok=True)
            sweep(place)
            self.directory, self._lock = _make(place, trial)
        except OSError as error:
            raise CheckoutFailed(
                f"no room for a checkout can be made in {place}: {error.strerror}",
                hint="`kleio doctor` shows the free space",
            ) from error
        usable = name.strip(".") and name != LOCK and "/" not in name and "\0" not in name
        self.path = os.path.join(self.directory, name if usable else "checkout")

    def __enter__(self) -> Room:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.kept:
            os.unlink(os.path.join(self.directory, LOCK))  # what has no lock is nobody's to sweep
        else:
            shutil.rmtree(self.directory, ignore_errors=True)
        os.close(self._lock)

    def keep(self) -> None:
        """Leave the checkout there for good: it is the user's from now on."""
        self.kept = True


def _make(place: str, trial: str) -> tuple[str, int]:
    """A directory and the descriptor that locks it."""
    while True:
        directory = os.path.join(place, f"{os.uname().nodename}-{trial[:7]}-{os.urandom(4).hex()}")
        os.mkdir(directory, 0o700)
        lock = os.open(os.path.join(directory, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:
            return directory, lock
        os.close(lock)  # somebody swept it before it was locked


def sweep(place: str) -> None:
    """Remove the rooms of this host that nobody uses any more."""
    prefix = f"{os.uname().nodename}-"
    lived_in: set[str] | None = None
    for entry in os.scandir(place):
        if not entry.name.startswith(prefix):
            continue
        try:
            lock = os.open(os.path.join(entry.path, LOCK), os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue  # it is kept, or just being made
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        else:
            lived_in = _directories_of_processes() if lived_in is None else lived_in
            here = os.path.realpath(entry.path) + "/"
            if not any(f"{directory}/".startswith(here) for directory in lived_in):
                shutil.rmtree(entry.path, ignore_errors=True)
        finally:
            os.close(lock)


def _directories_of_processes() -> set[str]:
    found = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found.add(os.readlink(f"/proc/{name}/cwd"))
            except OSError:
                continue  # gone, or another user's
    return found
