"""Reads an archive, after all of it was verified: every member against the manifest, every trial for soundness.

Nothing is extracted to a path, and no member is read further than it may be long. Memory does not grow with blobs
or segments, whatever the zip file claims.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from kleio.dataclass import dataclass, field
from kleio.errors import ArchiveCorrupt, BlobMissing
from kleio.moving import archive
from kleio.moving.lines import load, load_segment
from kleio.moving.parcel import references
from kleio.moving.soundness import check_document, check_segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, BinaryIO

    from kleio.journal.contract import Segment

_DAMAGE = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, NotImplementedError,
           RuntimeError, ValueError, KeyError, IndexError, OverflowError, MemoryError, UnicodeError)  # fmt: skip
"""What ``zipfile`` raises for files that are damaged or not meant for it."""


@dataclass(frozen=True)
class Contents:
    """What a verified archive holds: ``trials`` in an order in which none comes before what it is a branch of."""

    trials: tuple[str, ...]
    selected: tuple[str, ...]
    blobs: Mapping[str, int] = field(repr=False)
    segments: int


class ArchiveReader:
    """An archive that is open."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self._pulse: Callable[[int], None] = _nobody
        with self._guarded():
            if file.read(len(archive.MAGIC)) != archive.MAGIC:
                raise ValueError("it is not a zip file")
            length = file.seek(0, 2)
            try:
                self._zip = zipfile.ZipFile(file)
            except zipfile.BadZipFile:
                raise ValueError("it is cut short")
            self._infos = _members(self._zip, length)
            self._check_head()
        self.size = sum(info.file_size for info in self._infos.values())
        """Bytes of all members."""

    def verify(self, pulse: Callable[[int], None] = lambda size: None) -> Contents:
        """Read everything. ``ArchiveCorrupt`` unless every byte is as it was written, and could have been.

        ``pulse`` is told how many bytes were read.
        """
        self._pulse = pulse
        try:
            return self._verified()
        finally:
            self._pulse = _nobody

    def _verified(self) -> Contents:
        with self._guarded():
            manifest, last = self._manifest()
            order = list(manifest)
            if [*order, archive.MANIFEST] != list(self._infos):
                raise ValueError("its members are not those of its manifest")
            trials, blobs = self._sorted(order, manifest)
            for name in order:
                if archive.DOCUMENT.fullmatch(name) is None and archive.SEGMENTS.fullmatch(name) is None:
                    self._hash(name, manifest[name])
            segments = sum(self._check_trial(trial, manifest, blobs) for trial in trials)
            selected = last.get("selected")
            if not isinstance(selected, list) or not set(map(str, selected)) <= set(trials):
                raise ValueError("it names trials that it does not hold")
        return Contents(tuple(trials), tuple(map(str, selected)), blobs, segments)

    def parcel(self, trial: str) -> ArchiveParcel:
        """A trial of the archive."""
        return ArchiveParcel(self, trial)

    def document(self, trial: str) -> dict[str, Any]:
        """The document of a trial."""
        with self._guarded():
            return load(b"".join(self._read(archive.document_name(trial), archive.LONGEST_DOCUMENT)))

    def segments(self, trial: str) -> Iterator[Segment]:
        """The segments of a trial."""
        with self._guarded():
            for line in self._lines(archive.segments_name(trial)):
                yield load_segment(trial, line)

    def blob(self, digest: str) -> Iterator[bytes]:
        """The bytes of a blob."""
        name = archive.blob_name(digest)
        if name not in self._infos:
            raise BlobMissing(f"the archive {self.name} does not hold blob {digest}")
        with self._guarded():
            yield from self._read(name, self._infos[name].file_size)

    def holds(self, digest: str) -> bool:
        """Whether there is such a blob."""
        return archive.blob_name(digest) in self._infos

    def close(self) -> None:
        """Let go of the zip file; the file that it was read from is the caller's."""
        self._zip.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Whatever the file makes ``zipfile`` or a parser stumble over, it is the file's fault."""
        try:
            yield
        except _DAMAGE as error:
            why = str(error) or type(error).__name__
            raise ArchiveCorrupt(
                f"{self.name} cannot be read as an archive of kleio: {why[:300]}",
                hint="nothing was imported; make or fetch the archive again",
            )

    def _check_head(self) -> None:
        if next(iter(self._infos), None) != archive.HEAD:
            raise ValueError("it is a zip file, but kleio did not make it")
        head = load(b"".join(self._read(archive.HEAD, archive.CHUNK)))
        if head.get("format") != archive.FORMAT:
            raise ValueError(f"it has format {head.get('format')!r}, and this kleio knows {archive.FORMAT}")

    def _manifest(self) -> tuple[dict[str, tuple[str, int]], dict[str, Any]]:
        found: dict[str, tuple[str, int]] = {}
        last: dict[str, Any] = {}
        for line in self._lines(archive.MANIFEST):
            if last:
                raise ValueError("its manifest goes on after its end")
            entry = load(line)
            if "member" in entry:
                found[str(entry["member"])] = (str(entry["sha256"]), int(entry["size"]))
            else:
                last = entry
        if last.get("members") != len(found):
            raise ValueError("its manifest is not complete")
        return found, last

    def _sorted(
        self, order: list[str], manifest: Mapping[str, tuple[str, int]]
    ) -> tuple[list[str], dict[str, int]]:  # fmt: skip
        """The trials and the blobs that its members make up."""
        trials, blobs = [], {}
        for place, name in enumerate(order[1:], 1):
            document, blob = archive.DOCUMENT.fullmatch(name), archive.BLOB.fullmatch(name)
            if document:
                trials.append(document[1])
                if order[place + 1 : place + 2] != [archive.segments_name(document[1])]:
                    raise ValueError(f"trial {document[1][:7]} has no segments")
            elif blob:
                if manifest[name][0] != blob[1]:
                    raise ValueError(f"blob {blob[1][:12]} has other bytes than its name says")
                blobs[blob[1]] = manifest[name][1]
            elif archive.SEGMENTS.fullmatch(name) is None or order[place - 1] != name.replace(
                "segments.jsonl", "document.json"
            ):
                raise ValueError(f"it has a member of the name {name[:80]!r}")
        return trials, blobs

    def _hash(self, name: str, expected: tuple[str, int]) -> None:
        sha = hashlib.sha256()
        for piece in self._read(name, expected[1]):
            sha.update(piece)
        if (sha.hexdigest(), self._infos[name].file_size) != expected:
            raise ValueError(f"{name} is damaged")

    def _check_trial(
        self, trial: str, manifest: Mapping[str, tuple[str, int]], blobs: Mapping[str, int]
    ) -> int:  # fmt: skip
        """Whether a trial is sound and whole; how many segments it has."""
        self._hash(archive.document_name(trial), manifest[archive.document_name(trial)])
        check_document(self.document(trial), trial)
        name = archive.segments_name(trial)
        sha, size, count, previous = hashlib.sha256(), 0, 0, ""
        for line in self._lines(name):
            sha.update(line)
            size += len(line)
            segment = load_segment(trial, line)
            check_segment(segment)
            if segment.id <= previous:
                raise ValueError(f"the segments of trial {trial[:7]} are not in order")
            for digest, length in references(segment).items():
                if blobs.get(digest) != length:
                    raise ValueError(f"blob {digest[:12]} of trial {trial[:7]} is missing or of another size")
            previous, count = segment.id, count + 1
        if (sha.hexdigest(), size) != manifest[name]:
            raise ValueError(f"{name} is damaged")
        return count

    def _read(self, name: str, most: int) -> Iterator[bytes]:
        info = self._infos[name]
        if info.file_size > most:
            raise ValueError(f"{name} is {info.file_size} bytes long, which is too much")
        with self._zip.open(info) as member:
            while piece := member.read(archive.CHUNK):
                self._pulse(len(piece))
                yield piece

    def _lines(self, name: str) -> Iterator[bytes]:
        parts: list[bytes] = []
        for piece in self._read(name, self._infos[name].file_size):
            start = 0
            while (end := piece.find(b"\n", start) + 1) > 0:
                yield b"".join([*parts, piece[start:end]])
                parts, start = [], end
            parts.append(piece[start:])
            if sum(map(len, parts)) > archive.LONGEST_LINE:
                raise ValueError(f"{name} has a line that is too long")
        if any(parts):
            raise ValueError(f"{name} is cut short")


