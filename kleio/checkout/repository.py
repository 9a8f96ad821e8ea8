"""A repository of its own for restored code, made from the objects of another one without leaving a trace there.

No clone, no ``git worktree``: both write into the user's repository, or run what it says. A new, empty repository gets
the objects (hard links, or a pointer to where they lie), a detached HEAD and an index; what its ``git status`` says
then depends on the recorded code alone. Hooks and the filters that the user's repository defines do not run.
"""

from __future__ import annotations

import os
import re

from kleio.capture.code.git import ABSENT, Git
from kleio.capture.code.repository import Repository, read_config, remote_url
from kleio.capture.small import read_small
from kleio.checkout import files
from kleio.checkout.patches import healed, sections
from kleio.clock import SystemClock
from kleio.dataclass import dataclass
from kleio.errors import CheckoutFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kleio.capture.process import Finished

    Triple = tuple[str, str, str]

PATIENCE = 600.0
"""Seconds that one git command may take: a checkout of hundreds of gigabytes is no reason to give up."""
LARGEST = 1 << 30
COPIED = (
    "core.autocrlf", "core.eol", "core.filemode", "core.symlinks", "core.ignorecase", "core.precomposeunicode",
    "remote.origin.url",
)  # fmt: skip
"""Settings of the source that decide how files look, and what the project is called."""
CREDENTIALS = re.compile(r"(?<=://)[^/@]*:[^/@]*@")


@dataclass(frozen=True)
class Source:
    """Where objects are to be had: a repository of the user's."""

    repository: Repository
    git: Git

    @staticmethod
    def of(repository: Repository, environ: Mapping[str, str]) -> Source:
        return Source(repository, Git(repository, environ))

    def holds(self, commit: str) -> bool:
        """Whether the commit and its tree are there."""
        return self.git.run("cat-file", "-e", f"{commit}^{{tree}}", deadline=_deadline()).ok


