"""Starts the user's command: the words as typed, the user's directory and environment, as a shell would.

Resolution follows POSIX ``execvp`` and the shells: a name without a slash is looked up in ``PATH``; a text file
without an interpreter line is given to ``/bin/sh``; 127 means not found, 126 found but not executable.
"""

from __future__ import annotations

import errno
import os
import signal
import stat

from kleio.errors import CommandNotExecutable, CommandNotFound, KleioError
from kleio.trial.quoting import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence, Set
    from typing import NoReturn

_DEFAULT_PATH = "/bin:/usr/bin"
_CHANGED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
"""The interpreter ignores these from its start; the command must not inherit that."""
_OOM_ADJUSTMENT = b"200"
_ADDRESSES = (b"KLEIO_JOURNAL", b"KLEIO_DB_ADDRESS")
"""Variables that may hold the password of a journal."""


def initial_environment() -> dict[bytes, bytes]:
    """The environment of a command: that which this process was started with.

    Not ``os.environ``: in the C locale the interpreter itself sets ``LC_CTYPE`` (PEP 538), which is not the user's.
    The journal's address loses its password, which a command might print into its record; kleio itself finds it again
    (:mod:`kleio.spool.enclosing`).
    """
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = file.read().split(b"\0")
        environment = dict(entry.split(b"=", 1) for entry in entries if b"=" in entry)
    except OSError:
        environment = dict(os.environb)
    for name in _ADDRESSES:
        if not environment.get(name, b"sqlite").startswith(b"sqlite"):  # a file has none, and nothing is imported
            from kleio.connection.address import without_password

            environment[name] = os.fsencode(without_password(os.fsdecode(environment[name])))
    return environment


def find_command(name: str, search: str | None = None) -> str:
    """The file that ``name`` runs. Raises ``CommandNotFound`` or ``CommandNotExecutable``."""
    if not name:
        raise CommandNotFound("the command is an empty word")
    if os.sep in name:
        candidates = [name]
    else:
        path = os.environ.get("PATH", _DEFAULT_PATH) if search is None else search
        candidates = [os.path.join(folder or ".", name) for folder in path.split(os.pathsep)]
    refused = None
    for candidate in candidates:
        problem = _why_not(candidate)
        if problem is None:
            return candidate
        refused = refused or (candidate, problem) if problem != errno.ENOENT else refused
    if refused is None:
        raise CommandNotFound(f"{name}: command not found")
    raise command_error(*refused)


def _why_not(path: str) -> int | None:
    try:
        mode = os.stat(path).st_mode
    except (NotADirectoryError, FileNotFoundError):
        return errno.ENOENT
    except (OSError, ValueError) as error:
        return getattr(error, "errno", None) or errno.ENOENT
    if stat.S_ISDIR(mode):
        return errno.EISDIR
    return None if os.access(path, os.X_OK) else errno.EACCES


def command_error(path: str, number: int) -> KleioError:
    """The failure of running ``path``, as a shell words it."""
    typed = quoted([path])
    if number in (errno.ENOENT, errno.ENOTDIR) and not os.path.lexists(path):
        return CommandNotFound(f"{path}: command not found")
    if number == errno.ENOENT:
        hint = f"see its first line: head -1 {typed}"
        return CommandNotFound(f"{path}: bad interpreter or missing loader", hint=hint)
    mend = f"make it executable: chmod +x {typed}" if number == errno.EACCES else None
    return CommandNotExecutable(f"{path}: {os.strerror(number)}", hint=mend)


class Spawned:
    """A command that was started, or the reason why it was not."""

    def __init__(self, pid: int, error: int | None) -> None:
        self.pid = pid
        self.error = error


def spawn(
    path: str,
    argv: Sequence[str],
    environment: Mapping[bytes, bytes],
    outputs: Mapping[int, int],
    *,
    mask: Set[int],
    before_exec: Callable[[], None],
) -> Spawned:
    """Fork and execute. ``outputs`` maps 1 and 2 to the descriptors that replace them.

    ``mask`` is the signal mask the command gets; ``before_exec`` runs in the child and must not raise.
    """
    tell, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(tell)
        _become(path, argv, environment, outputs, mask, before_exec, told)
    os.close(told)
    report = os.read(tell, 16)
    os.close(tell)
    if report:
        os.waitpid(pid, 0)
        return Spawned(pid, int(report))
    return Spawned(pid, None)


def _become(
    path: str,
    argv: Sequence[str],
    environment: Mapping[bytes, bytes],
    outputs: Mapping[int, int],
    mask: Set[int],
    before_exec: Callable[[], None],
    told: int,
) -> NoReturn:
    try:
        before_exec()
        for number, fd in outputs.items():
            os.dup2(fd, number)
        _volunteer_for_oom()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        become(path, argv, environment)
    except OSError as error:
        os.write(told, str(error.errno or errno.EIO).encode())
    except ValueError:
        os.write(told, str(errno.EINVAL).encode())
    finally:
        os._exit(127)


def become(path: str, argv: Sequence[str], environment: Mapping[bytes, bytes]) -> NoReturn:
    """Go on as this program. Raises ``OSError`` if it cannot be executed; then this process is as it was."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in _CHANGED_BY_PYTHON}
    try:
        _execute(path, argv, environment)
    except OSError:
        for number, handler in before.items():
            signal.signal(number, handler)
        raise


def _execute(path: str, argv: Sequence[str], environment: Mapping[bytes, bytes]) -> NoReturn:
    try:
        os.execve(path, list(argv), dict(environment))
    except OSError as error:
        if error.errno != errno.ENOEXEC or _is_binary(path):
            raise
        os.execve("/bin/sh", ["/bin/sh", path, *argv[1:]], dict(environment))


def _is_binary(path: str) -> bool:
    """Whether the first line holds a NUL: what bash takes for "not a script"."""
    with open(path, "rb") as file:
        return b"\0" in file.read(128).split(b"\n", 1)[0]


def _volunteer_for_oom() -> None:
    """If memory runs out, the command goes before its recorder, who can then say why."""
    try:
        with open("/proc/self/oom_score_adj", "wb") as file:
            file.write(_OOM_ADJUSTMENT)
    except OSError:
        pass
