"""``kleio work``: run what was registered, until nothing is left."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import NumberRange, click_options
from kleio.cli.running.processes import PASSED_ON
from kleio.cli.selecting import queue_tags_option, where_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.cli.context import Context


@click.command("work", cls=Command, short_help="Run every trial of this project that may run.")
@queue_tags_option
@where_option
@click.option("--max", "most", type=click.IntRange(min=1), metavar="N", help="End after N trials.")
@click.option(
    "--idle-exit", type=NumberRange(min=0), default=0.0, show_default=True, metavar="SECONDS",
    help="How long to wait for new trials once nothing is left.",
)  # fmt: skip
@click.option("-a", "--all", "everywhere", is_flag=True, help="Of all projects, each where it belongs.")
@click.option("--isolated", is_flag=True, help="Run each trial in a clean checkout of its own code.")
@click.option("--link", "links", multiple=True, metavar="PATH", help="Link this path of your tree into each checkout.")
@click_options(PASSED_ON)
@click.pass_obj
def command(context: Context, /, **given: Any) -> int:
    """Run every trial of this project that may run, oldest first, until none is left: those that were saved, and those
    that were suspended, interrupted, or lost their launcher. `kleio run` without a command is the same.

    Any number of workers may run at once, here and elsewhere; each trial is run by one. A trial that breaks, is
    suspended from elsewhere or is refused here, because its code or environment is another, does not end the worker.
    Ctrl-C suspends the trial at hand and ends it.

    With --isolated each trial runs in a checkout of the code that it ran before, or, if it never ran, of the code as it
    stands when the worker begins; so neither other code here nor edits meanwhile are in its way.
    """
    from kleio.cli.worker.draining import WorkOrder, work

    passed = {option.key: given.pop(option.key) for option in PASSED_ON}
    return work(context, WorkOrder(passed=passed, **given))
