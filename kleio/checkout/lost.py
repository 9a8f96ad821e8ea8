"""What to say when the commit of a trial no longer exists: what is left of its code, and where it may still be seen."""

from __future__ import annotations

import re

from kleio.capture.code.snapshot import PATCH
from kleio.errors import CodeLost
from kleio.trial.identity import SHORT
from kleio.trial.quoting import escaped
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kleio.checkout.recorded import RecordedCode

HOSTED = re.compile(r"(?:[a-z+]+://)?(?:[^@/]*@)?([\w.-]+)(?::\d+)?[:/](.+?)(?:\.git)?/?")
PAGES = {
    "github": "https://{host}/{path}/commit/{commit}",
    "gitlab": "https://{host}/{path}/-/commit/{commit}",
    "codeberg": "https://{host}/{path}/commit/{commit}",
    "bitbucket": "https://{host}/{path}/commits/{commit}",
}
"""Where the usual hosts show a commit."""


def lost(code: RecordedCode, places: Sequence[str], remote: str | None) -> CodeLost:
    """The error. ``remote`` was asked as well, if it is given."""
    commit = str(code.version["commit"])
    short = code.trial[:SHORT]
    looked = [*map(escaped, places), *([f"the remote {escaped(remote)}"] if remote else [])]
    lines = [
        f"commit {commit[:12]} of {code.name} is not in {' nor in '.join(looked)}"
        if looked
        else f"commit {commit[:12]} of {code.name} cannot be looked for: no repository of project "
        f"{escaped(str(code.project.get('name')))} is here"
    ]
    remains = _remains(code)
    lines.append(f"what is left: {', '.join(remains)}" if remains else "nothing else of its code was recorded")
    page = commit_page(str(code.version.get("remote") or ""), commit)
    if page:
        lines.append(f"the commit may still be seen at {page}")
    ways = [f"get what is left: kleio checkout --remains {short} DIRECTORY"] if remains else []
    if remote is None and code.version.get("remote"):
        ways.insert(0, f"ask the remote for it: kleio checkout --fetch {short}")
    elif not looked:
        ways.insert(0, "go to a clone of the project")
    return CodeLost("\n".join(lines), hint="; ".join(ways) or f"kleio info {short}")


def _remains(code: RecordedCode) -> list[str]:
    stored = [piece for piece in code.pieces if piece.digest is not None]
    patches = sum(piece.kind == PATCH for piece in stored)
    sources = len(stored) - patches
    found = []
    if patches:
        found.append("the patch against it" if patches == 1 else f"{patches} patches")
    if sources:
        found.append(counted(sources, "file"))
    return found


def commit_page(remote: str, commit: str) -> str | None:
    """The web page of a commit, for the usual hosts."""
    match = HOSTED.fullmatch(remote)
    form = next((form for name, form in PAGES.items() if match and name in match[1]), None)
    return form.format(host=match[1], path=match[2], commit=commit) if form and match else None
