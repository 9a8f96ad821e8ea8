"""Runs a command: from an understood line to a launch request, and from its outcome to words and an exit code."""

from __future__ import annotations

import os
from contextlib import nullcontext

from kleio.cli.grammar import OPTIONS
from kleio.errors import CommandNotFound, KleioError, UsageError
from kleio.launcher.launch import launch
from kleio.launcher.link import Interrupted, die_of
from kleio.launcher.request import BranchOrder, LaunchRequest
from kleio.settings import load_settings
from kleio.spool.enclosing import with_password
from kleio.trial import status
from kleio.trial.branching import ALL_CHANGES, CODE_CHANGED, ENVIRONMENT_CHANGED
from kleio.trial.edits import check_name
from kleio.trial.identity import SHORT
from kleio.trial.quoting import escaped, quoted
from kleio.units import size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from kleio.cli.grammar import Line
    from kleio.cli.terminal.console import Console
    from kleio.journal.contract import Journal
    from kleio.launcher.request import Outcome

SIGNALLED = 128
_FLAGS = ("journal", "data", "output")


def launch_line(line: Line, console: Console) -> int:
    """Run what ``line`` asks for; returns the exit code, unless a signal ends this process as it did the command."""
    console.quiet = bool(line.options.get("quiet"))
    if "repeat" in line.options:
        from kleio.cli.running.repeating import repeat_line

        return repeat_line(line, console)
    try:
        outcome = launch(request_of(line, console))
    except CommandNotFound as error:
        if line.explicit and len(line.words) > 1 and line.words[1].startswith("-"):
            _refuse_options_behind(line, console)
        if error.hint is None and not line.explicit:
            error.hint = _meant(line.words)
        raise
    except Interrupted as interruption:
        die_of(interruption.number)
        return SIGNALLED + interruption.number
    _tell(outcome, console)
    if isinstance(outcome.failure, KleioError):
        return outcome.failure.exit_code
    if outcome.signal is not None:
        console.flush()
        die_of(outcome.signal)
        return SIGNALLED + outcome.signal
    return outcome.code or 0


def _refuse_options_behind(line: Line, console: Console) -> None:
    """``kleio run ID --allow-any-change``, if ID is a trial: the command that was not found is none."""
    from kleio.errors import JournalError, TrialAmbiguous, TrialNotFound
    from kleio.journal.registry import open_journal

    request = request_of(line, console)
    try:
        journal = open_journal(request.settings.journal, create=False)
        try:
            short = _select(journal, line.words[0])["_id"][:SHORT]
        finally:
            journal.close()
    except (JournalError, TrialAmbiguous, TrialNotFound):
        return
    words = quoted(line.words[1:])
    if line.words[1].partition("=")[0] in {name for option in OPTIONS for name in option.names}:
        raise UsageError(f"{short} is a trial; kleio's options stand before it", hint=f"kleio run {words} {short}")
    hint = f"to run it with other options: kleio branch {short} {words}"
    raise UsageError(f"{short} is a trial, and runs with the options that it has", hint=hint)


def _meant(words: tuple[str, ...]) -> str | None:
    from kleio.cli.guessing import command_meant

    close = command_meant(words)
    if close is None:
        return None
    rest = "" if close.endswith("--help") else " `kleio --help` lists kleio's own commands"
    return f"did you mean `kleio {close}`?{rest}"


def request_of(line: Line, console: Console) -> LaunchRequest:
    """The launch that ``line`` asks for."""
    options = line.options
    if line.command == "exec" and len(line.words) > 1:
        raise UsageError(
            f"`kleio exec` takes one ID, and nothing behind it: '{escaped(line.words[1])}'",
            hint=f"to run it with other options: kleio branch {escaped(line.words[0])} OPTIONS…",
        )
    flags = {key: options[key] for key in _FLAGS if key in options}
    return LaunchRequest(
        words=line.words[:1] if line.command == "branch" else line.words,
        settings=with_password(load_settings(flags, os.environ, _working_directory()), os.environ),
        select=_select,
        say=console.say,
        warn=console.warn,
        ask=asker(),
        waiting=_waiting(console),
        remark=_remark(console),
        by_id=line.command != "run",
        may_be_id=line.explicit,
        tags=_split(options.get("tags", ())),
        name=check_name(options["name"]) if options.get("name") else None,
        hide_output=bool(options.get("hide_output")),
        offline=bool(options.get("offline")),
        switch_over=bool(options.get("switch_over")),
        allow=_allowed(options),
        branch=_branch(line) if line.command == "branch" else None,
    )


