"""The spool's record file: what :meth:`SpoolWriter.append` returned from survives the death of every process.

One file per writing process, so that nobody shares a lock::

    <spool>/<trial>/<attempt>-<owner>/<host>-<boot>-<pid>-<n>.ksp       created O_EXCL|O_APPEND, mode 0600

Grammar, version 1 (all ASCII; a person can read it, and so can ``grep``)::

    file    = header *record [torn]
    header  = "kleio-spool 1 " salt " " salt LF          exactly 80 bytes; two copies, so that one may be damaged
    salt    = 32 HEXDIG                                  16 random bytes, lower case
    record  = crc " " seq " " payload LF                 written by exactly one write(2)
    crc     = 8 HEXDIG                                   CRC-32 (zlib) of the 16 salt bytes, seq, " " and payload
    seq     = 1*DIGIT                                    0, 1, 2 …: a missing number is a lost record
    payload = JSON object on one line, at most 1 MiB, everything outside ASCII escaped:
              {"t": wall clock, "s": stream, "b": body}
              the clock in microseconds since 1970-01-01 UTC, an integer
    torn    = the beginning of a record, without LF

    kleio-spool 1 00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff
    9d3c61f4 0 {"t":1700000000500000,"s":"statistics","b":{"epoch":1,"loss":0.5}}

The checksum finds damage and zero-filled tails; the salt makes blocks of an older file fail; contiguous numbers make a
hole visible; the line feed lets a reader find the next record. What a body may hold is the grammar of
:mod:`kleio.spool.records.values`. Streams that a client writes: ``statistics`` (the body is name → value),
``artifacts`` (:mod:`kleio.spool.blobs`), ``resources`` (:mod:`kleio.client.resources`), ``resume``
(:mod:`kleio.spool.records.restoration`) and ``writer`` (:mod:`kleio.spool.records.writers`). Readers skip streams and
members that they do not know.

A client in another language, in full::

    spool = getenv("KLEIO_SPOOL")                      # unset: not started by kleio, print instead
    salt  = 16 random bytes
    fd    = open(spool "/" host "-" boot "-" pid "-0.ksp", O_WRONLY|O_CREAT|O_EXCL|O_APPEND|O_CLOEXEC, 0600)
    write(fd, "kleio-spool 1 " hex(salt) " " hex(salt) "\\n")
    seq   = 0
    log(body):
        data = seq " " {"t": wall(), "s": "statistics", "b": body}
        line = hex8(crc32(salt data)) " " data "\\n"
        if write(fd, line) == length(line): seq += 1
        else: ftruncate(fd, the length before)

Two levels: *kept* (``append`` returned: survives any process death) and *durable* (``durable=True`` or ``sync``:
survives power loss). The launcher's side syncs all files once a second, so that a script need never wait for a disk.
"""

from __future__ import annotations

import atexit
import errno
import os
from _thread import RLock

from kleio.clock import SystemClock
from kleio.spool.interruption import raised_by_handler
from kleio.spool.records.file import RESERVE, SpoolFile, default_stem
from kleio.spool.records.jsonline import encode
from kleio.spool.records.writers import WRITER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from kleio.clock import Clock

LOST = "lost"
"""The stream in which a writer says what it could not write: ``{"records", "bytes", "why"}``."""
CHECK_EVERY = 5.0
"""Seconds between two looks at whether the file is still there."""
FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = "the script closed the descriptor of the spool file"


