"""``kleio artifacts``: the files that a trial's script stored."""

from __future__ import annotations

import click

from kleio.cli.command import Group
from kleio.cli.options import ArtifactName, format_options, pager_option, trial_argument
from kleio.errors import UsageError
from kleio.trial.quoting import escaped, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kleio.cli.context import Context

    Decorated = Callable[..., Any]


def selection(function: Decorated) -> Decorated:
    """``ID [NAME] [KEY=VALUE…]``."""
    for decorate in (
        click.option("-a", "--all", "superseded", is_flag=True, help="Also what a later attempt took back."),
        click.argument("fitting", metavar="[NAME] [KEY=VALUE]...", nargs=-1, type=ArtifactName()),
        trial_argument,
    ):
        function = decorate(function)
    return function


class Artifacts(Group):
    """Knows an id where one of its commands should stand."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but says what to write."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise UsageError(
                f"{escaped(args[0])} is none of {', '.join(self.commands)}",
                hint=f"kleio artifacts ls {quoted(args)}",
            )
        return super().resolve_command(ctx, args)


@click.group("artifacts", cls=Artifacts, no_args_is_help=False)
def command() -> None:
    """List, fetch or print the files that a trial stored.

    Of several that fit, all are meant, in the order of storing. A name is what the script called it, and KEY=VALUE is
    metadata that it gave: `kleio artifacts cat 3f9c2ab weights epoch=10`. The first word is a name also if it has a =,
    as long as an artifact of the trial is called so: `epoch=5.ckpt`.
    """


@command.command("ls")
@selection
@pager_option
@format_options
@click.pass_obj
def ls(
    context: Context, word: str, fitting: tuple[str, ...], superseded: bool, no_pager: bool, form: str
) -> None:  # fmt: skip
    """List artifacts, one line each: size, digest, name, metadata."""
    from kleio.cli.artifacts.listing import artifact_json, artifact_lines, find_artifacts
    from kleio.cli.terminal.pager import page

    found = find_artifacts(context, word, fitting, superseded)
    if form == "json":
        context.console.json("artifacts ls", [artifact_json(artifact) for artifact in found])
        return
    page(context.console, context.environ, artifact_lines(context.console, found, form), not no_pager)
    if not found:
        context.console.say("no artifact fits" if fitting else "no artifacts")


@command.command("cat")
@selection
@click.pass_obj
def cat(context: Context, word: str, fitting: tuple[str, ...], superseded: bool) -> int:
    """Print the bytes of artifacts, one after the other. Exit code: 1 if none fits.

    Exact bytes, unless stdout is a terminal: there, colours pass and other control sequences are spelled out.
    """
    from kleio.cli.artifacts.listing import find_artifacts
    from kleio.cli.output.printing import Printer

    found = find_artifacts(context, word, fitting, superseded)
    with Printer(context.console) as printer:
        for artifact in found:
            for piece in context.blobs.open(artifact.digest):
                printer.put_bytes(piece)
    if not found:
        context.console.say("no artifact fits")
    return 0 if found else 1


@command.command("get")
@selection
@click.option("-o", "--output", "directory", default=".", metavar="DIRECTORY", help="Where to; made if it is missing.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
@click.pass_obj
def get(
    context: Context, word: str, fitting: tuple[str, ...], superseded: bool, directory: str, force: bool
) -> int:  # fmt: skip
    """Write artifacts into a directory, verified. Exit code: 1 if none fits, 125 if one could not be written.

    Each becomes a file of its own name; of several with one name the files are numbered from 1, in the order in which
    `kleio artifacts ls` shows them. A name that would lead out of the directory, or is no name for a file, is refused,
    and the others are written.
    """
    from kleio.cli.artifacts.fetching import fetch_all
    from kleio.cli.artifacts.listing import find_artifacts

    found = find_artifacts(context, word, fitting, superseded)
    if not found:
        context.console.say("no artifact fits")
        return 1
    return fetch_all(context, found, directory, force=force)
