"""The spool directory of one attempt: made before the command starts, removed when all of it is in the journal.

::

    <root>/<trial id>/<attempt, six digits>-<owner, first 8>/        0700, all files 0600, whatever the umask
        attempt.json          whose records these are, and the journal's address with its credentials
        run.lock              locked by the supervisor for its life; the kernel lets go of it at any death
        ship.lock             locked by whoever ships this directory: one at a time
        reserve               at most 1 MiB that is given up for the exit record when the disk is full
        look                  asks the keeper to look at the journal at once, see kleio.spool.attempt.orders
        order.json            what the supervisor of a dead front is to do, likewise
        <writer>.ksp          records, see kleio.spool.records.log
        <writer>.ack          how far they are shipped; only saves time
        blobs/<sha256>        artifacts waiting
        stdout-*.raw, …       output, see kleio.spool.output
        full                  there while so much waits that artifacts are refused, see kleio.spool.quota
        quarantine/           records that the journal can never take, with the reason
    <root>/.quarantine/       … of attempts that are closed
    <root>/.unknown/          attempts that their journal does not hold

``create`` returns holding ``ship.lock``, and the supervisor takes ``run.lock`` before it starts the command; so while
either is held, somebody cares for the attempt, and a directory with neither is a leftover.
"""

from __future__ import annotations

import json
import os
import stat

from kleio.dataclass import asdict, dataclass, field, fields, replace
from kleio.errors import SpoolError
from kleio.spool.attempt.locks import OWNERS_TRIES, SHIP_LOCK, hold_lock
from kleio.spool.attempt.whole import write_whole
from kleio.spool.handshake import PROTOCOL
from kleio.spool.records.file import RESERVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

ATTEMPT_FILE = "attempt.json"
RESERVE_SIZE = 1 << 20
BLOBS = "blobs"
QUARANTINE = "quarantine"
UNKNOWN_TRIALS = ".unknown"
"""Below a root: see :mod:`kleio.spool.attempt.removal`."""


@dataclass(frozen=True)
class AttemptFile:
    """What whoever finds the directory must know; ``attempt.json``."""

    trial: str
    attempt: int
    """Equals the fence under which the trial was reserved."""
    owner: str
    journal: str = field(repr=False)
    """The address as the driver wants it, password included."""
    holder: Mapping[str, Any] = field(default_factory=dict)
    """As in the trial's document: host, boot_id, pid, start_ticks, lease, spool."""
    user: str = ""
    heartbeat: float = 15.0
    flush_deadline: float = 60.0
    stop_grace: float = 30.0
    output_head: int = 64 << 20
    spool_limit: int = 0
    spool_total: int = 0
    """See :mod:`kleio.spool.quota`; 0 for no limit."""
    samples: float = 0.0
    """Seconds between samples of the machine; 0 for none."""
    configuration: Mapping[str, Any] | None = None
    """The trial's, for scripts that ask for it; ``None`` in what earlier versions wrote."""
    offline: Mapping[str, Any] | None = None
    """The trial's whole document if the journal could not be asked; see :mod:`kleio.spool.adoption`."""
    document: Mapping[str, Any] | None = None
    """Otherwise the document as it was reserved, in case that the journal is replaced by one that does not know it."""
    protocol: int = PROTOCOL

    @property
    def label(self) -> str:
        """The name of the directory, below the trial's."""
        return f"{self.attempt:06d}-{self.owner[:8]}"


def create(attempt: AttemptFile, roots: list[str]) -> tuple[str, int]:
    """Make the attempt's directory under the first of ``roots`` that can be written.

    Returns its path and the descriptor that holds ``ship.lock``. What is there is durable on return.
    """
    first_error: OSError | None = None
    for root in roots:
        directory = os.path.join(root, attempt.trial, attempt.label)
        try:
            try:
                lock = _begin(directory, root)
            except FileNotFoundError:  # the trial's directory was removed at this moment, with its last attempt
                lock = _begin(directory, root)
            write_attempt(directory, replace(attempt, holder={**attempt.holder, "spool": directory}))
            _allocate_reserve(os.path.join(directory, RESERVE))
            return directory, lock
        except OSError as error:
            first_error = first_error or error
    reason = f"{first_error.filename}: {first_error.strerror}" if first_error else "no directory is configured"
    raise SpoolError(
        f"nothing can be recorded: {reason}",
        hint="name a directory that can be written in KLEIO_SPOOL_DIR, or make room; `kleio doctor` shows more",
    )


