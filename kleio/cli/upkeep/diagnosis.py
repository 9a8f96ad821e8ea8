"""What ``kleio doctor`` looks at: one function a matter, each with its findings and what mends them."""

from __future__ import annotations

import os
import sys

from kleio.dataclass import dataclass
from kleio.errors import KleioError
from kleio.trial.quoting import quoted
from kleio.units import duration_text, size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kleio.cli.context import Context

LITTLE_SPACE, NO_SPACE = 1 << 30, 64 << 20
FEW_FILES = 256
SKEW = 5.0
ANSWER = 1.0
"""Seconds that the way to the journal and back may take: less is no skew that one can tell."""
OLDEST_GIT = (2, 11)


@dataclass(frozen=True)
class Check:
    """One finding: ``ok``, ``warn`` (kleio works, with less) or ``fail`` (it does not)."""

    name: str
    state: str
    message: str
    mend: str = ""


def diagnose(context: Context) -> list[Check]:
    """All findings. Settings that cannot be used are the only one then: all else depends on them."""
    try:
        context.settings  # noqa: B018 - resolved here, so that its failure is a finding
    except KleioError as error:
        return [*_python(), Check("settings", "fail", error.message, error.hint or "")]
    found: list[Check] = []
    for look in (_settings, _data, _spool, _journal, _limits):
        found += look(context)
    return [*_python(), *_git(), *_sqlite(), *found, *_terminal()]


def _python() -> Iterator[Check]:
    from kleio import __version__

    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", "ok", f"kleio {__version__} on Python {version}, {sys.executable}")


def _git() -> Iterator[Check]:
    import re
    import shutil
    import subprocess

    path = shutil.which("git")
    mend = f"install git {'.'.join(map(str, OLDEST_GIT))} or newer"
    if path is None:
        yield Check("git", "warn", "not found: of the code only the script named on the command line is recorded", mend)
        return
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Check("git", "warn", f"{path} does not run: {error}", mend)
        return
    numbers = re.search(r"(\d+)\.(\d+)", answer)
    new = numbers is not None and (int(numbers[1]), int(numbers[2])) >= OLDEST_GIT
    yield Check("git", "ok" if new else "warn", f"{answer.strip() or 'version unknown'}, {path}", "" if new else mend)


def _sqlite() -> Iterator[Check]:
    import sqlite3

    from kleio.journal.sqlite.file import wal_is_safe

    version = sqlite3.sqlite_version_info
    if version < (3, 26):
        yield Check("sqlite", "fail", f"SQLite {sqlite3.sqlite_version} is too old", "use a Python with SQLite 3.26")
    elif wal_is_safe(version):
        yield Check("sqlite", "ok", f"SQLite {sqlite3.sqlite_version}: WAL journal, readers never wait")
    else:
        yield Check(
            "sqlite",
            "ok",
            f"SQLite {sqlite3.sqlite_version}: rollback journal, since WAL can lose commits before 3.51.3; "
            "writers wait for each other a little longer",
        )


def _settings(context: Context) -> Iterator[Check]:
    from kleio.settings import unknown_variables, user_file

    for name, close in unknown_variables(context.environ):
        yield Check("settings", "warn", f"the variable {name} means nothing", f"did you mean {close}?" if close else "")
    path = user_file(context.environ)
    if path and os.path.exists(path):
        others = os.stat(path).st_mode & 0o077
        secret = "@" in context.settings.journal and context.settings.origins["journal"].startswith(path)
        if others and secret:
            mend = f"chmod 600 {quoted([path])}"
            yield Check("settings", "warn", f"others may read {path}, which holds a password", mend)
        else:
            yield Check("settings", "ok", f"read from {path}")


def _data(context: Context) -> Iterator[Check]:
    from kleio.journal.sqlite.file import NETWORK_FILE_SYSTEMS, file_system
    from kleio.settings import prepare_data

    try:
        path = prepare_data(context.settings)
    except KleioError as error:
        yield Check("data", "fail", error.message, error.hint or "")
        return
    kind = file_system(path)
    if kind in NETWORK_FILE_SYSTEMS:
        mend = "set KLEIO_DATA to a directory on a local disk"
        yield Check("data", "warn", f"{path} is on a network file system ({kind}): locks may not hold", mend)
    elif os.stat(path).st_mode & 0o022:
        yield Check("data", "fail", f"others may write {path}", f"chmod 700 {quoted([path])}")
    else:
        yield Check("data", "ok", f"{path} ({kind or 'unknown file system'})")
    yield _space(path, "KLEIO_DATA")
    home = _home_of(context.settings.journal)
    if home != path and os.path.isdir(home):
        yield _space(home, "KLEIO_JOURNAL")


