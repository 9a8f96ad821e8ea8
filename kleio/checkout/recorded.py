"""What the journal holds of the code that an attempt ran: the version, and the pieces that restore it."""

from __future__ import annotations

from kleio.dataclass import dataclass
from kleio.errors import CodeLost
from kleio.spool.records.segments import points
from kleio.trial.identity import SHORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.journal.contract import Journal

CAPTURE = "capture"


@dataclass(frozen=True)
class Kept:
    """One piece of a snapshot (:class:`kleio.capture.code.snapshot.Piece`) as it lies in the journal.

    ``digest`` names its bytes; ``None`` if they were left out, and ``notes`` say why.
    """

    kind: str
    path: str
    mode: str
    commit: str | None
    notes: tuple[str, ...]
    digest: str | None


@dataclass(frozen=True)
class RecordedCode:
    """The code of one attempt. ``version`` is what capture saw (``CodeVersion.details()``); ``directory`` is where the
    command ran, relative to the top; ``files`` are the configuration files that belong to the trial."""

    trial: str
    attempt: int
    project: Mapping[str, Any]
    directory: str
    argv: tuple[str, ...]
    version: Mapping[str, Any]
    pieces: tuple[Kept, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """How it is called in messages."""
        return f"trial {self.trial[:SHORT]}"


def recorded_code(journal: Journal, document: Mapping[str, Any], attempt: int | None = None) -> RecordedCode:
    """The code of an attempt (default: the latest). Raises ``CodeLost`` if none was recorded."""
    number = document["fence"] if attempt is None else attempt
    short = document["_id"][:SHORT]
    if not 0 <= number <= document["fence"]:
        raise CodeLost(f"trial {short} has no attempt {number}", hint=f"kleio info {short}")
    version: Mapping[str, Any] | None = None
    pieces = []
    for segment in journal.segments(document["_id"], attempt=number, stream=CAPTURE):
        for point in points(segment.body):
            record = point.values
            if record.get("type") == "code":
                version = record
            elif record.get("type") == "snapshot":
                pieces.append(_kept(record))
    if version is None and number == document["fence"] and document["code"]:
        version = document["code"]
    if version is None:
        what = "was never run, so that no code is recorded" if not document["fence"] else "has no code recorded"
        raise CodeLost(f"trial {short} {what}", hint=f"kleio info {short}")
    return RecordedCode(
        trial=document["_id"],
        attempt=number,
        project=document["project"],
        directory=document["directory"],
        argv=tuple(document["argv"]),
        version=version,
        pieces=tuple(pieces),
        files=tuple((file["argument"], file["digest"]) for file in document["files"]),
    )


def _kept(record: Mapping[str, Any]) -> Kept:
    return Kept(
        kind=str(record["kind"]),
        path=str(record["path"]),
        mode=str(record["mode"]),
        commit=record.get("commit"),
        notes=tuple(record.get("notes") or ()),
        digest=record.get("digest"),
    )
