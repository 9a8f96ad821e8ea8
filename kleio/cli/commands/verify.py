"""``kleio verify``: is a trial reproducible? It is run again, and both are compared."""

from __future__ import annotations

import click

from kleio.cli.command import Command
from kleio.cli.options import NumberRange, checkout_options, json_option, trial_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.cli.context import Context


def tolerance_options(function: Any) -> Any:
    """What may differ."""
    for names, key, metavar, text in (
        ("--ignore-line", "lines", "REGEX", "Lines of output that do not count."),
        ("--ignore-artifact", "artifacts", "PATTERN", "Names of artifacts that do not count."),
        ("--ignore-statistic", "statistics", "PATTERN", "Names of statistics that do not count."),
    ):
        function = click.option(names, key, multiple=True, metavar=metavar, help=text)(function)
    function = click.option("--ignore-output", "output", is_flag=True, help="Output does not count.")(function)
    for name, default, kind in (("--atol", 1e-8, "Absolute"), ("--rtol", 1e-5, "Relative")):
        text = f"{kind} tolerance of floats."
        option = click.option(name, type=NumberRange(min=0), default=default, show_default=True, help=text)
        function = option(function)
    return function


@click.command("verify", cls=Command, short_help="Run a trial again, and say whether the results are the same.")
@trial_argument
@checkout_options
@tolerance_options
@json_option
@click.pass_obj
def command(
    context: Context, /, word: str, attempt: int | None, fetch: bool, links: tuple[str, ...], as_json: bool,
    rtol: float, atol: float, **ignored: Any,
) -> int:  # fmt: skip
    """Run trial ID again on the code that it ran, and say whether the results are the same.

    Compared are the exit, statistics (floats within a tolerance, all else exactly), artifacts by digest, and output.
    The run is a trial of its own, as of `kleio rerun`; the verdict is kept with trial ID, and `kleio info` shows it.
    Exit code: 0 if it was reproduced, 1 if not.
    """
    from kleio.analysis.finding import Tolerance
    from kleio.cli.reproducing.rerunning import RerunOrder
    from kleio.cli.reproducing.verifying import verdict_json, verdict_lines, verify

    tolerance = Tolerance(rtol, atol, **ignored)
    order = RerunOrder(
        attempt=attempt, fetch=fetch, links=links, output="split", hide_output=True, why="verification"
    )  # fmt: skip
    verdict = verify(context, context.select(word), order, tolerance)
    if as_json:
        context.console.json("verify", verdict_json(verdict))
    else:
        for line in verdict_lines(context.console, verdict):
            context.console.line(line)
    return 0 if verdict.agreement.reproduced else 1