def _home_of(address: str) -> str:
    """The directory of a journal that is a file; empty if it is none, or nothing at all, which is said elsewhere."""
    from kleio.connection.address import parse_address

    try:
        where = parse_address(address)
    except KleioError:
        return ""
    return os.path.dirname(where.location) if where.scheme == "sqlite" else ""


def _space(path: str, setting: str) -> Check:
    import shutil

    free = shutil.disk_usage(path).free
    state = "fail" if free < NO_SPACE else "warn" if free < LITTLE_SPACE else "ok"
    mend = "" if state == "ok" else f"make room, or set {setting}"
    return Check("space", state, f"{size_text(free)} free in {path}", mend)


def _spool(context: Context) -> Iterator[Check]:
    from kleio.spool.aside import attempts_aside
    from kleio.spool.attempt.directory import attempts, spool_roots
    from kleio.spool.attempt.locks import launcher_alive

    live, left = 0, []
    aside = attempts_aside(context.settings.data)
    for root in spool_roots(context.settings.data, context.environ):
        if not os.path.isdir(root):
            continue
        status = os.stat(root)
        if status.st_uid != os.geteuid() or status.st_mode & 0o022:
            is_ours = status.st_uid == os.geteuid()
            mend = f"chmod 700 {quoted([root])}" if is_ours else f"remove {root} or set KLEIO_SPOOL_DIR"
            yield Check("spool", "fail", f"{root} belongs to, or may be written by, somebody else", mend)
            continue
        for directory in attempts(root):
            if launcher_alive(directory):
                live += 1
            else:
                left.append(directory)
    running = f"{live} running" if live else "nothing running"
    if left:
        mend = "`kleio ship` sends them, or says for which journal they wait"
        yield Check(
            "spool", "warn", f"{running}; attempts that wait to be sent: {len(left)}, the first in {left[0]}", mend
        )
    elif not aside:
        yield Check("spool", "ok", f"{running}, nothing waits to be sent")
    if aside:
        said = f"{running}; attempts set aside, for their journals do not hold them: {len(aside)}"
        mend = "`kleio ship` once the journals do, or with --set-aside; if you deleted the trials: kleio gc --set-aside"
        yield Check("spool", "warn", f"{said}, the first in {aside[0]}", mend)


def _journal(context: Context) -> Iterator[Check]:
    from kleio.cli.upkeep.inspection import inspect_journal
    from kleio.clock import SystemClock

    try:
        found = inspect_journal(context)
    except KleioError as error:
        yield Check("journal", "fail", error.message, error.hint or "`kleio db check` shows more")
        return
    if not found["exists"]:
        yield Check("journal", "ok", f"{found['address']}: {found['note']}")
    elif not found["writable"]:
        yield Check("journal", "warn", f"{found['address']} can only be read", "get write access, or set KLEIO_JOURNAL")
    else:
        yield Check("journal", "ok", f"{found['address']}: {found['server']}, {found['latency_ms']:.2f} ms")
    skew = abs(context.journal.ping().now - SystemClock().wall())
    mend = "" if skew <= SKEW else "synchronise the clock of this machine (NTP); leases do not depend on it, times do"
    state = "warn" if mend else "ok"
    told = f"{duration_text(skew)} away from" if skew >= ANSWER else "within a second of"
    yield Check("clock", state, f"{told} the journal's", mend)


def _limits(context: Context) -> Iterator[Check]:
    import resource

    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    size = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    few = files != resource.RLIM_INFINITY and files < FEW_FILES
    need = context.settings.output_head + context.settings.output_tail
    small = size != resource.RLIM_INFINITY and size < need
    shown = "any number of" if files == resource.RLIM_INFINITY else str(files)
    yield Check("limits", "warn" if few else "ok", f"{shown} open files", f"ulimit -n {FEW_FILES}" if few else "")
    if small:
        yield Check("limits", "warn", f"files end at {size_text(size)}: output may be lost", "ulimit -f unlimited")


def _terminal() -> Iterator[Check]:
    try:
        for descriptor in os.openpty():
            os.close(descriptor)
    except OSError as error:
        mend = "run commands with --output pipe"
        yield Check("terminal", "warn", f"no pseudo-terminals ({error.strerror}): programs see pipes", mend)
        return
    name = os.environ.get("TERM") or "unset"
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    if encoding.replace("-", "") != "utf8":
        yield Check(
            "terminal", "warn", f"the locale says {encoding}: some names are shown as escapes", "LC_ALL=C.UTF-8"
        )
    else:
        yield Check("terminal", "ok", f"TERM is {name}, {encoding}, pseudo-terminals work")
