"""Kleio's own commands: name → file in ``kleio/cli/commands``; ``cli/group.py`` has their order in the help.

Apart from it because the launch path asks for the names and must not pay for click.
"""

from __future__ import annotations

COMMANDS = {
    "run": "run",
    "exec": "exec",
    "branch": "branch",
    "ls": "list",
    "info": "info",
    "diff": "diff",
    "why": "why",
    "plot": "plot",
    "pdb": "pdb",
    "cat": "cat",
    "tail": "tail",
    "replay": "replay",
    "top": "top",
    "stats": "stats",
    "artifacts": "artifacts",
    "log": "log",
    "artifact": "artifact",
    "ship": "ship",
    "fsck": "fsck",
    "save": "save",
    "sweep": "sweep",
    "work": "work",
    "status": "status",
    "checkout": "checkout",
    "rerun": "rerun",
    "verify": "verify",
    "suspend": "suspend",
    "kill": "kill",
    "switchover": "switchover",
    "acknowledge": "acknowledge",
    "cure": "cure",
    "tag": "tag",
    "name": "name",
    "note": "note",
    "rm": "rm",
    "restore": "restore",
    "gc": "gc",
    "export": "export",
    "import": "import_",
    "copy": "copy",
    "config": "config",
    "db": "db",
    "doctor": "doctor",
    "completion": "completion",
}
ALIASES = {"list": "ls"}