def _begin(directory: str, root: str) -> int:
    _make_private(os.path.join(directory, BLOBS), root)
    return hold_lock(directory, SHIP_LOCK, tries=OWNERS_TRIES)


def put_back(directory: str, attempt: AttemptFile) -> int:
    """Make the directory again that somebody removed under a running attempt, or replaced by a file or a symbolic
    link, which goes; returns the lock as ``create`` does."""
    if os.path.islink(directory) or os.path.isfile(directory):
        os.unlink(directory)
    os.makedirs(os.path.join(directory, BLOBS), mode=0o700, exist_ok=True)
    os.chmod(directory, 0o700)
    lock = hold_lock(directory, SHIP_LOCK)
    write_attempt(directory, attempt)
    return lock


def spool_roots(data: str, environ: Mapping[str, str]) -> list[str]:
    """Where spools may lie, in the order in which they are tried: the first is the usual one."""
    home = environ.get("HOME", "")
    state = environ.get("XDG_STATE_HOME") or (os.path.join(home, ".local", "state") if home else "")
    roots = [environ.get("KLEIO_SPOOL_DIR", ""), os.path.join(data, "spool") if data else ""]
    roots.append(os.path.join(state, "kleio", "spool") if state else "")
    roots.append(os.path.join(environ.get("TMPDIR") or "/tmp", f"kleio-{os.geteuid()}", "spool"))  # noqa: S108
    return [os.path.abspath(root) for root in roots if root]


def place_of(document: Mapping[str, Any]) -> str | None:
    """The spool of a held trial's latest attempt, if it has one on this machine. ``document`` is the trial's."""
    holder = document.get("holder") or {}
    if holder.get("spool"):
        return str(holder["spool"])
    label = f"{document['fence']:06d}-{(document['owner'] or '')[:8]}"
    places = (os.path.join(root, document["_id"], label) for root in holder.get("roots", ()))
    return next((place for place in places if os.path.exists(os.path.join(place, ATTEMPT_FILE))), None)


def write_attempt(directory: str, attempt: AttemptFile) -> None:
    """Write ``attempt.json``, whole or not at all."""
    write_whole(os.path.join(directory, ATTEMPT_FILE), json.dumps(asdict(attempt)).encode("ascii"), durable=True)


def read_attempt(directory: str) -> AttemptFile:
    """Read ``attempt.json``. ``SpoolError`` if it is missing, damaged or not for this version."""
    path = os.path.join(directory, ATTEMPT_FILE)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, encoding="ascii") as file:
            if os.fstat(descriptor).st_uid != os.geteuid():
                raise SpoolError(f"{path} belongs to another user")
            content = json.load(file)
        if content["protocol"] != PROTOCOL:
            raise SpoolError(f"{path} was written by another version of kleio")
        known = {each.name for each in fields(AttemptFile)}
        return AttemptFile(**{name: value for name, value in content.items() if name in known})
    except OSError as error:
        raise SpoolError(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise SpoolError(f"{path} is damaged: {error}") from error


def sync_directory(path: str) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def attempts(root: str) -> Iterator[str]:
    """The directories of all attempts under ``root``. Costs one look when there are none."""
    for trial in names(root):
        if not trial.startswith("."):
            for label in names(os.path.join(root, trial)):
                yield os.path.join(root, trial, label)


def record_files(directory: str) -> list[str]:
    """The names of the writers that have a record file here."""
    return sorted(name[:-4] for name in names(directory) if name.endswith(".ksp"))


def names(directory: str) -> list[str]:
    """What is in a directory; nothing if there is none."""
    try:
        return os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _make_private(directory: str, root: str) -> None:
    """Create ``directory`` and what is missing above it, 0700 from the root on, durable, and ours."""
    os.makedirs(root, mode=0o700, exist_ok=True)
    status = os.stat(root)
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o022:
        raise PermissionError(1, "belongs to another user, or others may write it", root)
    path = root
    for part in os.path.relpath(directory, root).split(os.sep):
        parent, path = path, os.path.join(path, part)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                raise
        else:
            sync_directory(parent)


def _allocate_reserve(path: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        for size in (RESERVE_SIZE, RESERVE_SIZE // 4, RESERVE_SIZE // 16, RESERVE_SIZE // 64):
            try:
                os.posix_fallocate(descriptor, 0, size)
                return
            except OSError:  # the disk is nearly full: a small one still holds what tells of losses, and the exit
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)
