"""The digest of a tree of files, made so that a small change costs a small computation.

Each (path, mode, blob id) is stretched to 1024 bits by SHAKE128 and the numbers are added modulo 2**1024. The order
does not matter, and a file can be taken out again by subtraction: the sum over a commit is computed once and
remembered, and what ``git status`` reports is exchanged in it. (1024 bits, because a sum of 256-bit hashes can be
forged.) Submodules are listed apart: their content counts, not the commit that the outer repository names.
"""

from __future__ import annotations

import hashlib
import os
import stat

from kleio.capture.code.git import LINK, SYMLINK
from kleio.encoding import digest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WIDTH = 128
MODULUS = 1 << (8 * WIDTH)
PIECE = 1 << 20


def element(path: str, mode: str, name: str) -> int:
    """The number that one file adds to the sum."""
    return _stretch(f"{mode} blob {name}\t".encode("ascii") + path.encode("utf-8", "surrogateescape"))


def _stretch(line: bytes) -> int:
    return int.from_bytes(hashlib.shake_128(line).digest(WIDTH), "big")


def sum_of_tree(listing: bytes) -> tuple[int, list[tuple[str, str]]]:
    """The sum over the output of ``ls-tree -r -z``, and its submodules as (path, commit)."""
    total = 0
    links = []
    for line in listing.split(b"\0"):
        if line.startswith(b"160000"):
            facts, _, path = line.partition(b"\t")
            links.append((path.decode("utf-8", "surrogateescape"), facts.split(b" ")[2].decode("ascii")))
        elif line:
            total += _stretch(line)
    return total % MODULUS, links


def digest_of_sum(total: int, links: Mapping[str, str]) -> str:
    """The digest of a whole tree: its files' sum and what stands for each submodule."""
    return digest_of({"schema": 1, "files": f"{total % MODULUS:x}", "links": sorted(links.items())})


def total_of(entries: Iterable[tuple[str, str, str]]) -> int:
    """The sum over (path, mode, blob id)."""
    return sum(element(*entry) for entry in entries if entry[1] != LINK) % MODULUS


class Unreadable(Exception):
    """A file cannot be read, or changed while it was read."""


def mode_of(path: bytes, executables: bool = True) -> str | None:
    """The mode that git would give to the file; ``None`` if it is no file or symbolic link."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    if stat.S_ISLNK(found.st_mode):
        return SYMLINK
    if not stat.S_ISREG(found.st_mode):
        return None
    return "100755" if executables and found.st_mode & stat.S_IXUSR else "100644"


def read_blob(path: bytes, mode: str, length: int = 40) -> tuple[str, bool]:
    """The name git would give to the content of the file as it lies on disk, and whether it has CRLF line ends.

    ``length`` 64 asks for a SHA-256 name. Raises ``Unreadable``.
    """
    make = hashlib.sha1 if length == 40 else hashlib.sha256
    returns = False
    try:
        if mode == SYMLINK and os.path.islink(path):
            return blob_id_of(os.readlink(path), length), False
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise Unreadable(str(error)) from error
    with open(fd, "rb", buffering=0) as file:
        size = os.fstat(fd).st_size
        state = make(b"blob %d\0" % size, usedforsecurity=False)
        try:
            while piece := file.read(PIECE):
                size -= len(piece)
                state.update(piece)
                returns = returns or b"\r\n" in piece
        except OSError as error:
            raise Unreadable(str(error)) from error
    if size:
        raise Unreadable("it changed while it was read")
    return state.hexdigest(), returns


def blob_id_of(data: bytes, length: int = 40) -> str:
    """The name git would give to ``data``."""
    make = hashlib.sha1 if length == 40 else hashlib.sha256
    return make(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