class SpoolWriter:
    """Appends records for this process. Threads may share one; after a fork the child gets a file of its own.

    It never raises ``OSError``: records that the disk refuses are counted, and the count is written as soon as the
    disk takes records again, at the latest when the interpreter ends. A signal handler that logs while its own thread
    is in ``append`` is queued.
    """

    def __init__(
        self,
        directory: str,
        name: str | None = None,
        clock: Clock | None = None,
        about: Callable[[], Mapping[str, int]] | None = None,
    ) -> None:
        """The file is created by the first record. ``name`` is made of host, boot and process unless given.

        What ``about`` returns, unless it is empty, is written in front of that (:mod:`kleio.spool.records.writers`).
        """
        clock = clock or SystemClock()
        self.directory = directory
        self._about = about
        self._wall, self._monotonic = clock.wall, clock.monotonic
        self._asked = name
        self._lock = RLock()
        self._file: SpoolFile | None = None
        self._waiting: list[tuple[str, str]] = []
        self._leaves = False
        self._begin()
        _writers.append(self)

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._look_at = 0.0
        self._busy = False
        self.lost = 0
        """Records that could not be written and that the file does not tell of yet."""
        self.refused = False
        """Whether the latest record was not kept."""
        self._lost_bytes = 0
        self._remark = ""
        self.failure: OSError | None = None
        """Why the latest record was not written, or not durable."""

    @property
    def name(self) -> str:
        """The name of the file, which is the segments' ``writer``; empty until there is one."""
        return self._file.name if self._file else ""

    def append(self, stream: str, body: Any, durable: bool = False) -> int | None:
        """Write one record of plain JSON values. Its sequence number, or ``None`` if that (or durability) failed."""
        return self.append_json(stream, encode(body), durable)

    def append_json(self, stream: str, body: str, durable: bool = False) -> int | None:
        """The same for a body that is one line of ASCII JSON already."""
        with self._lock:
            if self._busy:
                self._waiting.append((stream, body))
                return -1
            try:
                self._busy = True
                moment = self._monotonic()
                file = self._file
                if file is None or durable or moment > self._look_at:
                    file = self._prepare(moment)
                sequence = file.write(stream, body, self._wall())
            except OSError as error:
                if raised_by_handler(error):
                    raise
                again = self._again(error, stream, body)
                if again is None:
                    return None
                sequence = again
            finally:
                self._busy = False
                if self._waiting:
                    self.append_json(*self._waiting.pop(0))
            return sequence if not durable or self.sync() else None

    def _again(self, error: OSError, stream: str, body: str) -> int | None:
        """A record that could not be written is lost, unless the file was only closed by the script."""
        try:
            if error.errno != errno.EBADF:
                raise error
            self._give_up(_CLOSED)
            return self._prepare(self._monotonic()).write(stream, body, self._wall())
        except OSError as final:
            self.lose(final, len(body))
            return None

    def append_surely(self, stream: str, body: Any, reserve: str) -> int | None:
        """A durable record for which the file ``reserve`` is given up when the disk is full."""
        try:
            os.makedirs(self.directory, mode=0o700, exist_ok=True)  # somebody may have removed it
        except OSError:
            pass  # or put something else in its place; the record is lost, and its sender lives on
        before = self.lost, self._lost_bytes, self._remark
        sequence = self.append(stream, body, durable=True)
        if sequence is None and self.failure and self.failure.errno in FULL and os.path.exists(reserve):
            os.unlink(reserve)
            self.lost, self._lost_bytes, self._remark = before
            sequence = self.append(stream, body, durable=True)
        return sequence

    def sync(self) -> bool:
        """Make everything written so far durable. False if the disk refuses."""
        if self._pid != os.getpid():
            self.forked()
        with self._lock:
            try:
                if self._file:
                    self._file.sync()
            except OSError as error:
                self.failure = error
                self._give_up(f"{self.name} could not be made durable: {error.strerror}")
                return False
            return True

    def close(self) -> None:
        """Let go of the file. A later record starts another one."""
        with self._lock:
            if self._file:
                self._file.close()
            self._file = None
        if self in _writers:
            _writers.remove(self)

    def forked(self) -> None:
        """In the child of a fork: no lock of a thread that is not there, no file and no losses of the parent."""
        self._lock = RLock()
        self._waiting = []
        if self._file:
            self._file.close()
        self._file = None
        self._begin()

    def lose(self, error: OSError, size: int) -> None:
        """Count a record that cannot be written; the next one that can tells of it."""
        self.failure, self.refused = error, True
        self.lost += 1
        self._lost_bytes += size
        self._remark, self._look_at = error.strerror or str(error), 0.0
        if error.errno == errno.ESTALE:
            self._give_up(self._remark)

    def own_up(self) -> None:
        """Write what was lost, if the file takes that now: no other record may come, nor a regular end."""
        with self._lock:
            if self._busy:
                return
            try:
                self._prepare(self._monotonic())
            except OSError:
                return
            self.refused, self._look_at = True, 0.0

    def _leave(self) -> None:
        """At the end of the interpreter: look once more whether the file is there, and tell of losses that no later
        record told of. On a full disk half of the reserve is given up for that; the rest is the exit record's.

        Nothing may be imported here: a module that compiles text (``dataclasses``) makes Python forget that Ctrl-C
        ended the script, and then it exits with 1 instead of dying of the signal.
        """
        reserve = os.path.join(self.directory, RESERVE)
        for again in (True, False):
            try:
                if self._remark or self._file:
                    self._prepare(self._monotonic())
                return
            except OSError as error:
                if not again or error.errno not in FULL or not os.path.exists(reserve):
                    return
                os.truncate(reserve, os.path.getsize(reserve) // 2)

    def _give_up(self, remark: str) -> None:
        """Leave the file as it is and start another with the next record."""
        if self._file:
            self._file.close()
        self._file, self._remark = None, remark

    def _prepare(self, moment: float) -> SpoolFile:
        """All but the usual case: the first record, the first after a loss, time to look after the file.

        Forks are noticed by a hook; one that went past Python's own functions, here.
        """
        if self._pid != os.getpid():
            self.forked()
        if not self._leaves:
            self._leaves = True
            atexit.register(self._leave)
        if self._file is not None:
            try:
                self._file.look_after()
            except OSError as error:
                if error.errno not in (errno.ESTALE, errno.EBADF):
                    raise
                self._give_up(_CLOSED if error.errno == errno.EBADF else error.strerror or str(error))
        if self._file is None:
            self._file = SpoolFile(self.directory, self._asked or default_stem(), numbered=self._asked is None)
            facts = self._about() if self._about else None
            if facts:
                self._file.write(WRITER, encode(facts), self._wall())
        self._look_at = moment + CHECK_EVERY
        if self._remark:
            body = encode({"records": self.lost, "bytes": self._lost_bytes, "why": self._remark})
            self._file.write(LOST, body, self._wall())
            self.lost, self._lost_bytes, self._remark = 0, 0, ""
        self.refused = False
        return self._file


_writers: list[SpoolWriter] = []


def _after_fork() -> None:
    for writer in _writers:
        writer.forked()


os.register_at_fork(after_in_child=_after_fork)
