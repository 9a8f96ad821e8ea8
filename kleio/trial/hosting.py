"""Where a commit can be read in a browser, as far as one can tell from the address of the remote."""

from __future__ import annotations

import re

_REMOTES = (
    r"(?:https?|ssh|git)://(?:[^@/\s]*@)?(?P<host>[^/:@\s]+)(?::\d+)?/(?P<path>\S+)",
    r"(?:[^@/:\s]+@)?(?P<host>[^/:@\s]+):(?!/)(?P<path>\S+)",
)
_HOST = r"(?i)[a-z0-9.-]+\.[a-z]+"
_PATH = r"(?a)[\w~.+-]+(?:/[\w~.+-]+)+"
_COMMIT = r"[0-9a-f]{7,64}"
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
    match = next(filter(None, (re.fullmatch(pattern, remote) for pattern in _REMOTES)), None)
    if match is None or not re.fullmatch(_COMMIT, commit):
        return None
    host = match["host"].lower()
    path = match["path"].strip("/").removesuffix(".git")
    form = next((FORMS[part] for part in host.split(".") if part in FORMS), None)
    if form is None or not re.fullmatch(_HOST, host) or not re.fullmatch(_PATH, path) or ".." in path:
        return None
    return form.format(host=host, path=path, commit=commit)
