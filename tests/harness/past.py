"""Code that was recorded a moment ago, and a way to check it out, without a journal between."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from kleio.capture.code.project import project_of
from kleio.capture.code.version import start_capture
from kleio.capture.secrets.redactor import load_redactor
from kleio.checkout.make import CheckoutOrder, make_checkout
from kleio.checkout.recorded import Kept, RecordedCode
from kleio.clock import SystemClock
from kleio.encoding import digest
from kleio.errors import BlobMissing
from kleio.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.checkout.make import Checkout

TRIAL = "3f9c2ab" + "0" * 57


class Past:
    """``past.record(directory)`` remembers the code there; ``past.check_out(code)`` brings it back."""

    def __init__(self, tmp_path: Path) -> None:
        self.target = tmp_path / "out" / "checkout"
        self.blobs: dict[str, bytes] = {}
        self.settings = Settings(data=str(tmp_path / "data"))
        self.redactor = load_redactor(self.settings.data)

    def record(self, place: Path, *argv: str, directory: str = "", **settings: object) -> RecordedCode:
        """The code at ``place``, as a launch would have recorded it."""
        chosen = replace(self.settings, **settings)  # type: ignore[arg-type]
        cwd = str(place / directory)
        pending = start_capture(cwd, argv or ("python", "train.py"), chosen, self.redactor)
        try:
            version, snapshot = pending.finish()
        finally:
            pending.kill()
        pieces = []
        for piece in snapshot.pieces():
            name = None if piece.data is None else digest(piece.data)
            self.blobs[name or ""] = piece.data or b""
            pieces.append(Kept(piece.kind, piece.path, piece.mode, piece.commit, piece.notes, name))
        project = project_of(cwd, self.settings.data, os.environ, SystemClock().monotonic() + 60)
        identity = {"id": project.id, "name": project.name, "root": project.root}
        return RecordedCode(
            TRIAL, 1, identity, project.directory, argv or ("python", "train.py"), version.details(), tuple(pieces)
        )

    def read(self, name: str) -> bytes:
        """The bytes of a blob."""
        if name not in self.blobs:
            raise BlobMissing(f"the journal does not hold {name[:7]}")
        return self.blobs[name]

    def check_out(self, code: RecordedCode, here: Path | str = "/", **more: object) -> Checkout:
        """A checkout at ``self.target``; ``here`` is the directory of the user."""
        order = CheckoutOrder(
            code=code, target=str(self.target), here=str(here), read=self.read, settings=self.settings,
            redactor=self.redactor, environ=os.environ, **more,  # type: ignore[arg-type]
        )  # fmt: skip
        return make_checkout(order)
