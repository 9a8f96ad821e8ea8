"""What capture saw, as frozen values: the command line, the code and the environment of one launch."""

from __future__ import annotations

from kleio.dataclass import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

IMPORTED = "incomplete: imported"
"""Note of a code version of which another tool recorded the commit at most: its digest is not that of any content."""


@dataclass(frozen=True)
class Project:
    """Where a command belongs: the repository, or the directory when there is none.

    ``id`` is the same in every clone (the root commit's sha); outside git, and before the first commit, it is made
    of the host and the absolute path. ``directory`` is the working directory relative to ``root``, ``""`` at the top.
    """

    id: str
    name: str
    root: str
    directory: str


@dataclass(frozen=True)
class ConfigFile:
    """A configuration file named on the command line: its content belongs to the identity."""

    argument: str
    digest: str
    content: Any


@dataclass(frozen=True)
class CommandLine:
    """A command as typed and as recorded.

    ``argv`` is what runs, byte for byte (bytes that are not UTF-8 as lone surrogates); it is never stored.
    ``redacted`` is what is stored: the same list with each secret replaced by its keyed fingerprint.
    ``configuration`` is the typed view of ``redacted``: positional ``_pos_N``, options by name.
    """

    argv: tuple[str, ...]
    redacted: tuple[str, ...]
    configuration: Mapping[str, Any]
    files: tuple[ConfigFile, ...] = ()

    @property
    def has_secrets(self) -> bool:
        return self.argv != self.redacted


@dataclass(frozen=True)
class CodeVersion:
    """The code as it stands in the working tree.

    ``digest`` covers (path, mode, content) of tracked files, submodules and untracked sources; only content decides,
    so committing a dirty tree changes nothing. ``changed`` and ``untracked`` are sorted ``(path, mode, blob id)``
    triples; mode ``"000000"`` marks a deleted file; ``submodules`` maps the paths of those that are checked out, and of
    repositories that lie inside, to their commits. ``kind`` is ``"git"``, ``"script"`` (outside git: the digest of
    the script named on the command line) or ``"none"``. ``notes`` are remarks for the record: ``unstable`` (the tree
    changed while it was read), ``incomplete`` (time or size limit), ``no commit``.
    """

    kind: str
    digest: str
    commit: str | None = None
    branch: str | None = None
    remote: str | None = None
    dirty: bool = False
    script: str | None = None
    changed: tuple[tuple[str, str, str], ...] = ()
    untracked: tuple[tuple[str, str, str], ...] = ()
    submodules: Mapping[str, str | None] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def summary(self) -> dict[str, Any]:
        """What the trial document keeps; the rest goes to the ``capture`` stream."""
        return {
            "kind": self.kind,
            "digest": self.digest,
            "commit": self.commit,
            "branch": self.branch,
            "remote": self.remote,
            "dirty": self.dirty,
            "script": self.script,
            "notes": list(self.notes),
        }

    def details(self) -> dict[str, Any]:
        """Everything, for the ``capture`` stream."""
        return {
            **self.summary(),
            "changed": [list(entry) for entry in self.changed],
            "untracked": [list(entry) for entry in self.untracked],
            "submodules": dict(self.submodules),
        }


@dataclass(frozen=True)
class Environment:
    """The machine and the interpreter that the command sees.

    ``compared`` holds the facts whose change matters (flat: ``{"python": "3.11.7", "cpu": …, "env.CLUSTER": …}``),
    ``packages`` the installed distributions of the child's interpreter ``{name: version}``, ``recorded`` facts that
    are kept but never compared (host name, user, memory, kernel, scheduler job…). ``digest`` covers ``compared`` and
    ``packages``.
    """

    digest: str
    compared: Mapping[str, Any]
    packages: Mapping[str, str] = field(default_factory=dict)
    recorded: Mapping[str, Any] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """What the trial document keeps; packages go to the ``capture`` stream."""
        return {"digest": self.digest, "compared": dict(self.compared), "recorded": dict(self.recorded)}

    def details(self) -> dict[str, Any]:
        """Everything, for the ``capture`` stream."""
        return {**self.summary(), "packages": dict(self.packages)}
