"""``kleio checkout``: the code that a trial ran, in a directory of its own."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import checkout_options, trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("checkout", cls=Command, short_help="Write the code that a trial ran into a directory.")
@trial_argument
@click.argument("directory", metavar="[DIRECTORY]", required=False)
@checkout_options
@click.option(
    "--remains", is_flag=True, help="If the commit is gone: write only the patch and the files that were kept."
)
@click.pass_obj
def command(
    context: Context, word: str, directory: str | None, attempt: int | None, fetch: bool, links: tuple[str, ...],
    remains: bool,
) -> int:  # fmt: skip
    """Write the code that trial ID ran, commit, changes and untracked sources, into DIRECTORY, and print where it is.

    DIRECTORY must be empty or missing; without it, one beside the repository is named after the trial. Your own work
    tree, index and branches are not touched. Exit code: 1 if something is not exactly as it was recorded; it is listed.
    """
    from kleio.checkout.recorded import recorded_code
    from kleio.checkout.remains import write_remains
    from kleio.cli.reproducing.checkouts import check_out, default_target, reader, refuse_inside, tell

    document = context.select(word).document
    target = directory or default_target(context, document)
    code, read = recorded_code(context.journal, document, attempt), reader(context)
    if remains:
        for path in write_remains(code, target, read):
            context.console.line(path)
        return 0
    refuse_inside(context, target)
    checkout = check_out(context, code, target, read, fetch=fetch, links=links, independent=True)
    tell(context.console, checkout)
    context.console.line(checkout.root)
    return 0 if checkout.complete else 1