class ArchiveParcel:
    """See :class:`kleio.moving.parcel.Parcel`."""

    def __init__(self, reader: ArchiveReader, trial: str) -> None:
        self._reader, self._trial = reader, trial
        self.document = reader.document(trial)

    def segments(self, stream: str | None = None) -> Iterator[Segment]:
        return (one for one in self._reader.segments(self._trial) if stream in (None, one.stream))

    def blob(self, digest: str) -> Iterator[bytes]:
        return self._reader.blob(digest)

    def holds(self, digest: str) -> bool:
        return self._reader.holds(digest)


def _nobody(size: int) -> None:
    """Nobody wants to know."""


def _members(opened: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """The members in the order of their places, which must not overlap: that is how a small file claims to be large."""
    infos = sorted(opened.infolist(), key=lambda info: info.header_offset)
    end = 0
    for info in infos:
        if info.header_offset < end or info.flag_bits & 1:
            raise ValueError(f"its member {info.filename[:80]!r} overlaps another, or is encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"its member {info.filename[:80]!r} is compressed in a way that kleio never uses")
        end = info.header_offset + 30 + len(info.filename) + info.compress_size
        if archive.BLOB.fullmatch(info.filename) and info.compress_size != info.file_size:
            raise ValueError(f"its member {info.filename[:80]!r} is compressed")
    if end > size or len({info.filename for info in infos}) != len(infos):
        raise ValueError("it is cut short, or has two members of one name")
    return {info.filename: info for info in infos}
