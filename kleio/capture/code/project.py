"""Where a command belongs: the same id in every clone of a repository.

The id is the sha of the root commit that the first parents of HEAD lead to: it survives merges of foreign histories,
renames and moves, and it is a function of HEAD, so it is remembered by HEAD. A shallow clone does not hold it: there
the remote's address stands in, and without one, as outside git, the host and the path.
"""

from __future__ import annotations

import json
import os

from kleio.capture import cache
from kleio.capture.code.git import Git
from kleio.capture.code.repository import Repository, find_repository, head, read_config, remote_url
from kleio.capture.small import read_small
from kleio.encoding import digest_of
from kleio.errors import CodeUnknown
from kleio.trial.quoting import escaped
from kleio.trial.snapshot import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kleio.capture.process import Running


MARK = "kleio-checkout"
"""The file by which a directory that kleio made for recorded code says to which project that belongs: within ``.git``,
or, with a dot in front, in a directory outside git."""


def project_of(cwd: str, data: str, environ: Mapping[str, str], deadline: float) -> Project:
    """The project of a directory, within or outside git."""
    repository = find_repository(cwd)
    if repository is None:
        return directory_project(cwd)
    return PendingProject(Git(repository, environ), cwd, data, deadline).result()


def directory_project(cwd: str) -> Project:
    """The project of a directory outside git."""
    path = os.path.realpath(cwd)
    own = Project(_place_id(path), os.path.basename(path) or "/", path, "")
    marked = _read_mark(os.path.join(path, f".{MARK}"))
    return Project(*marked, path, "") if marked else own


def write_mark(root: str, project: Mapping[str, Any]) -> None:
    """Say that the directory ``root``, which kleio made, belongs to ``project``. Raises ``OSError``."""
    gitdir = os.path.join(root, ".git")
    path = os.path.join(gitdir, MARK) if os.path.isdir(gitdir) else os.path.join(root, f".{MARK}")
    with open(path, "w", encoding="ascii") as file:
        json.dump({"id": project["id"], "name": project["name"]}, file)


def _read_mark(path: str) -> tuple[str, str] | None:
    text = read_small(path)
    try:
        mark = json.loads(text) if text else None
        return (mark["id"], mark["name"]) if mark and isinstance(mark["id"] + mark["name"], str) else None
    except (ValueError, TypeError, KeyError):
        return None


class PendingProject:
    """The search for a repository's root commit, under way."""

    def __init__(self, git: Git, cwd: str, data: str, deadline: float) -> None:
        self._git, self._cwd, self._data, self._deadline = git, cwd, data, deadline
        self._walk: Running | None = None
        self._mark = _read_mark(os.path.join(git.repository.gitdir, MARK))
        if self._mark:
            return
        self._head = None if git.repository.shallow else head(git.repository)
        self._root = cache.recall(data, "roots", self._head) if self._head else None
        if not isinstance(self._root, str):
            self._root = None
            if not git.missing and not git.repository.shallow:
                self._walk = git.start("rev-list", "--first-parent", "--max-parents=0", self._head or "HEAD")

    def result(self) -> Project:
        """The project. ``CodeUnknown`` if git does not answer in time: one trial would be taken for another."""
        repository = self._git.repository
        if self._walk is not None:
            answer = self._walk.result(self._deadline)
            self._walk = None
            if answer.timed_out:
                raise CodeUnknown(
                    f"git did not say in time where the history of {escaped(repository.root)} begins",
                    hint="give it longer with the setting git_timeout: KLEIO_GIT_TIMEOUT=60 kleio …",
                )
            roots = answer.out.decode("ascii", "replace").split()
            if answer.ok and roots:
                self._root = roots[0]
                if self._head:
                    cache.remember(self._data, "roots", self._head, self._root)
        directory = os.path.relpath(os.path.realpath(self._cwd), repository.root)
        directory = "" if directory == "." else directory
        if self._mark:
            return Project(*self._mark, repository.root, directory)
        remote = remote_url(read_config(repository))
        own = self._root or self._without_root(repository, remote)
        return Project(own, _name(repository, remote), repository.root, directory)

    def kill(self) -> None:
        """Give up the search."""
        if self._walk is not None:
            self._walk.kill()

    def _without_root(self, repository: Repository, remote: str | None) -> str:
        if repository.shallow and remote:
            return digest_of(["remote", _address(remote)])
        return _place_id(repository.root)


def _place_id(path: str) -> str:
    return digest_of(["path", os.uname().nodename, path])


def _address(remote: str) -> str:
    """The remote's host and path, equal for its ssh and https spellings, without credentials."""
    address = remote.split("://", 1)[-1]
    scp_like = "://" not in remote
    first, slash, rest = address.partition("/")
    first = first.rsplit("@", 1)[-1]
    if scp_like and ":" in first:
        host, _, start = first.partition(":")
        first, rest = host, f"{start}{slash}{rest}"
    return f"{first.lower()}/{rest}".removesuffix("/").removesuffix(".git")


def _name(repository: Repository, remote: str | None) -> str:
    """The remote's last word, or the directory's: the main work tree's, so that all work trees agree."""
    if remote:
        name = remote.rstrip("/").removesuffix(".git").replace(":", "/").rsplit("/", 1)[-1]
        if name:
            return name
    home = os.path.dirname(repository.common) if os.path.basename(repository.common) == ".git" else repository.root
    return os.path.basename(home) or "/"
