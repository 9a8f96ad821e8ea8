"""``AnalyzeLogger``: what is found out about a trial later, attached to it and marked with who found it.

::

    from kleio.client.logger import AnalyzeLogger

    with AnalyzeLogger("3f9c2ab") as remarks:
        remarks.log_statistic(bleu=27.5)

The trial's own records are not touched: a remark is a segment of the stream ``remarks`` of attempt 0, one record
``{"values": …, "creator": …}``. Its writer is named after what it says and who says it, so the same remark made twice,
by a lost reply or by a notebook's cell run again, is stored once.

Unlike the logger of a running script this talks to the journal itself, with or without kleio in front, and raises
``kleio.errors.KleioError`` when that fails: nothing else would keep what it says.
"""

from __future__ import annotations

import os

from kleio.clock import SystemClock
from kleio.encoding import digest_of
from kleio.errors import TrialAmbiguous, TrialNotFound
from kleio.journal.contract import Segment, TrialQuery
from kleio.spool.attempt.directory import read_attempt
from kleio.spool.handshake import Handshake
from kleio.spool.records.jsonline import encode
from kleio.spool.records.segments import FORMAT, REMARKS, points
from kleio.spool.records.values import normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from kleio.journal.contract import Journal

LATER = 0
"""The attempt of remarks: none."""


class AnalyzeLogger:
    """Attaches statistics to the trial whose id is, or begins with, ``trial``. Close it, or use it in ``with``.

    The journal is that of the trial in which this runs, or at ``address``, or the one that kleio uses here.
    """

    def __init__(self, trial: str, address: str | None = None) -> None:
        shake = Handshake.from_environ(os.environ)
        self._journal = _open(address, shake)
        try:
            self.trial = _find(self._journal, trial)
        except BaseException:
            self._journal.close()
            raise
        self.creator = _creator(shake)
        """Who attaches: the trial and attempt in which this runs, user and host."""

    def log_statistic(self, /, **values: Any) -> None:
        """Attach named values; they are in the journal, durable, when this returns. ``TypeError`` without any."""
        if not values:
            raise TypeError("log_statistic needs a value: log_statistic(bleu=27.5)")
        remark = {"values": normalise(values), "creator": self.creator}
        who = {name: self.creator.get(name) for name in ("trial", "user")}
        writer = f"remark-{digest_of({'values': remark['values'], 'who': who})[:32]}"
        body = {"format": FORMAT, "records": encode([[0, SystemClock().wall(), remark]])}
        self._journal.append([Segment(self.trial, LATER, REMARKS, writer, 0, 0, body)])

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


def _open(address: str | None, shake: Handshake | None) -> Journal:
    from kleio.journal.registry import open_journal

    if address is None and shake is not None:
        address = read_attempt(shake.spool).journal
    if address is None:
        from kleio.settings import load_settings

        address = load_settings({}, os.environ, os.getcwd()).journal
    return open_journal(address, create=False)


def _find(journal: Journal, word: str) -> str:
    found = [document["_id"] for document in journal.find_trials(TrialQuery(id_prefix=word, limit=2))] if word else []
    if not found:
        raise TrialNotFound(f"no trial has an id that begins with {word!r}", hint="`kleio ls` shows the trials")
    if len(found) > 1:
        raise TrialAmbiguous(f"the ids of several trials begin with {word!r}", hint="type more characters of the id")
    return str(found[0])


def _creator(shake: Handshake | None) -> dict[str, Any]:
    import getpass

    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.geteuid())
    own: dict[str, Any] = {} if shake is None else {"trial": shake.trial, "attempt": shake.attempt}
    return {**own, "user": user, "host": os.uname().nodename}
