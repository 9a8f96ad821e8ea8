"""``AnalyzeLogger``: what is found out about a trial later, attached to it and marked with who found it.

::

    from kleio.client.logger import AnalyzeLogger

    with AnalyzeLogger("3f9c2ab") as remarks:
        remarks.log_statistic(bleu=27.5)
        remarks.log_artifact("confusion.png", figure, split="test")

The trial's own records are not touched: a remark is a segment of attempt 0, one record of the stream ``remarks``,
``{"values": …, "creator": …}``, or of ``attached``, ``{"name", "digest", "size", "metadata", "creator"}``. Its writer
is named after what it says and who says it, so the same remark made twice, by a lost reply or by a notebook's cell run
again, is stored once.

Unlike the logger of a running script this talks to the journal itself, with or without kleio in front, and raises
``kleio.errors.KleioError`` when that fails: nothing else would keep what it says.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from tempfile import SpooledTemporaryFile

from kleio.artifacts.contract import REFER_WITHIN
from kleio.artifacts.registry import open_blobs
from kleio.clock import SystemClock
from kleio.encoding import digest_of
from kleio.errors import KleioError, TrialAmbiguous, TrialNotFound
from kleio.journal.contract import Segment, TrialQuery
from kleio.journal.registry import open_journal
from kleio.settings import load_settings
from kleio.spool.attempt.directory import read_attempt
from kleio.spool.blobs import Unreadable, pieces
from kleio.spool.enclosing import address_with_password
from kleio.spool.handshake import Handshake
from kleio.spool.records.file import MAX_RECORD
from kleio.spool.records.jsonline import encode
from kleio.spool.records.segments import ATTACHED, FORMAT, REMARKS, points
from kleio.spool.records.values import TooLarge, normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType
    from typing import IO, Any

    from kleio.journal.contract import Journal

MEMORY = 8 << 20
"""A file up to this size is copied in memory, a larger one on disk."""
LATER = 0
"""The attempt of remarks: none."""
NAMED = 100
"""Characters of names that a message shows."""


class AnalyzeLogger:
    """Attaches statistics and artifacts to the trial whose id is, or begins with, ``trial``. Close it, or use it in
    ``with``.

    The journal is that of the trial in which this runs, or at ``address``, or the one that kleio uses here.
    """

    def __init__(self, trial: str, address: str | None = None) -> None:
        shake = Handshake.from_environ(os.environ)
        self._address = address_with_password(address, os.environ) if address else _address(shake)
        self._journal = open_journal(self._address, create=False)
        try:
            self.trial = _find(self._journal, trial)
        except BaseException:
            self._journal.close()
            raise
        self.creator = _creator(shake)
        """Who attaches: the trial and attempt in which this runs, user and host."""

    def log_statistic(self, /, **values: Any) -> None:
        """Attach named values; they are in the journal, durable, when this returns. ``TypeError`` without any,
        ``KleioError`` if they are more than 1 MiB."""
        if not values:
            raise TypeError("log_statistic needs a value: log_statistic(bleu=27.5)")
        self._attach(REMARKS, {"values": _normalised(values)})

    def log_artifact(
        self,
        filename: str | PathLike[str],
        fileobj: IO[bytes] | IO[str] | bytes | str | PathLike[str],
        /,
        **metadata: Any,
    ) -> None:
        """Attach a file, as :meth:`KleioLogger.log_artifact` takes it; it is stored, durable, when this returns.

        An error while reading ``fileobj`` is raised; then nothing is attached.
        """
        metadata = {name: value for name, value in metadata.items() if name != "durable" or value is not True}
        about = _normalised({"name": os.fsdecode(filename), "metadata": metadata})
        with SpooledTemporaryFile(MEMORY) as copy, closing(open_blobs(self._address)) as store:
            try:
                for piece in pieces(fileobj):
                    copy.write(piece)
            except Unreadable as error:
                raise error.__cause__ or error from None
            size, began = copy.tell(), time.monotonic()
            copy.seek(0)
            digest = store.put(copy)  # type: ignore[arg-type]
            self._attach(ATTACHED, {**about, "digest": digest, "size": size})
            if time.monotonic() - began > REFER_WITHIN:  # stopped meanwhile: the collector may have been faster
                copy.seek(0)
                store.put(copy, digest)  # type: ignore[arg-type]

    def _attach(self, stream: str, remark: dict[str, Any]) -> None:
        who = {name: self.creator.get(name) for name in ("trial", "user")}
        writer = f"remark-{digest_of({**remark, 'who': who})[:32]}"
        record = {**remark, "creator": self.creator}
        body = {"format": FORMAT, "records": encode([[0, SystemClock().wall(), record]])}
        self._journal.append([Segment(self.trial, LATER, stream, writer, 0, 0, body)])

    def load_statistic(self, *names: str) -> list[dict[str, Any]]:
        """What was attached to the trial so far, by anybody: records that have all ``names``, oldest first."""
        found = [
            point for segment in self._journal.segments(self.trial, stream=REMARKS) for point in points(segment.body)
        ]
        found.sort(key=lambda point: point.time)
        return [point.values["values"] for point in found if set(names) <= point.values["values"].keys()]

    def close(self) -> None:
        """Let go of the journal."""
        self._journal.close()

    def __enter__(self) -> AnalyzeLogger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _normalised(values: dict[str, Any]) -> Any:
    """As large as any record may be, whatever journal it is for."""
    try:
        normalised = normalise(values)
        if len(encode(normalised)) <= MAX_RECORD:
            return normalised
    except TooLarge:
        pass
    raise KleioError(
        f"a remark holds at most 1 MiB, and {', '.join(map(repr, values))[:NAMED]} is more",
        hint="attach a figure made of it, or keep it in a file",
    )


def _address(shake: Handshake | None) -> str:
    """The journal's in which this is recorded, or the one that kleio uses here."""
    if shake is not None:
        return read_attempt(shake.spool).journal
    return load_settings({}, os.environ, os.getcwd()).journal


def _find(journal: Journal, word: str) -> str:
    """The id that begins with ``word``. What mends a mistake stands in the message: notebooks show no hints."""
    if not word.strip():
        raise TrialNotFound("an empty word names no trial", hint="`kleio ls` shows the trials")
    found = _beginning(journal, word, trash=False)
    if not found and _beginning(journal, word, trash=True):
        raise TrialNotFound(f"trial {word} is in the trash; take it out with: kleio restore {word}")
    if not found:
        raise TrialNotFound(f"no trial has an id that begins with {word!r}", hint="`kleio ls` shows the trials")
    if len(found) > 1:
        raise TrialAmbiguous(f"the ids of several trials begin with {word!r}", hint="type more characters of the id")
    return found[0]


def _beginning(journal: Journal, word: str, *, trash: bool) -> list[str]:
    """Ids that begin with ``word``, two at most."""
    return [str(one["_id"]) for one in journal.find_trials(TrialQuery(id_prefix=word, limit=2, trash=trash))]


def _creator(shake: Handshake | None) -> dict[str, Any]:
    import getpass

    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.geteuid())
    own: dict[str, Any] = {} if shake is None else {"trial": shake.trial, "attempt": shake.attempt}
    return {**own, "user": user, "host": os.uname().nodename}