def _allowed(options: Mapping[str, Any]) -> frozenset[str]:
    if options.get("allow_any"):
        return ALL_CHANGES
    wanted = {"allow_code": CODE_CHANGED, "allow_environment": ENVIRONMENT_CHANGED}
    return frozenset(change for key, change in wanted.items() if options.get(key))


def _branch(line: Line) -> BranchOrder:
    options = line.options
    names = tuple(name.lstrip("-") for name in options.get("unset", ()))
    return BranchOrder(line.words[1:], names, options.get("timestamp"), not options.get("no_run"))


def _working_directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        raise KleioError("the working directory does not exist any more", hint="cd to another one") from error


def _split(texts: tuple[str, ...]) -> tuple[str, ...]:
    words = (word.strip() for text in texts for word in text.split(";"))
    return tuple(dict.fromkeys(word for word in words if word))


def _select(journal: Journal, word: str) -> Mapping[str, Any]:
    from kleio.analysis.query import select_document

    return select_document(journal, word)


def asker() -> Callable[[str], str] | None:
    """How to get a secret from the user; ``None`` if there is no terminal."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return None

    def ask(prompt: str) -> str:
        from getpass import getpass

        return getpass(f"kleio: {prompt}")

    return ask


def _waiting(console: Console) -> Callable[[str, float], AbstractContextManager[None]]:
    def waiting(text: str, seconds: float) -> AbstractContextManager[None]:
        if not console.talks_to_terminal:
            return nullcontext()
        from kleio.cli.terminal.progress import remark_after

        return remark_after(console, text, patience=seconds)

    return waiting


def _remark(console: Console) -> Callable[[str], None]:
    def tell(text: str) -> None:
        from kleio.cli.terminal.progress import remark

        remark(console, text)

    return tell


def _tell(outcome: Outcome, console: Console) -> None:
    short = outcome.trial[:SHORT]
    if isinstance(outcome.failure, KleioError):
        console.fail(outcome.failure.message, outcome.failure.hint)
    elif outcome.status in (status.SUSPENDED, status.INTERRUPTED):
        console.say(f"trial {short} is {outcome.status} ({outcome.why}); resume it with the same command, or with:")
        console.say(f"  kleio run {short}")
    elif outcome.status == status.BROKEN:
        from kleio.launcher.decision.refusal import way_again

        console.say(f"trial {short} is broken ({outcome.why}); see `kleio cat --stderr {short}`,")
        console.say(f"  and run it again with: {way_again(outcome.refers)}")
    elif outcome.status == status.FAILOVER:
        console.warn(f"trial {short}: {outcome.why}")
    if outcome.cut:
        console.warn(
            f"{size_text(outcome.cut)} in the middle of the output of trial {short} were not kept: "
            "the settings output_head and output_tail say how much is"
        )
    if outcome.lost:
        console.warn(
            f"the disk refused {outcome.lost} bytes of the output of trial {short}: they are counted, not recorded; "
            "`kleio doctor` shows the free space"
        )
    if outcome.losses:
        console.warn(f"trial {short} is incomplete: {escaped(outcome.losses)} (`kleio info {short}` says so, too)")
    if outcome.aside:
        console.warn(
            f"the journal does not hold trial {short} any more, it was deleted or replaced: what was recorded is set "
            "aside; see `kleio ship`, or enter it with: kleio ship --set-aside"
        )
    if outcome.pending:
        console.warn(
            f"the journal could not be told everything in time: {outcome.pending} bytes of trial {short} are kept "
            "in the spool and sent by the next kleio command"
        )
