"""Finds the repository around a directory and reads its small files, without starting git.

What is read here is a hint that saves a process (which commit to look up while ``git status`` still runs); what
``git status`` says is the truth.
"""

from __future__ import annotations

import os

from kleio.capture.small import read_small
from kleio.dataclass import dataclass

LINKS = 5
"""Symbolic refs that are followed."""


@dataclass(frozen=True)
class Repository:
    """A work tree: ``root`` is its top, ``gitdir`` its own administrative directory, ``common`` the shared one."""

    root: str
    gitdir: str
    common: str

    @property
    def shallow(self) -> bool:
        """Whether the history is cut: its root commit is not to be had."""
        try:
            return os.stat(os.path.join(self.common, "shallow")).st_size > 0
        except OSError:
            return False

    def stamp(self) -> tuple[str | None, tuple[int, int, int] | None]:
        """Changes whenever the commit or the index does: equal before and after means that a look was one moment."""
        return head(self), _stat(os.path.join(self.gitdir, "index"))


def find_repository(directory: str) -> Repository | None:
    """The innermost repository that holds ``directory``; ``None`` outside git and inside a bare repository."""
    place = os.path.realpath(directory)
    try:
        device = os.stat(place).st_dev
        while os.stat(place).st_dev == device:
            repository = repository_at(place)
            if repository is not None:
                return repository
            if _is_gitdir(place) or place == "/":
                return None
            place = os.path.dirname(place)
    except OSError:
        pass
    return None


def repository_at(root: str) -> Repository | None:
    """The repository whose work tree starts at ``root``."""
    marker = os.path.join(root, ".git")
    if os.path.isdir(marker):
        gitdir = marker
        if not os.path.lexists(os.path.join(gitdir, "HEAD")):
            return None
    else:
        text = read_small(marker)
        if text is None or not text.startswith(b"gitdir:"):
            return None
        gitdir = os.path.normpath(os.path.join(root, os.fsdecode(text[7:].strip(b" \r\n"))))
    common = read_small(os.path.join(gitdir, "commondir"))
    shared = os.path.normpath(os.path.join(gitdir, os.fsdecode(common.rstrip(b"\r\n")))) if common else gitdir
    return Repository(root, gitdir, shared)


def head(repository: Repository) -> str | None:
    """The commit that is checked out, as far as plain files tell."""
    text = read_small(os.path.join(repository.gitdir, "HEAD"))
    for _ in range(LINKS):
        if text is None:
            return None
        text = text.strip()
        if not text.startswith(b"ref:"):
            return _object_id(text)
        name = os.fsdecode(text[4:].strip())
        text = _ref(repository, name)
    return None


def _ref(repository: Repository, name: str) -> bytes | None:
    if not name.startswith("refs/") or ".." in name:
        return None
    for base in (repository.gitdir, repository.common):
        text = read_small(os.path.join(base, name))
        if text is not None:
            return text
    packed = read_small(os.path.join(repository.common, "packed-refs"), limit=1 << 26) or b""
    end = packed.find(b" " + os.fsencode(name) + b"\n")
    return packed[packed.rfind(b"\n", 0, end) + 1 : end] if end > 0 else None


def _object_id(text: bytes) -> str | None:
    name = text.decode("ascii", "replace")
    return name if len(name) in (40, 64) and all(digit in "0123456789abcdef" for digit in name) else None


def read_config(repository: Repository) -> dict[str, str]:
    """The repository's own configuration as ``{"remote.origin.url": …}``; later lines win, includes are not read."""
    text = read_small(os.path.join(repository.common, "config"), limit=1 << 20)
    values: dict[str, str] = {}
    section = ""
    for line in (text or b"").decode("utf-8", "surrogateescape").splitlines():
        line = line.strip()
        if line.startswith("["):
            section = _section(line)
        elif section and line and line[0] not in "#;":
            key, equals, value = line.partition("=")
            values[f"{section}.{key.strip().lower()}"] = _unquote(value.strip()) if equals else "true"
    return values


def _section(line: str) -> str:
    name, _, _ = line[1:].partition("]")
    name, quote, subsection = name.partition(' "')
    return name.strip().lower() + (f".{subsection.rstrip().removesuffix(chr(34))}" if quote else "")


def _unquote(text: str) -> str:
    """A value without its quotes, escapes and comment."""
    value, quoted, letters = "", False, iter(text)
    for letter in letters:
        if letter == "\\":
            letter = next(letters, "")
            value += {"n": "\n", "t": "\t", "b": "\b"}.get(letter, letter)
        elif letter == '"':
            quoted = not quoted
        elif letter in "#;" and not quoted:
            break
        else:
            value += letter
    return value.rstrip()


def remote_url(config: dict[str, str]) -> str | None:
    """The address of ``origin``, else of the first remote."""
    urls = {key: value for key, value in config.items() if key.startswith("remote.") and key.endswith(".url")}
    return urls.get("remote.origin.url") or next(iter(urls.values()), None)


def _stat(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _is_gitdir(place: str) -> bool:
    return all(os.path.lexists(os.path.join(place, name)) for name in ("HEAD", "objects", "refs"))
