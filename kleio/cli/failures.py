"""How a command ends: an exception becomes a message, a hint and an exit code; never a traceback.

====================================  =====================================================
expected (``KleioError``)             its message, its hint, its own exit code
the line that was typed               2
Ctrl-C                                130
a disk is full                        125
the reader of stdout went away        141, silently, as ``cat`` would (128 + SIGPIPE)
anything else is a bug in kleio       3, and a log file that the message names
====================================  =====================================================
"""

from __future__ import annotations

import errno
import os
import sys

from kleio.errors import KleioError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kleio.cli.terminal.console import Console

EXIT_BUG = 3
EXIT_FULL = KleioError.exit_code
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141


def guarded(call: Callable[[], int | None], console: Console) -> int:
    """Run ``call`` and return the exit code: its own (``None`` is 0), or that of the exception it raised."""
    try:
        return call() or 0
    except KleioError as error:
        console.fail(error.message, error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return EXIT_PIPE
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except Exception as error:  # noqa: BLE001 - the last handler: a bug must not end in a traceback
        code = _click_code(error, console)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            name = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else "the output"
            console.fail(f"{name} cannot be written: {error.strerror}")
            return EXIT_FULL
        return _report_bug(error, console) if code is None else code


def _forget_stdout() -> None:
    """Let Python's last flush go nowhere instead of failing once more."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        pass  # stdout is closed or not a file: nothing will be flushed to it


def _click_code(error: Exception, console: Console) -> int | None:
    """The exit code if click raised ``error``. Does not import click: the launch path has none."""
    click = sys.modules.get("click.exceptions")
    if click is None:
        return None
    if isinstance(error, click.Exit):
        return int(error.exit_code)
    if isinstance(error, click.Abort):
        return EXIT_INTERRUPTED
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "kleio"
        console.fail(" ".join(error.format_message().split()), f"see `{path} --help`{_other_reading(path, error)}")
        return EXIT_USAGE
    return None


def _other_reading(path: str, error: Exception) -> str:
    """A program may have the name of the command whose argument is missing."""
    name = path.rpartition(" ")[2]
    if type(error).__name__ != "MissingParameter" or path != f"kleio {name}":
        return ""
    from shutil import which

    return f"; to record the program {name}: kleio -- {name} ARGUMENTS…" if which(name) else ""


def _report_bug(error: Exception, console: Console) -> int:
    path = _write_log(error)
    where = f"the details are in {path}" if path else "no log file could be written"
    console.fail(
        f"this is a bug in kleio ({type(error).__name__}); {where}",
        "please report it with that file; `kleio doctor` may show what is unusual here",
    )
    return EXIT_BUG


def _write_log(error: Exception) -> str | None:
    """Write what a developer needs to a private file. Returns its path, or ``None`` if no place takes it."""
    import tempfile
    import time
    import traceback

    report = "\n".join([*_versions(), "", "".join(traceback.format_exception(error))])
    for directory in _log_directories():
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
            # mkstemp: 0600 whatever the umask, and never through a link that somebody planted
            descriptor, path = tempfile.mkstemp(time.strftime("-%Y%m%dT%H%M%S.log"), "bug-", directory)
            with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(_without_passwords(report))
            return path
        except OSError:
            continue
    return None


def _versions() -> list[str]:
    """What runs here. Of the command line only its first word: the rest may hold secrets."""
    import platform
    import sqlite3

    from kleio import __version__

    libraries = [
        f"{name} {getattr(sys.modules[name], '__version__', '?')}"
        for name in ("pymongo", "git", "psutil", "rich", "yaml")
        if name in sys.modules
    ]
    return [
        f"kleio {__version__}, Python {platform.python_version()} ({sys.executable})",
        f"{platform.platform()}, SQLite {sqlite3.sqlite_version}",
        f"loaded: {', '.join(libraries) or 'no third-party library'}",
        f"first word: {sys.argv[1] if len(sys.argv) > 1 else '(none)'}",
    ]


def _log_directories() -> list[str]:
    import tempfile

    from kleio.settings import load_settings

    try:
        return [os.path.join(load_settings({}, os.environ, os.getcwd()).data, "logs"), tempfile.gettempdir()]
    except (KleioError, OSError):
        return [tempfile.gettempdir()]


def _without_passwords(text: str) -> str:
    import re

    return re.sub(r"(\w://)[^\s/@]*@", r"\1", text)
