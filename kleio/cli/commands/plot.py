"""``kleio plot``: statistics of trials as curves."""

from __future__ import annotations

import os

import click

from kleio.cli.command import Command
from kleio.cli.options import NumberRange, StatisticName, trials_argument
from kleio.errors import OutputFailed
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context


@click.command("plot", cls=Command)
@trials_argument
@click.option(
    "-y",
    "names",
    type=StatisticName(),
    multiple=True,
    metavar="NAME",
    help="What to draw. Repeat for several. Default: the loss.",
)
@click.option(
    "-x",
    "x",
    type=StatisticName(),
    metavar="NAME",
    help="Over what: a statistic, time or number. Default: what counts.",
)
@click.option("--log-x", is_flag=True, help="A logarithmic axis; what is not positive is left out.")
@click.option("--log-y", is_flag=True, help="The same upwards.")
@click.option(
    "--smooth", type=NumberRange(0, 1, max_open=True), default=0.0, metavar="WEIGHT",
    help="Smooth by an exponential moving average; 0.9 is a lot.",
)  # fmt: skip
@click.option("--title", default="", metavar="TEXT", help="What to write above.")
@click.option("--width", type=click.IntRange(20, 1000), metavar="N", help="Columns. Default: those of the terminal.")
@click.option("--height", type=click.IntRange(8, 500), metavar="N", help="Lines. Default: what fits the terminal.")
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False), metavar="FILE",
    help="Into a file (.png .svg .pdf .html) instead of the terminal; needs kleio[plot].",
)  # fmt: skip
@click.option("-f", "--force", is_flag=True, help="Replace FILE if it exists.")
@click.pass_obj
def command(
    context: Context,
    words: tuple[str, ...],
    names: tuple[str, ...],
    x: str | None,
    log_x: bool,
    log_y: bool,
    smooth: float,
    title: str,
    width: int | None,
    height: int | None,
    out: str | None,
    force: bool,
) -> None:
    """Draw statistics of one or more trials, one curve a trial.

    The legend says in which options the trials differ. Millions of points are thinned out so that no spike is lost.
    """
    from kleio.cli.drawing.chart import Chart
    from kleio.cli.drawing.figure import MOST_POINTS, figure_bytes, format_of
    from kleio.cli.drawing.plotting import Wanted, drawing_of
    from kleio.cli.drawing.size import size_for

    form = None if out is None else format_of(out)
    if out is not None and os.path.lexists(out) and not force:
        raise OutputFailed(
            f"{escaped(out)} exists already", hint="choose another place for the plot, or replace it with --force"
        )
    trials = [context.select(word) for word in dict.fromkeys(words)]
    columns, lines = size_for(context.console, width, height, below=len(trials) * max(1, len(names)))
    most = 4 * columns if form is None else MOST_POINTS
    drawing = drawing_of(trials, Wanted(names, x, smooth, most, log_x, log_y))
    if out is not None and form is not None:
        content = figure_bytes(drawing, trials, form, log_x=log_x, log_y=log_y, title=title)
        try:
            with click.open_file(out, "wb") as file:
                file.write(content)
        except OSError as error:
            raise OutputFailed(
                f"{escaped(out)} cannot be written: {error.strerror or error}", hint="choose another place for the plot"
            ) from None
        context.console.say(f"wrote {out}")
        return
    chart = Chart(drawing.curves, drawing.x_name, title or drawing.y_name, log_x, log_y, drawing.notes)
    for line in chart.lines(context.console, columns, lines, unicode=context.console.has_unicode):
        context.console.line(line)
