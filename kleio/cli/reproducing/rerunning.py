"""Runs trials in checkouts of their recorded code: ``rerun``, ``verify`` and ``work --isolated``.

The launch is a process of its own, started in the checkout, so that everything kleio does there is what it does for a
user who types the command there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from kleio.checkout.recorded import recorded_code
from kleio.checkout.room import Room
from kleio.cli.grammar import OPTIONS
from kleio.cli.reproducing.checkouts import check_out, reader, tell
from kleio.cli.running.processes import PROGRAM, spelled
from kleio.dataclass import dataclass
from kleio.errors import CheckoutFailed, SecretNeeded
from kleio.launcher.registration.rerunning import register_rerun
from kleio.trial import status
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from kleio.checkout.make import Checkout
    from kleio.checkout.recorded import RecordedCode
    from kleio.cli.context import Context

RESUMABLE = (status.SUSPENDED, status.INTERRUPTED, status.FAILOVER)
FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


@dataclass(frozen=True)
class RerunOrder:
    """How a trial is to be run again."""

    tags: tuple[str, ...] = ()
    name: str | None = None
    attempt: int | None = None
    fetch: bool = False
    links: tuple[str, ...] = ()
    keep: bool = False
    output: str | None = None
    hide_output: bool = False
    why: str = "rerun"


@dataclass(frozen=True)
class Rerun:
    """What came of it: the new trial as it is now, the exit code of the launch (negative: its signal), the checkout's
    top, which may be gone by now."""

    document: Mapping[str, Any]
    code: int
    root: str


def rerun(context: Context, original: Mapping[str, Any], order: RerunOrder) -> Rerun:
    """Run the command of a trial once more, on its own code, in a checkout that is removed afterwards.

    One that can be resumed stays where it is, as does any with ``keep``.
    """
    from kleio.cli.running.launching import asker
    from kleio.clock import SystemClock

    if original["secrets"] and asker() is None:
        raise SecretNeeded(
            f"the command of trial {original['_id'][:7]} holds secrets, which are not recorded",
            hint="run it again from a terminal, where kleio can ask for them",
        )
    journal = context.writable_journal()
    with Room(context.settings, original["_id"], original["project"]["name"].replace("/", "-")) as room:
        code = recorded_code(journal, original, order.attempt)
        checkout = exact_checkout(
            context, code, room, reader(context), fetch=order.fetch, links=order.links
        )  # fmt: skip
        document = register_rerun(
            journal, original, SystemClock(), tags=order.tags, name=order.name, why=order.why
        )  # fmt: skip
        options = launch_options(context, {"output": order.output, "hide_output": order.hide_output})
        ended = launch_there(document["_id"], checkout.directory, options)
        document = journal.trial(document["_id"]) or document
        if document["status"] == status.NEW:  # it was refused before it began: nobody shall wonder what it is
            journal.delete_trial(document["_id"])
        elif order.keep or document["status"] in RESUMABLE:
            room.keep()
            context.console.say(f"the checkout stays in {escaped(checkout.directory)}")
            if document["status"] in RESUMABLE:
                context.console.say(f"  go on there with: kleio run {document['_id'][:7]}")
    return Rerun(document, ended, checkout.root)


def exact_checkout(
    context: Context,
    code: RecordedCode,
    room: Room,
    read: Callable[[str], bytes],
    *,
    fetch: bool = False,
    links: Sequence[str] = (),
) -> Checkout:
    """A checkout in a room that holds exactly this code; refused if that cannot be had, or would not be what runs."""
    checkout = check_out(context, code, room.path, read, fetch=fetch, links=links, around=room.directory)
    if not checkout.complete:
        tell(context.console, checkout)
        raise CheckoutFailed(
            f"the code of {code.name} cannot be restored exactly: it is not run",
            hint=f"mend what differs, and run it there: kleio checkout {code.trial[:7]} DIRECTORY",
        )
    outside = _code_outside(code, checkout)
    if outside:
        raise CheckoutFailed(
            f"the command of {code.name} names {escaped(outside)}: in a checkout it would still run that file, "
            "not the recorded one",
            hint="a command that names its files relative to its directory can be run elsewhere",
        )
    return checkout


def _code_outside(code: RecordedCode, checkout: Checkout) -> str | None:
    """A word of the command that is the absolute path of code in the tree where the trial ran."""
    root = str(code.project.get("root") or "")
    for word in code.argv:
        path = word.partition("=")[2] if word.startswith("-") else word
        if root and path.startswith(f"{root}/"):
            here = os.path.join(checkout.root, path[len(root) + 1 :])
            if os.path.isfile(here) and not os.path.islink(here):
                return path
    return None


def launch_options(context: Context, values: Mapping[str, Any]) -> list[str]:
    """The words of options that a launch elsewhere gets: what was typed, and the data directory as it is seen here."""
    more = {**context.flags, "quiet": context.console.quiet, "data": context.settings.data}
    return [word for option in OPTIONS for word in spelled(option, {**values, **more})]


def launch_there(trial: str, directory: str, options: Sequence[str], *, stdin: int | None = None) -> int:
    """Run a trial by its id in a directory. Returns the exit code, negative for a signal.

    Ctrl-C reaches the launch by itself; a signal sent to this process alone is passed on.
    """
    words = [sys.executable, "-c", PROGRAM, "exec", *options, trial]
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *FORWARDED)}
    process: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, _: object) -> None:
        if number != signal.SIGINT and process is not None:
            process.send_signal(number)

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, pass_on)
    try:
        process = subprocess.Popen(words, stdin=stdin, cwd=directory, env={**os.environ, "PWD": directory})
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
