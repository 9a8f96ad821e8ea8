"""Writes an archive: streamed, so that no trial has to find room in memory."""

from __future__ import annotations

import hashlib
import zipfile
from typing import cast

from kleio import __version__
from kleio.dataclass import dataclass
from kleio.failpoints import failpoint
from kleio.moving.archive import FORMAT, HEAD, MANIFEST, blob_name, document_name, segments_name
from kleio.moving.lines import dump, dump_segment
from kleio.moving.parcel import blobs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import BinaryIO

    from kleio.moving.parcel import Parcel

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6


@dataclass
class Written:
    """What an archive holds. ``bytes`` are those of blobs."""

    trials: int = 0
    segments: int = 0
    blobs: int = 0
    bytes: int = 0


class ArchiveWriter:
    """Puts parcels into a zip file, in a ``with`` block."""

    def __init__(self, file: BinaryIO) -> None:
        self.written = Written()
        self._file = _Onward(file)
        self._zip = zipfile.ZipFile(cast("BinaryIO", self._file), "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._members: list[tuple[str, str, int]] = []
        self._blobs: set[str] = set()
        self._put(HEAD, [dump({"format": FORMAT, "kleio": __version__}) + b"\n"])

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.closed = True

    def add(self, parcel: Parcel) -> None:
        """One trial: its document, its segments, the blobs that no trial before it had."""
        trial = parcel.document["_id"]
        self._put(document_name(trial), [dump(parcel.document) + b"\n"])
        named: dict[str, None] = {}
        self._put(segments_name(trial), self._lines(parcel, named))
        for digest in named:
            if digest not in self._blobs:
                self._blobs.add(digest)
                self._put(blob_name(digest), self._counted(parcel.blob(digest)), compressed=False)
        self.written.trials += 1

    def finish(self, selected: Iterable[str]) -> None:
        """The manifest, and the end. ``selected`` are the trials that were asked for, the others their relatives."""
        failpoint("before_archive")
        last = {"members": len(self._members), "trials": self.written.trials, "selected": list(selected)}
        self.written.blobs = len(self._blobs)
        self._put(MANIFEST, self._manifest(last))
        self._zip.close()

    def _lines(self, parcel: Parcel, named: dict[str, None]) -> Iterator[bytes]:
        for segment in parcel.segments():
            named.update(dict.fromkeys(sorted(blobs_of(parcel, segment))))
            self.written.segments += 1
            yield dump_segment(segment) + b"\n"

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.written.bytes += len(piece)
            yield piece

    def _manifest(self, last: dict[str, object]) -> Iterator[bytes]:
        for name, sha256, size in list(self._members):
            yield dump({"member": name, "sha256": sha256, "size": size}) + b"\n"
        yield dump(last) + b"\n"

    def _put(self, name: str, pieces: Iterable[bytes], *, compressed: bool = True) -> None:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        info.create_system, info.external_attr = 3, 0o100600 << 16
        sha, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as member:
            for piece in pieces:
                sha.update(piece)
                size += len(piece)
                member.write(piece)
        self._members.append((name, sha.hexdigest(), size))


class _Onward:
    """A file that ``zipfile`` cannot go back in: so a file and a pipe get the same bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.closed = False
        """An unfinished zip file wants to write its end whenever it is forgotten: then that goes nowhere."""

    def write(self, data: bytes) -> int:
        if self.closed:
            return len(data)
        try:
            return self._file.write(data)
        except BaseException:
            self.closed = True
            raise

    def flush(self) -> None:
        if not self.closed:
            self._file.flush()
