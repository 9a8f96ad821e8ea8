"""Blobs as files, beside the SQLite journal: ``journal.sqlite.blobs/ab/cdef…``.

A blob is written to ``tmp/`` while it is hashed, synced, and renamed into its place; then the directories are synced.
So what stands under a digest is whole, whatever was interrupted, and a power cut leaves at most a file in ``tmp/``.
A file that is given away is not copied but linked, if it lies on the same disk. Small blobs that are put together are
rows of a database instead (:mod:`kleio.artifacts.small`).

A blob that is put again has its time renewed: the collector leaves it alone for a day. It takes a blob away by moving
it to ``tmp/`` first and looking at its time again: a put that came in between has renewed it, and it is put back.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from io import BytesIO

from kleio.artifacts import small
from kleio.artifacts.digests import checked, compare, pieces, verified
from kleio.artifacts.files import copied, linked, names, reading, sync_names, synced
from kleio.artifacts.small import SmallBlobs
from kleio.clock import SystemClock
from kleio.errors import BlobCorrupt, BlobMissing, JournalError, JournalReadOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import BinaryIO

    from kleio.artifacts.contract import BlobStore
    from kleio.clock import Clock

_UNFINISHED = "tmp"
_DOOMED = "doomed-"
"""Begins the names of blobs in ``tmp/`` that are being removed."""


class BlobDirectory:
    """See :class:`kleio.artifacts.contract.BlobStore`."""

    def __init__(self, root: str, clock: Clock | None = None) -> None:
        self.root = root
        self._clock = clock or SystemClock()
        self._small = SmallBlobs(root, self._clock)
        self._entered: set[str] = set()
        """Directories whose entries in their parents are known to be durable."""

    def put(self, source: BinaryIO, digest: str | None = None, *, path: str | None = None) -> str:
        expected = None if digest is None else checked(digest)
        try:
            if expected is not None and self._is_kept(expected, source):
                return expected
            self._make(os.path.join(self.root, _UNFINISHED))
            unfinished = os.path.join(self.root, _UNFINISHED, f"{os.getpid()}-{os.urandom(8).hex()}")
            try:
                is_linked = path is not None and linked(path, source, unfinished)
                found, size = synced(source) if is_linked else copied(source, unfinished)
                compare(expected, found)
                if self._small.renew(found):
                    return found
                if not self._renew(found, size):
                    self._make(os.path.dirname(self._path(found)))
                    os.replace(unfinished, self._path(found))
            finally:
                if os.path.lexists(unfinished):
                    os.unlink(unfinished)
            self._sync(found)
        except OSError as error:
            raise self._failed(error)
        return found

    def put_many(self, contents: Sequence[bytes]) -> list[str]:
        digests = [hashlib.sha256(content).hexdigest() for content in contents]
        new = {}
        for digest, content in zip(digests, contents, strict=True):
            if len(content) > small.MOST:
                self.put(BytesIO(content), digest)
            elif not self._renew(digest, len(content)):
                new[digest] = content
        if new:
            try:
                self._make(self.root)
                fresh = not os.path.exists(self._small.path)
                self._small.put(new)
                if fresh:
                    sync_names(self.root)
                    sync_names(os.path.dirname(self.root))
            except OSError as error:
                raise self._failed(error)
        return digests

    def has(self, digest: str) -> bool:
        try:
            return stat.S_ISREG(os.lstat(self._path(digest)).st_mode)
        except FileNotFoundError:
            return self._small.size(digest) is not None
        except OSError as error:
            raise self._failed(error)

    def missing(self, digests: Collection[str]) -> set[str]:
        return {digest for digest in digests if not self.has(digest)}

    def open(self, digest: str) -> Iterator[bytes]:
        path = self._path(digest)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            content = self._small.read(digest)
            if content is None:
                raise self._missing(digest)
            return verified(digest, iter((content,)))
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise BlobCorrupt(f"{path} is a symbolic link: a blob is a file")
            raise self._failed(error)
        return verified(digest, reading(os.fdopen(descriptor, "rb", buffering=0)))

    def size(self, digest: str) -> int:
        try:
            return os.lstat(self._path(digest)).st_size
        except FileNotFoundError:
            size = self._small.size(digest)
            if size is None:
                raise self._missing(digest)
            return size
        except OSError as error:
            raise self._failed(error)

    def last_put(self, digest: str) -> float:
        try:
            return os.lstat(self._path(digest)).st_mtime
        except FileNotFoundError:
            time = self._small.last_put(digest)
            if time is None:
                raise self._missing(digest)
            return time
        except OSError as error:
            raise self._failed(error)

    def now(self) -> float:
        return self._clock.wall()

    def collect(self, digest: str, before: float) -> bool:
        path = self._path(digest)
        doomed = os.path.join(self.root, _UNFINISHED, f"{_DOOMED}{digest}")
        try:
            if os.lstat(path).st_mtime >= before:
                return False
            self._make(os.path.dirname(doomed))
            os.rename(path, doomed)
            if os.lstat(doomed).st_mtime >= before:
                self._put_back(doomed)
                return False
            os.unlink(doomed)
        except FileNotFoundError:
            return self._small.collect(digest, before)  # or there is none, or another collector was faster
        except OSError as error:
            raise self._failed(error)
        return True

    def digests(self) -> Iterator[str]:
        for start in names(self.root):
            if len(start) == 2:
                yield from (start + rest for rest in names(os.path.join(self.root, start)) if len(rest) == 62)
        yield from self._small.digests()

    def sweep(self, age: float) -> int:
        removed = 0
        directory = os.path.join(self.root, _UNFINISHED)
        for name in names(directory):
            path = os.path.join(directory, name)
            try:
                if name.startswith(_DOOMED):
                    self._put_back(path)
                elif os.lstat(path).st_mtime < self._clock.wall() - age:
                    os.unlink(path)
                    removed += 1
            except FileNotFoundError:  # its writer has just finished
                pass
            except OSError as error:
                raise self._failed(error)
        self._small.shrink()
        return removed

    def close(self) -> None:
        """There is nothing to let go of."""

    def _path(self, digest: str) -> str:
        return os.path.join(self.root, checked(digest)[:2], digest[2:])

    def _is_kept(self, digest: str, source: BinaryIO) -> bool:
        """Whether the blob is here already; then ``source`` is only compared, not copied."""
        row = self._small.size(digest) is not None
        if not (row or os.path.exists(self._path(digest))) or not source.seekable():
            return False
        start = source.tell()
        hashing, size = hashlib.sha256(), 0
        for piece in pieces(source):
            hashing.update(piece)
            size += len(piece)
        compare(digest, hashing.hexdigest())
        source.seek(start)
        if row and self._small.renew(digest):
            return True
        if not self._renew(digest, size):
            return False
        self._sync(digest)
        return True

    def _renew(self, digest: str, size: int) -> bool:
        """Whether the blob is here already; then its time is now. A file that was cut short does not count."""
        path = self._path(digest)
        try:
            found = os.lstat(path)
            if not stat.S_ISREG(found.st_mode) or found.st_size != size:
                return False
            os.utime(path, follow_symlinks=False)
        except FileNotFoundError:
            return False
        # A collector may have moved the file away, and looked at its time, just before that was set.
        return os.path.lexists(path)

    def _put_back(self, doomed: str) -> None:
        """Undo a removal, or what a collector that died left of one: the next one will see."""
        place = self._path(os.path.basename(doomed).removeprefix(_DOOMED))
        try:
            os.link(doomed, place)
        except FileExistsError:
            pass  # it was stored anew meanwhile
        os.unlink(doomed)

    def _make(self, directory: str) -> None:
        os.makedirs(self.root, mode=0o700, exist_ok=True)
        if not os.path.isdir(directory):
            os.makedirs(directory, mode=0o700, exist_ok=True)

    def _sync(self, digest: str) -> None:
        """Make the entry durable, also if another process made it a moment ago and has not come to that yet."""
        place = os.path.dirname(self._path(digest))
        above = () if place in self._entered else (self.root, os.path.dirname(self.root))
        for directory in (place, *above):
            sync_names(directory)
        self._entered.add(place)

    def _missing(self, digest: str) -> BlobMissing:
        return BlobMissing(f"the journal does not hold blob {digest} (looked in {self.root})")

    def _failed(self, error: OSError) -> JournalError:
        kind = JournalReadOnly if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) else JournalError
        return kind(f"the blobs in {self.root} failed: {error.strerror}", hint="`kleio doctor` checks disk and journal")


if TYPE_CHECKING:
    _kept: type[BlobStore] = BlobDirectory
