"""What ``kleio ship`` does, and how it tells it."""

from __future__ import annotations

import os
from contextlib import contextmanager

from kleio.connection.address import as_in_use, printable
from kleio.errors import SpoolError, UsageError
from kleio.spool.adoption import OFFLINE_ATTEMPT
from kleio.spool.closing import UNKNOWN
from kleio.trial.identity import SHORT
from kleio.trial.quoting import escaped
from kleio.units import counted, size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kleio.cli.context import Context
    from kleio.journal.contract import Journal
    from kleio.spool.recover import Opening, Recovered


def send_all(context: Context) -> list[Recovered]:
    """Send every leftover to its own journal, whichever it is, and what was set aside if that holds it now."""
    from kleio.artifacts.registry import open_blobs
    from kleio.cli.terminal.progress import progress
    from kleio.clock import SystemClock
    from kleio.spool.aside import attempts_aside, take_up
    from kleio.spool.leftover import leftovers
    from kleio.spool.recover import recover

    with journals(context) as journal_at:
        for directory in attempts_aside(context.settings.data):
            take_up(directory, journal_at)
        waiting = leftovers(context.settings.data)
        with progress(context.console, "sending", total=len(waiting), unit="attempts") as advance:
            return recover(
                _counted(waiting, advance),
                journal_at,
                lambda address: open_blobs(as_in_use(address, context.settings.journal)),
                SystemClock(),
            )


def bring_in_all(context: Context) -> list[str]:
    """Make what was set aside leftovers that are sent as what ran offline is, unless it is held now: then it is sent
    as it is. Why some stay."""
    from kleio.clock import SystemClock
    from kleio.spool.aside import attempts_aside, bring_in, take_up

    with journals(context) as journal_at:
        rest = [directory for directory in attempts_aside(context.settings.data) if not take_up(directory, journal_at)]
    return [problem for directory in rest if (problem := bring_in(directory, SystemClock()))]


def redirect_all(context: Context, address: str) -> list[str]:
    """Have what waits for the journal at ``address``, as it is printed, sent to the one in use. Why some stays.
    ``UsageError`` if nothing waits for it."""
    from kleio.clock import SystemClock
    from kleio.spool.aside import redirect

    waiting = waiting_by_journal(context)
    here = context.settings.journal
    wanted = printable(address)
    if wanted == printable(here):
        hint = "name the one that is gone; what was set aside is entered here by: kleio ship --set-aside"
        raise UsageError(f"{escaped(wanted)} is the journal in use", hint=hint)
    if wanted not in waiting:
        others = ", ".join(escaped(one) for one in waiting if one != printable(here))
        raise UsageError(
            f"nothing waits for {escaped(wanted)}", hint=f"something waits for {others}" if others else None
        )
    with journals(context) as journal_at:
        journal_at(here, create=True)  # it must answer before anything is bent towards it
        problems = [redirect(directory, here, SystemClock()) for directory in waiting[wanted]]
    return [problem for problem in problems if problem]


def waiting_by_journal(context: Context) -> dict[str, list[str]]:
    """Leftovers by the addresses of their journals, without passwords."""
    from kleio.spool.attempt.directory import read_attempt
    from kleio.spool.leftover import leftovers

    found: dict[str, list[str]] = {}
    for directory in leftovers(context.settings.data):
        try:
            found.setdefault(printable(read_attempt(directory).journal), []).append(directory)
        except SpoolError:
            continue  # it is told of as it is sent
    return found


@contextmanager
def journals(context: Context) -> Iterator[Opening]:
    """Opens journals by their addresses, each once; that in use with its password of today."""
    from kleio.journal.registry import open_journal

    opened: dict[str, Journal] = {}

    def journal_at(address: str, *, create: bool) -> Journal:
        address = as_in_use(address, context.settings.journal)
        if address not in opened:
            opened[address] = open_journal(address, create=create, on_wait=context.remark, on_made=context.tell_of_made)
        return opened[address]

    try:
        yield journal_at
    finally:
        for journal in opened.values():
            journal.close()


def _counted(directories: Sequence[str], advance: Callable[[int], None]) -> Iterator[str]:
    for directory in directories:
        yield directory
        advance(1)


def sent_line(one: Recovered) -> str:
    """One leftover for people."""
    name = f"{one.trial[:SHORT]} {_attempt(one.attempt)}" if one.trial else os.path.relpath(one.directory)
    if one.problem:
        return escaped(f"{name}: waits to be sent: {one.problem}")
    if one.status == UNKNOWN:
        return f"{name}: set aside, for its journal does not hold it"
    return f"{name}: {counted(one.records, 'record')}, {size_text(one.bytes)} sent; {one.status}"


def _attempt(number: int) -> str:
    """One that ran offline gets its number when the journal is told."""
    return f"attempt {number}" if number != OFFLINE_ATTEMPT else "(ran offline)"
