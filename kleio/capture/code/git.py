"""Asks git, so that the repository cannot answer with code of its own.

A repository may be a stranger's. Its configuration names programs (file system monitors, hooks, filters, diff
drivers, remote helpers) that git would start while it merely looks. All of them are switched off here; the user's own
configuration, his filters and his ``safe.directory`` stay in force. No inherited ``GIT_*`` variable reaches git, no
lock is taken, nothing is fetched.
"""

from __future__ import annotations

import os

from kleio.capture import process
from kleio.capture.code.repository import Repository
from kleio.capture.small import read_small
from kleio.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ABSENT = "000000"
"""The mode of a file that is not there."""
LINK = "160000"
"""The mode of a submodule."""
SYMLINK = "120000"

FILTER_KEYS = {"clean": "", "smudge": "", "process": "", "required": "false"}
NO_REFRESH = "diff.autoRefreshIndex=false"
"""``git diff`` writes the index, locks optional or not, unless told otherwise."""
STATUS = (
    "status", "--porcelain=v2", "-z", "--branch", "--untracked-files=all",
    "--no-renames", "--no-ahead-behind", "--ignore-submodules=dirty",
)  # fmt: skip


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that git may see."""
    clean = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    clean.update(
        LC_ALL="C",
        GIT_OPTIONAL_LOCKS="0",
        GIT_TERMINAL_PROMPT="0",
        GIT_ALLOW_PROTOCOL="none",
        GIT_NO_LAZY_FETCH="1",
        GIT_NO_REPLACE_OBJECTS="1",
        GIT_LITERAL_PATHSPECS="0",
    )
    return clean


class Git:
    """The git program on one repository."""

    def __init__(self, repository: Repository, environ: Mapping[str, str]) -> None:
        self.repository = repository
        self._environ = environment(environ)
        self._program = process.find_program("git", environ.get("PATH"))
        self._options: list[str] | None = None

    @property
    def missing(self) -> bool:
        return self._program is None

    def with_network(self) -> Git:
        """Git that may ask a remote, because the user asked for it; only in ways that start no program of a URL's."""
        other = Git(self.repository, self._environ)
        other._environ.update(GIT_ALLOW_PROTOCOL="https:http:ssh:git:file", GIT_NO_LAZY_FETCH="0")
        return other

    def start(self, *arguments: str, stdin: bytes = b"") -> process.Running:
        """Start one command; its failure shows in the result."""
        argv = [self._program or "/nonexistent/git", "-C", self.repository.root, *self._safely(), *arguments]
        return process.Running(argv, self._environ, stdin)

    def run(self, *arguments: str, deadline: float, stdin: bytes = b"", limit: int = 1 << 26) -> process.Finished:
        """Start one command and wait for it."""
        return self.start(*arguments, stdin=stdin).result(deadline, limit)

    def _safely(self) -> list[str]:
        if self._options is None:
            self._options = ["--no-optional-locks"]
            settings = ["core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never", NO_REFRESH]
            for setting in settings:
                self._options += ["-c", setting]
            self._disarm_filters()
        return self._options

    def _disarm_filters(self) -> None:
        """Empty each filter which the repository itself defines (the user's own, as LFS, stay).

        By variables, not by ``-c``: a filter's name may hold a ``=``.
        """
        names: set[str] = set()
        for scope, path in (
            ("--local", os.path.join(self.repository.common, "config")),
            ("--worktree", os.path.join(self.repository.gitdir, "config.worktree")),
        ):
            text = (read_small(path, limit=1 << 24) or b"").lower()
            if b"filter" in text or b"include" in text:
                names |= self._filters(scope)
        emptied = [(f"filter.{name}.{key}", value) for name in sorted(names) for key, value in FILTER_KEYS.items()]
        for number, (key, value) in enumerate(emptied):
            self._environ[f"GIT_CONFIG_KEY_{number}"] = key
            self._environ[f"GIT_CONFIG_VALUE_{number}"] = value
        if emptied:
            self._environ["GIT_CONFIG_COUNT"] = str(len(emptied))

    def _filters(self, scope: str) -> set[str]:
        argv = [self._program or "/nonexistent/git", "-C", self.repository.root, "config", scope, "--includes", "-z"]
        answer = process.run([*argv, "--name-only", "--get-regexp", "^filter\\."], self._environ, timeout=5)
        keys = answer.out.decode("utf-8", "surrogateescape").split("\0")
        return {key.split(".", 1)[1].rsplit(".", 1)[0] for key in keys if key.count(".") >= 2}


@dataclass(frozen=True)
class Entry:
    """A tracked file whose content is not what the commit holds.

    ``old_*`` is the commit's side, ``index_*`` the index's; ``work_mode`` is the mode in the work tree. ``reread``
    says that the work tree differs from the index, so that only reading the file tells its content.
    """

    path: str
    old_mode: str
    old_id: str
    index_mode: str
    index_id: str
    work_mode: str
    reread: bool
    unmerged: bool = False


@dataclass(frozen=True)
class Status:
    """What ``git status`` said. ``untracked`` ends in ``/`` for a repository inside that is nobody's submodule."""

    commit: str | None
    branch: str | None
    entries: tuple[Entry, ...]
    untracked: tuple[str, ...]


def parse_status(output: bytes) -> Status:
    """Read ``--porcelain=v2 -z --branch``. Raises ``ValueError`` for anything else."""
    commit = branch = None
    entries: list[Entry] = []
    untracked: list[str] = []
    seen = False
    for line in output.decode("utf-8", "surrogateescape").split("\0"):
        if line.startswith("? "):
            untracked.append(line[2:])
        elif line.startswith("1 "):
            entries.append(_ordinary(line))
        elif line.startswith("u "):
            entries.append(_unmerged(line))
        elif line.startswith("# branch.oid "):
            seen = True
            commit = None if line.endswith(" (initial)") else line[13:]
        elif line.startswith("# branch.head "):
            branch = None if line.endswith(" (detached)") else line[14:]
        elif line and not line.startswith(("# ", "! ")):
            raise ValueError(f"unexpected line of git status: {line!r}")
    if not seen:
        raise ValueError("git status named no commit")
    return Status(commit, branch, tuple(entries), tuple(untracked))


def _ordinary(line: str) -> Entry:
    _, states, _, old_mode, index_mode, work_mode, old_id, index_id, path = line.split(" ", 8)
    return Entry(path, old_mode, old_id, index_mode, index_id, work_mode, reread=states[1] not in ".D")


def _unmerged(line: str) -> Entry:
    _, _, _, _, mode, _, work_mode, _, ours, _, path = line.split(" ", 10)
    return Entry(path, mode, ours, mode, ours, work_mode, reread=work_mode != ABSENT, unmerged=True)


def parse_tree(output: bytes) -> Iterator[tuple[str, str, str]]:
    """Read ``ls-tree -r -z``: (path, mode, blob id)."""
    for line in output.split(b"\0"):
        if line:
            facts, _, path = line.partition(b"\t")
            mode, _, name = facts.decode("ascii").split(" ")
            yield path.decode("utf-8", "surrogateescape"), mode, name


def parse_flagged(output: bytes) -> Iterator[tuple[str, str, str, str]]:
    """Read ``ls-files -v -s -z``: (tag, path, mode, blob id) of the files that git was told not to look at."""
    for line in output.split(b"\0"):
        if line[:1] in (b"h", b"S", b"s"):
            facts, _, path = line.partition(b"\t")
            tag, mode, name, _ = facts.decode("ascii").split(" ")
            yield tag, path.decode("utf-8", "surrogateescape"), mode, name
