"""Plots as files: PNG, SVG, PDF by matplotlib, and HTML that holds its picture and a table of the trials in itself."""

from __future__ import annotations

import io
import os
import warnings
from html import escape

from kleio.analysis.markup import table_html
from kleio.errors import ExtraMissing, UsageError
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from kleio.analysis.trial import Trial
    from kleio.cli.drawing.plotting import Drawing

FORMATS = ("png", "svg", "pdf", "html")
SIZE = (8.0, 4.8)
COLOURS = 10
"""After so many curves matplotlib's colours come again, with another kind of line."""
LINES = ("-", "--", ":", "-.", (0, (7, 2, 1, 2, 1, 2)), (0, (9, 4)), (0, (1, 4)), (0, (3, 5, 1, 5)))
IN_A_COLUMN, MOST_IN_LEGEND = 20, 40
MISSING = "Glyph .* missing from"
"""How matplotlib's warning begins if its font lacks a character."""
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
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise ExtraMissing.of("matplotlib", "plot", "a plot as a file") from None
    with matplotlib.rc_context({"svg.hashsalt": "kleio", "svg.fonttype": "none", "agg.path.chunksize": 10000}):
        figure = Figure(figsize=SIZE, layout="constrained")
        _draw(figure.add_subplot(), drawing, len(trials), log_x, log_y, title)
        written = io.BytesIO()
        kind = "svg" if form == "html" else form
        dateless = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
        with warnings.catch_warnings():
            # SVG keeps text as text, which a browser has a font for; in a picture a box stands for the character.
            warnings.filterwarnings("ignore", MISSING, UserWarning)
            figure.savefig(written, format=kind, dpi=150, metadata=dateless)
    return _page(written.getvalue(), drawing, trials, title) if form == "html" else written.getvalue()


def _draw(axes: Any, drawing: Drawing, trials: int, log_x: bool, log_y: bool, title: str) -> None:
    """A colour for each trial, and for each statistic and each round of colours its kind of line."""
    lines: list[Any] = []
    rounds = -(-trials // COLOURS)
    for number, (_, curve) in enumerate(drawing.curves):
        marker = "o" if len(curve) == 1 else None
        statistic, trial = divmod(number, trials)
        style = LINES[(statistic * rounds + trial // COLOURS) % len(LINES)]
        (line,) = axes.plot(
            curve.x, curve.y, linestyle=style, linewidth=1.4, marker=marker, color=f"C{trial % COLOURS}"
        )  # fmt: skip
        if drawing.raw:
            axes.plot(drawing.raw[number].x, drawing.raw[number].y, linewidth=0.8, alpha=0.25, color=line.get_color())
        lines.append(line)
    if log_x:
        axes.set_xscale("log")
    if log_y:
        axes.set_yscale("log")
    axes.set_xlabel("\n".join([_text(drawing.x_name), *map(_text, drawing.notes)]))
    axes.set_ylabel(_text(drawing.y_name))
    axes.set_title(_text(title))
    axes.grid(alpha=0.25)
    labels = [label for label, _ in drawing.curves]
    if any(labels):
        # Given with its lines, a label that begins with an underscore would be left out.
        shown = [_text(label) if label[:1] != "_" else " " + _text(label) for label in labels[:MOST_IN_LEGEND]]
        rest = f"and {len(labels) - MOST_IN_LEGEND} more" if len(labels) > MOST_IN_LEGEND else None
        size = "small" if len(shown) <= IN_A_COLUMN else "xx-small"
        axes.legend(
            lines[:MOST_IN_LEGEND], shown, fontsize=size, framealpha=0.8, title=rest,
            ncols=-(-len(shown) // IN_A_COLUMN),
        )  # fmt: skip


def _text(text: str) -> str:
    """Stored text for matplotlib, which takes what stands between dollars for mathematics."""
    return escaped(text).replace("\\", "\\\\").replace("$", "\\$") if "$" in text else escaped(text)


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
