"""Long results on a terminal go through a pager, as git's do; results for files and pipes never.

``KLEIO_PAGER``, else ``PAGER``, else ``less``; an empty one, ``cat`` or ``--no-pager`` mean none. ``less`` gets
``-FRX`` unless ``LESS`` says otherwise: it leaves what fits the screen where it is, and lets colours and links pass.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from subprocess import Popen

    from kleio.cli.terminal.console import Console

DEFAULT = "less"
LESS = "FRX"


def pager_of(environ: Mapping[str, str]) -> str | None:
    """The pager's command as a shell runs it; ``None`` for none."""
    wanted = environ.get("KLEIO_PAGER", environ.get("PAGER", DEFAULT)).strip()
    if wanted in ("", "cat") or environ.get("TERM") == "dumb":
        return None
    from shutil import which

    return wanted if which(wanted.split()[0], path=environ.get("PATH")) else None


def page(console: Console, environ: Mapping[str, str], lines: Iterable[str], wanted: bool = True) -> None:
    """Show lines, through the pager if the results of ``console`` go to a terminal and it has one.

    A reader who leaves early ends the command quietly.
    """
    command = pager_of(environ) if wanted and console.is_terminal else None
    if command is None:
        _show(console, lines)
        return
    import subprocess

    pager = subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE, env={"LESS": LESS, **environ})
    assert pager.stdin is not None
    undo = console.redirect(os.fdopen(os.dup(pager.stdin.fileno()), "w", encoding="utf-8", errors="backslashreplace"))
    pager.stdin.close()
    try:
        _show(console, lines)
        console.flush()
    except BrokenPipeError:
        pass  # whoever read has seen enough
    finally:
        undo()
        _wait(pager)


def _show(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.line(line)


def _wait(pager: Popen[bytes]) -> None:
    """Until it ends; Ctrl-C is for the pager, which decides what it means."""
    while True:
        try:
            pager.wait()
            return
        except KeyboardInterrupt:
            continue
