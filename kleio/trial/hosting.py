"""Where a commit can be read in a browser, as far as one can tell from the address of the remote."""

from __future__ import annotations

import re

_REMOTES = (
    re.compile(r"(?:https?|ssh|git)://(?:[^@/\s]*@)?(?P<host>[^/:@\s]+)(?::\d+)?/(?P<path>\S+)"),
    re.compile(r"(?:[^@/:\s]+@)?(?P<host>[^/:@\s]+):(?!/)(?P<path>\S+)"),
)
_HOST = re.compile(r"[a-z0-9.-]+\.[a-z]+", re.IGNORECASE)
_PATH = re.compile(r"[\w~.+-]+(?:/[\w~.+-]+)+", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
FORMS = {
    "github": "https://{host}/{path}/commit/{commit}",
    "gitlab": "https://{host}/{path}/-/commit/{commit}",
    "bitbucket": "https://{host}/{path}/commits/{commit}",
    "sr": "https://{host}/{path}/commit/{commit}",
    "codeberg": "https://{host}/{path}/commit/{commit}",
    "gitea": "https://{host}/{path}/commit/{commit}",
    "forgejo": "https://{host}/{path}/commit/{commit}",
}
"""By a part of the host's name: ``github.com``, ``gitlab.example.org``, ``bitbucket.org``, ``git.sr.ht`` …"""


def commit_page(remote: str, commit: str) -> str | None:
    """The address of the page; ``None`` if the host is none that is known, or the remote is a path."""
    match = next(filter(None, (pattern.fullmatch(remote) for pattern in _REMOTES)), None)
    if match is None or not _COMMIT.fullmatch(commit):
        return None
    host = match["host"].lower()
    path = match["path"].strip("/").removesuffix(".git")
    form = next((FORMS[part] for part in host.split(".") if part in FORMS), None)
    if form is None or not _HOST.fullmatch(host) or not _PATH.fullmatch(path) or ".." in path:
        return None
    return form.format(host=host, path=path, commit=commit)
