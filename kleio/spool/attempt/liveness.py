"""Whether the launcher that holds a trial still lives, judged without writing anything (RELIABILITY 4.3).

In this order: on this host the kernel knows (locks that it releases at any death, in the spool directory; before there
is one, the process itself); after a reboot nobody lives; elsewhere, whoever only looks (:meth:`Observer.current`)
takes a heartbeat older than ten leases, both by the journal's clock, for death. Whoever wants to act on it watches
(:func:`watch`): a document that nobody changed for a whole lease, on this machine's monotonic clock. So no clock that
somebody set, on whatever machine, makes a living launcher dead.
"""

from __future__ import annotations

import os

from kleio.spool.attempt.directory import place_of
from kleio.spool.attempt.locks import launcher_alive, supervisor_alive
from kleio.spool.attempt.processes import parent_of
from kleio.spool.attempt.story import story
from kleio.trial import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from kleio.clock import Clock
    from kleio.journal.contract import Journal

LEASES = 10
_DEAD = ("Z", "X")
"""States of a process that has ended: in a container nobody may ever collect it."""
DEFAULT_LEASE = 120.0
TO_COME = 5.0
"""Seconds by which the clocks of a journal's servers may differ."""
LOOK = 5.0
"""Seconds between two looks at a trial that is watched."""


class Observer:
    """Looks at holders from one host; asks the journal for its time at most once."""

    def __init__(self, journal: Journal, host: str | None = None, boot_id: str | None = None) -> None:
        self._journal = journal
        self._host = os.uname().nodename if host is None else host
        self._boot_id = boot_id if boot_id is not None else _read("/proc/sys/kernel/random/boot_id").strip()
        self._now: float | None = None

    def current(self, document: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
        """The document, its status as of now, and the evidence if that is a derived ``failover``."""
        evidence = self._death(document)
        if evidence:
            # It may have ended in order between our reading the document and our looking at its locks.
            latest = self._journal.trial(document["_id"]) or document
            if latest.get("rvn") == document.get("rvn"):
                return document, status.FAILOVER, evidence
            document = latest
        return document, str(document["status"]), ""

    def judge(self, document: Mapping[str, Any]) -> tuple[bool | None, str]:
        """Whether the holder of a held trial is dead, and how one knows. ``None``: only watching could tell."""
        holder = document.get("holder") or {}
        if holder.get("host") == self._host:
            if self._boot_id and holder.get("boot_id") and holder["boot_id"] != self._boot_id:
                return True, f"{self._host} was rebooted{_end_told(document)}"
            alive = _alive_here(document, holder)
            if alive is not None:
                said = (_outlived(document) or "lives") if alive else f"is gone{_end_told(document)}"
                return not alive, f"its launcher on {self._host} {said}"
        return None, f"last heartbeat {self.silence(document):.0f} s ago, from {holder.get('host', 'nowhere')}"

    def silence(self, document: Mapping[str, Any]) -> float:
        """Seconds since the trial's last heartbeat, by the journal's clock."""
        return max(0.0, self._journal_time() - float(document.get("hb") or 0.0))

    def may_be_silent(self, document: Mapping[str, Any]) -> bool:
        """Whether the trial's holder has said nothing for a lease; or nobody can tell, for its last heartbeat bears a
        time that is yet to come: the journal's clock was set back since."""
        age = self._journal_time() - float(document.get("hb") or 0.0)
        return age >= lease_of(document) or age < -TO_COME

    def _death(self, document: Mapping[str, Any]) -> str:
        """Why the holder must be dead; empty if it lives or nobody holds the trial."""
        if document["status"] not in status.HELD:
            return ""
        dead, evidence = self.judge(document)
        if dead is not None:
            return evidence if dead else ""
        silence = self.silence(document)
        return f"no heartbeat for {silence:.0f} s" if silence > LEASES * lease_of(document) else ""

    def _journal_time(self) -> float:
        if self._now is None:
            self._now = self._journal.ping().now
        return self._now


def lease_of(document: Mapping[str, Any]) -> float:
    """Seconds for which a launcher may be silent."""
    return float((document.get("holder") or {}).get("lease") or DEFAULT_LEASE)


def watch(
    journal: Journal,
    documents: Iterable[Mapping[str, Any]],
    clock: Clock,
    wait: Callable[[float], None],
    *,
    leases: float = 1.0,
) -> dict[str, str]:
    """Watch held trials for so many of their leases. Those that nobody touched: id → evidence.

    A trial that moves on is let go at once; all are watched at the same time.
    """
    began = clock.monotonic()
    watched = {document["_id"]: document for document in documents}
    dead = {}
    while watched:
        passed = clock.monotonic() - began
        for trial, before in list(watched.items()):
            latest = journal.trial(trial)
            if latest is None or latest["rvn"] != before["rvn"]:
                del watched[trial]
            elif passed >= leases * lease_of(before):
                dead[trial] = f"no heartbeat for {passed:.0f} s while it was watched"
                del watched[trial]
        if watched:
            left = min(leases * lease_of(document) for document in watched.values()) - passed
            wait(max(0.0, min(LOOK, left)))
    return dead


def _alive_here(document: Mapping[str, Any], holder: Mapping[str, Any]) -> bool | None:
    """Whether a holder of this host and boot lives; ``None`` if this user cannot tell."""
    for _ in range(2):  # the spool may have been made while we asked for the process that made it
        directory = place_of(document)
        if directory is not None:
            try:
                return launcher_alive(directory)
            except OSError:
                return None  # another user's spool
        front = process_lives(holder)
        if front is not False:
            return front
    return False


def held_by(document: Mapping[str, Any]) -> str:
    """Where a held trial runs, and a process that takes care of it there: its supervisor, if its launcher was killed
    on this machine."""
    holder = document.get("holder") or {}
    host = str(holder.get("host") or "another host")
    outlived = _outlived(document) if host == os.uname().nodename else ""
    return f"{host} (its launcher {outlived})" if outlived else f"{host}, process {holder.get('pid', '?')}"


def _outlived(document: Mapping[str, Any]) -> str:
    """What became of a launcher of this machine whose process is gone while its attempt is cared for; else empty."""
    directory = place_of(document)
    try:
        if directory is None or process_lives(document["holder"]) is not False or not launcher_alive(directory):
            return ""
        start = story(directory).start if supervisor_alive(directory) else None
    except OSError:
        return ""  # another user's spool
    supervisor = parent_of(int(start["pid"])) if start else None
    if supervisor is None:
        return "died, and what it left is taken care of"
    return f"died, and its supervisor, process {supervisor}, takes care of it"


def _end_told(document: Mapping[str, Any]) -> str:
    """How its command ended, if that waits on this machine until the journal can be told."""
    directory = place_of(document)
    try:
        end = story(directory).exit if directory is not None else None
    except OSError:
        return ""
    return f"; its end waits to be sent: {end['status']}, {end['why']}" if end else ""


def process_lives(holder: Mapping[str, Any]) -> bool | None:
    """Whether the launcher that holds a trial lives on this machine; ``None`` if its pid is not known."""
    pid, ticks = holder.get("pid"), holder.get("start_ticks")
    if not pid:
        return None
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if not fields or fields[0] in _DEAD:
        return False
    return not ticks or fields[19] == str(ticks)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
