"""The debugger of ``kleio pdb``: on a recorded trial, or on its script run once more in the code that it had."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile

from kleio.checkout.recorded import recorded_code
from kleio.cli.reproducing.checkouts import check_out, reader, tell
from kleio.errors import CommandNotFound, SecretNeeded, TrialRefused
from kleio.spool.handshake import ATTEMPT, PROTOCOL_VARIABLE, SPOOL, TRIAL_ID
from kleio.trial.quoting import escaped, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context

WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")
"""Options of the interpreter that take the next word."""
PYTHONS = ("python", "pypy")


def prompt(context: Context, word: str) -> None:
    """The debugger's prompt with ``trial`` and ``trials``, on a journal that refuses to be written."""
    import pdb
    from bdb import BdbQuit

    from kleio.analysis.query import Trials
    from kleio.analysis.readonly import ReadOnly, read_only
    from kleio.spool.attempt.directory import spool_roots

    spools = tuple(spool_roots(context.settings.data, context.environ))
    trials = Trials(read_only(context.journal), ReadOnly(context.blobs), spools)
    trial = trials.get(context.select(word).id)
    context.console.say("`trial` and `trials` are loaded, for reading; q leaves")
    debugger = pdb.Pdb(readrc=False)
    names = {"__name__": "__kleio__", "trial": trial, "trials": trials}
    try:
        debugger.run(compile("trial, trials", "<kleio pdb>", "exec"), names)
    except BdbQuit:
        pass


def rerun_under_debugger(
    context: Context, trial: Trial, attempt: int | None, *, onward: bool, fetch: bool, links: Sequence[str]
) -> int:
    """Run the trial's Python script under pdb in a temporary checkout; the exit code is the debugger's."""
    if trial.document.get("secrets"):
        raise SecretNeeded(
            f"the command of trial {trial.short_id} holds secrets, which were not recorded",
            hint=f"kleio checkout {trial.short_id} DIRECTORY, and debug it there with the secrets",
        )
    # A terminal that goes away shall not leave the checkout behind.
    before = {number: signal.signal(number, _leave) for number in (signal.SIGHUP, signal.SIGTERM)}
    above = tempfile.mkdtemp(prefix="kleio-pdb-")
    try:
        code = recorded_code(context.journal, trial.document, attempt)
        made = check_out(context, code, os.path.join(above, "code"), reader(context), fetch=fetch, links=links)
        tell(context.console, made)
        argv = debugged(trial.argv, made.directory, onward=onward)
        context.console.say(f"nothing of this is recorded: {quoted(argv)} in {made.directory}")
        return _run(argv, made.directory, context)
    finally:
        shutil.rmtree(above, ignore_errors=True)
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _: object) -> None:
    sys.exit(128 + number)


def debugged(argv: Sequence[str], directory: str, *, onward: bool) -> list[str]:
    """The command that runs the Python script of ``argv`` under pdb. ``TrialRefused`` if there is none."""
    debugger = ["-m", "pdb", *(["-c", "continue"] if onward else [])]
    interpreter = _interpreter(argv[0], directory)
    if interpreter is None:
        raise TrialRefused(
            f"{escaped(quoted(argv[:3]))} is no Python script: pdb cannot run it",
            hint="kleio checkout ID writes its code, to be debugged there",
        )
    if not os.path.basename(argv[0]).startswith(PYTHONS):
        return [*interpreter, *debugger, *argv]
    position = 1
    while position < len(argv) and argv[position].startswith("-") and argv[position] not in ("-m", "-c", "-", "--"):
        position += 2 if argv[position] in WITH_VALUE else 1
    script = argv[position] if position < len(argv) else "-"
    if script in ("-c", "-"):
        raise TrialRefused("pdb runs a script or a module, not code from the command line or from stdin")
    return [*argv[:position], *debugger, *argv[position:]]


def _interpreter(program: str, directory: str) -> list[str] | None:
    """The program itself if it is Python, or that of the first line of a script."""
    if os.path.basename(program).startswith(PYTHONS):
        return [program]
    try:
        with open(os.path.join(directory, program), "rb") as file:
            first = file.readline(200)
    except OSError:
        return None
    words = os.fsdecode(first[2:]).split() if first.startswith(b"#!") else []
    if len(words) > 1 and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if word != "-S"]
    return words if words and os.path.basename(words[0]).startswith(PYTHONS) else None


def _run(argv: Sequence[str], directory: str, context: Context) -> int:
    """The debugger has the terminal, and Ctrl-C is for it."""
    own = (TRIAL_ID, ATTEMPT, SPOOL, PROTOCOL_VARIABLE)  # of a command of kleio's around this one
    environment = {name: value for name, value in context.environ.items() if name not in own}
    sys.stdout.flush()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(
            argv, cwd=directory, env=environment, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        )
        return process.wait()
    except OSError as error:
        raise CommandNotFound(f"{escaped(argv[0])} cannot be run: {error.strerror}") from None
    finally:
        signal.signal(signal.SIGINT, before)