class NewRepository:
    """The repository that is being made at ``root``."""

    def __init__(self, root: str, environ: Mapping[str, str]) -> None:
        gitdir = os.path.join(root, ".git")
        self.root = root
        self.repository = Repository(root, gitdir, gitdir)
        self.git = Git(self.repository, environ)

    def create(self, source: Source | None, *, independent: bool = False) -> None:
        """Make it, with the objects and the settings of the source, but no commit yet.

        ``independent``: it outlives the source, as far as both lie on one file system.
        """
        os.makedirs(self.root, exist_ok=True)
        config = read_config(source.repository) if source else {}
        form = "sha256" if config.get("extensions.objectformat") == "sha256" else "sha1"
        self._must("init", "-q", "--template=", f"--object-format={form}")
        if source is not None:
            self._take_settings(source, config)
            self._take_objects(source.repository.common, independent)

    def enter(self, commit: str) -> None:
        """Put HEAD and the index at a commit; no file is written yet."""
        self._must("update-ref", "--no-deref", "HEAD", commit)
        self._must("read-tree", commit)

    def fetch(self, remote: str, commit: str) -> bool:
        """Get the commit from a remote. Whether it came."""
        git = self.git.with_network()
        for what in (commit, "+refs/*:refs/kleio/*"):  # not every server gives a commit that is no branch's tip
            git.run("fetch", "-q", "--no-tags", "--no-recurse-submodules", "--", remote, what, deadline=_deadline())
            if Source(self.repository, self.git).holds(commit):
                return True
        return False

    def apply(self, patch: bytes) -> None:
        """Apply a patch to the index, as much of it as can be; what cannot is found out by comparing names."""
        arguments = ("apply", "--cached", "--whitespace=nowarn", "-")
        if self.git.run(*arguments, deadline=_deadline(), stdin=patch).ok:
            return
        for section in sections(patch):
            if not self.git.run(*arguments, deadline=_deadline(), stdin=section).ok:
                self.git.run(*arguments, deadline=_deadline(), stdin=healed(section, self.blob))

    def put(self, entries: Iterable[Triple]) -> None:
        """Make these the index's entries, as far as their objects are to be had."""
        wanted = list(entries)
        have = self._existing([name for _, mode, name in wanted if mode != ABSENT])
        lines = [
            f"0 {'0' * len(name)}\t{path}\0" if mode == ABSENT else f"{mode} {name}\t{path}\0"
            for path, mode, name in wanted
            if mode == ABSENT or name in have
        ]
        self._must("update-index", "-z", "--index-info", stdin="".join(lines).encode("utf-8", "surrogateescape"))

    def write_files(self) -> None:
        """Write what the index holds."""
        self._must("checkout-index", "--all", "--force", "--index")
        for path in self.links():
            files.make_directory(self.root, path)  # a submodule without one counts as deleted

    def track(self, paths: Iterable[str]) -> None:
        """Make the index hold these files as they lie there now."""
        text = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
        if text:
            self._must("update-index", "--add", "--remove", "-z", "--stdin", stdin=text)

    def blob(self, name: str) -> bytes | None:
        """The bytes of an object; ``None`` if it is not to be had."""
        answer = self.git.run("cat-file", "blob", name, deadline=_deadline(), limit=LARGEST)
        return answer.out if answer.ok else None

    def links(self) -> dict[str, str]:
        """The submodules of the index: path → commit."""
        answer = self.git.run("ls-files", "-s", "-z", deadline=_deadline())
        found = {}
        for line in answer.out.split(b"\0"):
            if line.startswith(b"160000"):
                facts, _, path = line.partition(b"\t")
                found[path.decode("utf-8", "surrogateescape")] = facts.split(b" ")[1].decode("ascii")
        return found

    def _existing(self, names: list[str]) -> set[str]:
        answer = self.git.run("cat-file", "--batch-check", deadline=_deadline(), stdin="\n".join(names).encode())
        return {line.split(b" ")[0].decode() for line in answer.out.splitlines() if b" blob " in line}

    def _must(self, *arguments: str, stdin: bytes = b"") -> None:
        answer = self.git.run(*arguments, deadline=_deadline(), stdin=stdin)
        if not answer.ok:
            raise CheckoutFailed(f"git {arguments[0]} failed: {_reason(answer)}")

    def _take_settings(self, source: Source, config: Mapping[str, str]) -> None:
        values = {key: config[key] for key in COPIED if config.get(key)}
        url = remote_url(dict(config))
        if url:
            values["remote.origin.url"] = CREDENTIALS.sub("", url)
        for key, value in values.items():
            self._must("config", key, value)
        os.makedirs(os.path.join(self.repository.gitdir, "info"), exist_ok=True)
        for name in ("shallow", "info/exclude", "info/attributes"):
            content = read_small(os.path.join(source.repository.common, name), limit=1 << 24)
            if content is not None:
                with open(os.path.join(self.repository.gitdir, name), "wb") as file:
                    file.write(content)

    def _take_objects(self, common: str, independent: bool) -> None:
        here, there = (os.path.join(place, "objects") for place in (self.repository.gitdir, common))
        alternates = [] if independent and _linked(there, here) else [there]
        more = read_small(os.path.join(there, "info", "alternates"), limit=1 << 20) or b""
        alternates += [
            os.path.join(there, os.fsdecode(line)) for line in more.split(b"\n") if line[:1] not in (b"", b"#")
        ]
        if alternates:
            with open(os.path.join(here, "info", "alternates"), "wb") as file:
                file.writelines(os.fsencode(place) + b"\n" for place in alternates)


def _linked(source: str, target: str) -> bool:
    """Give the target each object file of the source as a hard link. False if the file system refuses."""
    try:
        for directory in os.scandir(source):
            if len(directory.name) != 2 and directory.name != "pack":
                continue
            place = os.path.join(target, directory.name)
            os.makedirs(place, exist_ok=True)
            for file in os.scandir(directory):
                if not file.name.startswith("tmp_"):
                    os.link(file, os.path.join(place, file.name), follow_symlinks=False)
    except OSError:
        return False
    return True


def _reason(answer: Finished) -> str:
    if not answer.ran:
        return "git is not available"
    if answer.timed_out:
        return "it took too long"
    lines = [line for line in answer.err.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else f"it was ended by signal {-(answer.code or 0)}"


def _deadline() -> float:
    return SystemClock().monotonic() + PATIENCE
