"""Plots as files: PNG, SVG, PDF by matplotlib, and HTML that holds its picture and a table of the trials in itself."""

from __future__ import annotations

import io
import math
import os
import warnings
from contextlib import contextmanager
from html import escape

from kleio.analysis.markup import table_html
from kleio.cli.drawing.fonts import with_fallbacks
from kleio.cli.drawing.legend import as_text, draw_legend
from kleio.cli.drawing.scale import Scale
from kleio.errors import ExtraMissing, UsageError
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from kleio.analysis.curves import Curve
    from kleio.analysis.trial import Trial
    from kleio.cli.drawing.plotting import Drawing

FORMATS = ("png", "svg", "pdf", "html")
SIZE = (8.0, 4.8)
COLOURS = 10
"""After so many curves matplotlib's colours come again, with another kind of line."""
LINES = ("-", "--", ":", "-.", (0, (7, 2, 1, 2, 1, 2)), (0, (9, 4)), (0, (1, 4)), (0, (3, 5, 1, 5)))
MOST_POINTS = 4000
STYLE = """\
body{font:16px/1.5 system-ui,sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#222}
svg{max-width:100%;height:auto}table{border-collapse:collapse;font-size:14px}
td,th{padding:.2em .8em;text-align:left;border-bottom:1px solid #ddd}td{font-family:ui-monospace,monospace}
"""


def format_of(path: str) -> str:
    """What to write, by the end of the file's name."""
    form = os.path.splitext(path)[1][1:].lower()
    if form not in FORMATS:
        raise UsageError(f"{escaped(path)}: a plot is written as {', '.join('.' + each for each in FORMATS)}")
    return form


def figure_bytes(
    drawing: Drawing, trials: Sequence[Trial], form: str, *, log_x: bool = False, log_y: bool = False, title: str = ""
) -> bytes:
    """The file. Raises ``ExtraMissing`` without matplotlib."""
    kind = "svg" if form == "html" else form
    written = io.BytesIO()
    with _quiet():
        try:
            import matplotlib
            from matplotlib.figure import Figure
            from matplotlib.font_manager import fontManager
        except ImportError:
            raise ExtraMissing.of("matplotlib", "plot", "a plot as a file") from None
        fonts = with_fallbacks(matplotlib.rcParams["font.family"], {font.name for font in fontManager.ttflist})
        settings: Any = {
            "svg.hashsalt": "kleio",
            "svg.fonttype": "none",
            "agg.path.chunksize": 10000,
            "font.family": fonts,
        }
        with matplotlib.rc_context(settings):
            figure = Figure(figsize=SIZE, layout="constrained")
            _draw(figure, drawing, len(trials), log_x, log_y, title)
            dateless = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
            figure.savefig(written, format=kind, dpi=150, metadata=dateless)
    return _page(written.getvalue(), drawing, trials, title) if form == "html" else written.getvalue()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what matplotlib has to say of its own: a line of its code, a cache that it makes, a character that its
    font lacks. Nobody who asked for a picture can do anything about it."""
    import logging

    logger = logging.getLogger("matplotlib")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def _draw(figure: Any, drawing: Drawing, trials: int, log_x: bool, log_y: bool, title: str) -> None:
    """A colour for each trial, and for each statistic and each round of colours its kind of line."""
    axes = figure.add_subplot()
    seen = [curve for _, curve in drawing.curves] + list(drawing.raw)
    across = Scale.around("x", (x for curve in seen for x in curve.x), log=log_x)
    up = Scale.around("y", (y for curve in seen for y in curve.y), log=log_y)
    lines: list[Any] = []
    rounds = -(-trials // COLOURS)
    for number, (_, curve) in enumerate(drawing.curves):
        statistic, trial = divmod(number, trials)
        style = LINES[(statistic * rounds + trial // COLOURS) % len(LINES)]
        alone = _alone(curve)
        (line,) = axes.plot(
            across.placed(curve.x), up.placed(curve.y), linestyle=style, linewidth=1.4, color=f"C{trial % COLOURS}",
            marker="o" if alone else None, markersize=4, markevery=alone or None,
        )  # fmt: skip
        if drawing.raw:
            raw = drawing.raw[number]
            axes.plot(across.placed(raw.x), up.placed(raw.y), linewidth=0.8, alpha=0.25, color=line.get_color())
        lines.append(line)
    across.set(axes)
    up.set(axes)
    axes.set_xlabel("\n".join([as_text(drawing.x_name), *map(as_text, drawing.notes)]))
    axes.set_ylabel(as_text(drawing.y_name))
    axes.set_title(as_text(title))
    axes.grid(alpha=0.25)
    labels = [label for label, _ in drawing.curves]
    if any(labels):
        draw_legend(figure, axes, lines, labels)


def _alone(curve: Curve) -> list[int]:
    """The points between gaps, through which no line goes."""
    seen = [False, *(math.isfinite(x) and math.isfinite(y) for x, y in curve), False]
    return [at for at in range(len(curve)) if seen[at + 1] and not seen[at] and not seen[at + 2]]


def _page(svg: bytes, drawing: Drawing, trials: Sequence[Trial], title: str) -> bytes:
    heading = escape(escaped(title or f"{drawing.y_name} over {drawing.x_name}"))
    picture = svg.decode()
    picture = picture[picture.index("<svg") :]
    rows = [[trial.short_id, trial.name, trial.status, trial.command, str(trial.started or "")] for trial in trials]
    table = table_html(["trial", "name", "status", "command", "started"], rows)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{heading}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{heading}</h1>\n{picture}\n{table}\n</body></html>\n"
    ).encode("utf-8", "backslashreplace")
