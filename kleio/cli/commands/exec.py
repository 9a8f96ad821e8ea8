"""``kleio exec``: run a recorded trial by its id. Parsed by ``cli/grammar.py``."""

from __future__ import annotations

from kleio.cli.commands.run import launch_command
from kleio.cli.options import TrialWord

command = launch_command(
    "exec",
    "ID",
    """Resume the recorded trial ID: an id, an unambiguous prefix, a unique name or a unique tag.

    Its command runs again in its own directory, as a new attempt; nothing of earlier attempts is overwritten.
    """,
    TrialWord(),
)
