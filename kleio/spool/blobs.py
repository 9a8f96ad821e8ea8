"""Artifacts waiting in the spool: bytes first, under the name of their sha256; the reference follows.

A reference is a record of the stream ``artifacts``::

    {"name": text, "digest": 64 hexadecimal digits, "size": bytes, "metadata": {name: value, …}, "data": base64}

(metadata as in :mod:`kleio.spool.records.values`); in other streams than ``statistics`` any record with both ``digest``
and ``size`` is one. ``data`` is there only if the bytes are few (``SMALL``): then the record brings them along, which
costs one ``write(2)`` and no file; the journal gets the record without it. Other bytes are streamed into a temporary
file while they are hashed, then renamed to ``blobs/<digest>``, so memory does not grow with them and a name never shows
half a file. A source that fails leaves nothing behind.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from binascii import b2a_base64
from contextlib import suppress

from kleio.spool.complaint import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, BinaryIO

CHUNK = 1 << 20
SMALL = 16 << 10
"""Bytes that a record brings along."""
DIRECTORY = "blobs"
FULL = "full"
"""A file of this name in the attempt's directory says that artifacts are refused, and why."""
_number = 0


class Unreadable(Exception):
    """The source failed; ``__cause__`` is its own error."""


def refuse_if_full(directory: str) -> None:
    """Raise ``OSError`` if too much waits for the journal already (:mod:`kleio.spool.quota`)."""
    if os.access(f"{directory}/{FULL}", os.F_OK):
        try:
            with open(f"{directory}/{FULL}", encoding="ascii") as file:
                limit = f" ({file.read(200)})"
        except OSError:
            limit = ""  # removed at this moment, or no descriptor is to spare
        raise OSError(
            errno.EDQUOT, f"too much waits for the journal already{limit}; statistics and output are still kept"
        )


def hold(directory: str, source: Any, *, durable: bool = False) -> dict[str, Any]:
    """What a reference to the content of ``source`` says of it; kept in the attempt's blobs unless it is small.

    ``source`` is a binary or text file object (text is kept as UTF-8; rewound to its beginning if it can be), bytes, or
    a path. Raises ``Unreadable`` if the source fails and ``OSError`` if the spool does.
    """
    import hashlib

    begin, rest = b"", pieces(source)
    for piece in rest:
        begin = begin + piece if begin else piece
        if len(begin) > SMALL:
            digest, size = _copy(directory, begin, rest, durable)
            return {"digest": digest, "size": size}
    data = b2a_base64(begin, newline=False).decode("ascii")
    return {"digest": hashlib.sha256(begin).hexdigest(), "size": len(begin), "data": data}


def keep(directory: str, source: Any, *, durable: bool = False) -> tuple[str, int]:
    """Copy ``source``, however small, into the attempt's blobs. Returns digest and size; raises as ``hold`` does."""
    return _copy(directory, b"", pieces(source), durable)


def _copy(directory: str, begin: bytes, rest: Iterable[bytes], durable: bool) -> tuple[str, int]:
    import hashlib

    temporary = _temporary(directory)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        sha, size = hashlib.sha256(begin), len(begin)
        _write_all(descriptor, begin)
        for piece in rest:
            sha.update(piece)
            size += len(piece)
            _write_all(descriptor, piece)
        if durable:
            os.fsync(descriptor)
        digest = sha.hexdigest()
        os.rename(temporary, path_of(directory, digest))
    except BaseException:
        with suppress(FileNotFoundError):  # an interrupt may strike when it has its name already
            os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)
    if durable:
        _sync_directory(os.path.join(directory, DIRECTORY))
    return digest, size


def path_of(directory: str, digest: str) -> str:
    """Where the bytes of this digest wait."""
    return os.path.join(directory, DIRECTORY, digest)


def _temporary(directory: str) -> str:
    global _number
    _number += 1
    return os.path.join(directory, DIRECTORY, f".{os.getpid()}-{_number}-{os.urandom(4).hex()}")


def _sync_directory(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(descriptor, view) :]


def pieces(source: Any) -> Iterator[bytes]:
    """The content of a source, read once. Raises ``Unreadable``."""
    try:
        if isinstance(source, (str, os.PathLike)):
            with open(source, "rb", buffering=0) as file:
                yield from _read_steadily(file, os.fsdecode(source))
        elif isinstance(source, (bytes, bytearray, memoryview)):
            yield bytes(source)
        else:
            _refuse_unreadable_file(source)
            _rewind(source)
            yield from _read(source)
    except Exception as error:  # whatever a user's file object may raise; it goes back to that caller
        raise Unreadable(str(error)) from error


def refuse_unreadable(source: Any, *, directories: bool = False) -> None:
    """Raise what reading would raise of a path, or of a file object that is closed or only written, without reading."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return
    if not isinstance(source, (str, os.PathLike)):
        _refuse_unreadable_file(source)
        return
    mode = os.stat(source).st_mode
    if stat.S_ISDIR(mode) and not directories:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), source)
    if not os.access(source, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), source)


def exhaust(source: Any) -> None:
    """Read to its end, and forget, a pipe or what else can be read only once: whoever writes into it would wait for a
    reader, or die for want of one, where nothing is recorded. Raises ``Unreadable``."""
    if isinstance(source, (str, os.PathLike)):
        is_once = not (os.path.isfile(source) or os.path.isdir(source))
    else:
        is_once = hasattr(source, "read") and not seekable(source)
    if is_once:
        for _ in pieces(source):
            pass


def _refuse_unreadable_file(source: Any) -> None:
    """Before it is rewound: of a file that is written that would be a change."""
    if not hasattr(source, "read"):
        raise TypeError(f"a file object, bytes or a path is needed, not {type(source).__name__}")
    test = getattr(source, "readable", None)
    if callable(test) and not test():
        raise io.UnsupportedOperation("read")


def _rewind(source: Any) -> None:
    """A buffer that was just written stands at its end: what is meant is all of it."""
    if seekable(source):
        source.seek(0)


def seekable(source: Any) -> bool:
    """Whether a file object can be rewound."""
    test = getattr(source, "seekable", None)
    return bool(test()) if callable(test) else False


def _read(source: Any) -> Iterator[bytes]:
    size = SMALL + 1  # one that is small costs no large buffer
    while piece := source.read(size):
        yield piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else bytes(piece)
        size = CHUNK
    if piece is None:
        raise BlockingIOError(errno.EAGAIN, "it has nothing to read yet, and does not wait")


def _read_steadily(file: Any, path: str) -> Iterator[bytes]:
    """Warns if a large file changed meanwhile: what was read may never have been in it at once."""
    before: object = None
    for piece in _read(file):
        if len(piece) > SMALL and before is None:
            before = _state(file)
        yield piece
    if before is not None and before != _state(file):
        complain(f"changed {path}", f"{path!a} changed while it was read; what is recorded may be no state of it")


def _state(file: Any) -> object:
    """What tells whether an ordinary file was written."""
    status = os.fstat(file.fileno())
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else ()


class Pulsing:
    """A file that gives a sign of life with every piece that is read from it."""

    def __init__(self, file: BinaryIO, pulse: Callable[[], None]) -> None:
        self._file, self._pulse = file, pulse

    def read(self, size: int = -1) -> bytes:
        self._pulse()
        return self._file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
