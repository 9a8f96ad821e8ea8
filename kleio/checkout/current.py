"""The code as it stands in a work tree now, held in memory: what trials that never ran are given when others may edit.

Nothing is redacted, since nothing is stored.
"""

from __future__ import annotations

from kleio.capture.code.version import start_capture
from kleio.checkout.recorded import Kept, RecordedCode
from kleio.dataclass import replace
from kleio.encoding import digest
from kleio.errors import BlobMissing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.capture.secrets.redactor import Redactor
    from kleio.settings import Settings


class Unredacted:
    """Takes the place of the redactor."""

    def redact_bytes(self, data: bytes) -> bytes:
        return data


class CurrentCode:
    """The code below ``root``, as of the moment this was made."""

    def __init__(self, root: str, settings: Settings, redactor: Redactor, environ: Mapping[str, str]) -> None:
        pending = start_capture(root, (), settings, redactor, environ)
        try:
            version, snapshot = pending.finish()
        finally:
            pending.kill()
        self._version = version.details()
        self._blobs: dict[str, bytes] = {}
        self._pieces = []
        for piece in replace(snapshot, redactor=Unredacted()).pieces():  # type: ignore[arg-type]
            name = None if piece.data is None else digest(piece.data)
            self._blobs[name or ""] = piece.data or b""
            self._pieces.append(Kept(piece.kind, piece.path, piece.mode, piece.commit, piece.notes, name))

    def for_trial(self, document: Mapping[str, Any]) -> RecordedCode:
        """This code, as if the trial had run it."""
        return RecordedCode(
            trial=document["_id"],
            attempt=0,
            project=document["project"],
            directory=document["directory"],
            argv=tuple(document["argv"]),
            version=self._version,
            pieces=tuple(self._pieces),
            files=tuple((file["argument"], file["digest"]) for file in document["files"]),
        )

    def read(self, name: str) -> bytes:
        """The bytes of a piece."""
        if name not in self._blobs:
            raise BlobMissing
        return self._blobs[name]
