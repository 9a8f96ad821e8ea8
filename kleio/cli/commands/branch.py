"""``kleio branch``: a new trial from an old one. Parsed by ``cli/grammar.py``."""

from __future__ import annotations

from kleio.cli.commands.run import launch_command
from kleio.cli.grammar import BRANCH_OPTIONS
from kleio.cli.options import TrialWord

command = launch_command(
    "branch",
    "ID [OPTIONS OF THE COMMAND]…",
    """Run a trial's command with other options, as a branch of it.

    The branch shares what ID recorded up to the cut and recomputes nothing of it. Options behind ID are the command's:
    they replace recorded ones of the same name or are added, and --no-NAME leaves NAME out. Positional arguments
    cannot be updated. The same branch again is refused and named; it is resumed by its id.
    """,
    TrialWord(),
    BRANCH_OPTIONS,
)
