"""``kleio run --repeat N``: one command as N trials, run one after the other, each like any other trial.

The first is the command's own trial, the others are its repetitions, as ``kleio save --branch-original --tags
repeat-2`` registers them. So the same line again goes on where it was stopped, and a larger N adds to what is there.
"""

from __future__ import annotations

from kleio.cli.grammar import OPTIONS
from kleio.cli.options import split_tags
from kleio.cli.running.processes import GLOBAL, PASSED_ON, SIGNALLED, Launcher, spelled
from kleio.errors import TrialCompleted, UsageError
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.grammar import Line
    from kleio.cli.terminal.console import Console
    from kleio.launcher.registration.saving import Registrar

MOST = 10_000
TAG = "repeat-{}"


def repeat_line(line: Line, console: Console) -> int:
    """Run what ``line`` asks for; the exit code of the first trial that does not complete."""
    from kleio.cli.context import Context
    from kleio.clock import SystemClock
    from kleio.launcher.registration.saving import Registrar

    wanted = _count(line)
    context = Context(console, {key: line.options.get(key) for key in ("journal", "data")})
    try:
        journal = context.writable_journal()
        trials = _register(Registrar(journal, context.settings, SystemClock(), context.cwd), line, wanted)
        launcher = Launcher(_options(line))
        ran = 0
        for number, trial in enumerate(trials, 1):
            if (journal.trial(trial) or {}).get("status") == status.COMPLETED:
                continue
            console.say(f"run {number} of {wanted}:")
            launcher.run(trial)
            ran += 1
            if launcher.stopped_by is not None:
                return SIGNALLED + launcher.stopped_by
            if launcher.code:
                return launcher.code
        if not ran:
            raise TrialCompleted(
                f"all {wanted} trials of this command are completed: {' '.join(trial[:7] for trial in trials)}",
                hint=f"one more: kleio run --repeat {wanted + 1} and the same command",
            )
    finally:
        context.close()
    return 0


def _count(line: Line) -> int:
    text = str(line.options["repeat"])
    if line.command != "run":
        raise UsageError("--repeat is for a command, not for an ID", hint="kleio run --repeat N COMMAND ARGUMENTS…")
    if line.options.get("offline"):
        raise UsageError("--repeat needs the journal, and cannot be --offline")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise UsageError(f"--repeat takes a number from 1 to {MOST}, not {text!r}")
    return int(text)


def _register(registrar: Registrar, line: Line, wanted: int) -> list[str]:
    """The ids of the command's trial and its repetitions, registered if they were not yet."""
    tags = split_tags(";".join(line.options.get("tags", ())))
    first = registrar.save(line.words, tags=tags, name=line.options.get("name"))
    others = [registrar.repeat(line.words, tags=(TAG.format(number),), more=tags) for number in range(2, wanted + 1)]
    return [first.trial, *(one.trial for one in others)]


def _options(line: Line) -> list[str]:
    """What each launch is told of the line's options."""
    passed = {option.key for option in PASSED_ON} | {*GLOBAL, "switch_over"}
    return [word for option in OPTIONS if option.key in passed for word in spelled(option, line.options)]
