"""``kleio import``: trials out of an archive, or out of the store of another tool."""

from __future__ import annotations

import os

import click

from kleio.cli.command import Command
from kleio.cli.moving.transfers import report_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("import", cls=Command)
@click.argument(
    "words", metavar="[sacred|mlflow|guild] PATH", nargs=-1, required=True, type=click.Path(allow_dash=True)
)
@click.option("--running", is_flag=True, help="Also runs that never said that they ended; they become broken.")
@click.option(
    "--artifacts",
    "artifacts",
    metavar="DIR",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    help="A directory outside of MLflow's store in which its artifacts lie; repeatable.",
)
@report_options
@click.pass_obj
def command(
    context: Context, words: tuple[str, ...], running: bool, artifacts: tuple[str, ...], dry_run: bool, as_json: bool
) -> int:
    """Take trials into the journal.

    PATH is an archive of `kleio export`, `-` stdin. All of it is verified before anything is written. What is there
    already is passed over, what is older there is brought up to date, and nothing newer is ever written over: a trial
    that was run in both journals is refused (exit code 125). After an interruption repeat the command.

    With the name of a tool PATH is where it keeps its runs: Sacred's FileStorageObserver, MLflow's `mlruns` or its
    SQLite file, Guild's home. Each run becomes a completed or broken trial of the project in which you stand. No file
    outside of the store is read unless you name its directory.
    """
    from kleio.cli.moving.archiving import import_archive
    from kleio.cli.moving.importing import import_store
    from kleio.errors import UsageError
    from kleio.moving.foreign.reading import OUTSIDE, TOOLS

    if artifacts and words[0] not in OUTSIDE:
        raise UsageError("--artifacts goes with the stores of " + " and ".join(sorted(OUTSIDE)))
    if len(words) == 1:
        if words[0] in TOOLS and not os.path.exists(words[0]):
            raise UsageError(f"where are the runs of {words[0]}?", hint=f"kleio import {words[0]} PATH")
        return import_archive(context, words[0], dry_run=dry_run, as_json=as_json)
    if len(words) != 2 or words[0] not in TOOLS:
        raise UsageError(
            "one archive at a time, or the name of a tool and a path",
            hint=f"kleio import FILE, or kleio import {'|'.join(TOOLS)} PATH",
        )
    return import_store(context, *words, running=running, artifacts=artifacts, dry_run=dry_run, as_json=as_json)
