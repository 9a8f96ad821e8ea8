"""Writes what is left of recorded code whose commit is gone: its patches as files, and the files that were kept."""

from __future__ import annotations

import os

from kleio.capture.code.snapshot import FILE, PATCH
from kleio.checkout import files
from kleio.errors import CheckoutFailed, CodeLost
from kleio.trial.identity import SHORT
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kleio.checkout.recorded import RecordedCode


def write_remains(code: RecordedCode, target: str, read: Callable[[str], bytes]) -> list[str]:
    """Write them below ``target``, which is made. Returns the paths."""
    written = []
    pieces = [piece for piece in code.pieces if piece.digest is not None and piece.kind in (FILE, PATCH)]
    if not pieces:
        raise CodeLost(f"nothing of the code of {code.name} was stored", hint=f"kleio info {code.trial[:SHORT]}")
    try:
        os.makedirs(target, exist_ok=True)
        for piece in pieces:
            assert piece.digest is not None
            path = piece.path if piece.kind == FILE else f"{piece.path.replace('/', '-') or code.trial[:SHORT]}.patch"
            files.write(target, path, piece.mode or "100644", read(piece.digest))
            written.append(path)
    except OSError as error:
        raise CheckoutFailed(f"{escaped(target)} cannot be written: {error.strerror}") from error
    return written
