"""Patience made bearable: a bar for what lasts, a word for what makes one wait. On stderr of a terminal only.

Whatever may take longer than a second and knows what it has done calls::

    with progress(context.console, "exporting", total=len(trials), unit="trials") as advance:
        for trial in trials:
            export(trial)
            advance(1)

``unit="bytes"`` shows sizes and speed, ``total=None`` a pulse for what has no known end. Nothing is drawn in the first
second, with ``--quiet``, or where stderr is no terminal. The bar vanishes at the end, so what stays on the screen is
the result, also what is said meanwhile. ``advance`` is cheap and may be called from any thread. What cannot count says
why it is silent::

    with remark_after(context.console, "connecting to lab.example.org…"):
        …
"""

from __future__ import annotations

from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from kleio.cli.terminal.console import Console

PATIENCE = 1.0
"""Seconds in which nothing needs to be said."""


@contextmanager
def progress(
    console: Console, label: str, *, total: int | None = None, unit: str = "items", patience: float = PATIENCE
) -> Iterator[Callable[[int], None]]:
    """A bar that appears after ``patience`` seconds; yields what is called with how much was done."""
    if console.quiet or not console.talks_to_terminal or console.is_dumb:
        yield lambda done: None
        return
    from threading import Timer

    bar = _Bar(console, label, total, unit)
    timer = Timer(patience, bar.show)
    timer.daemon = True
    timer.start()
    try:
        yield bar.advance
    finally:
        timer.cancel()
        timer.join()
        bar.end()


@contextmanager
def remark_after(console: Console, text: str, *, patience: float = PATIENCE) -> Iterator[None]:
    """Say ``text`` if what is inside lasts longer than ``patience`` seconds."""
    if console.quiet or not console.talks_to_terminal:
        yield
        return
    from threading import Timer

    timer = Timer(patience, remark, (console, text))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def remark(console: Console, text: str) -> None:
    """Say ``text`` to somebody who waits at the terminal; a log file does not wait."""
    if console.talks_to_terminal:
        console.say(text)


class _Bar:
    """Counts from the beginning; is drawn by rich once :meth:`show` was called."""

    def __init__(self, console: Console, label: str, total: int | None, unit: str) -> None:
        self._console, self._label, self._total, self._unit = console, label, total, unit
        self._done = 0
        self._drawn: Any = None

    def advance(self, done: int) -> None:
        self._done += done
        if self._drawn is not None:
            self._drawn.update(self._drawn.task_ids[0], completed=self._done)

    def show(self) -> None:
        from rich import progress as bars
        from rich.console import Console as RichConsole

        from kleio.trial.quoting import escaped
        from kleio.units import size_text

        class Speed(bars.ProgressColumn):
            """In the units of the size, and not in red: it is no alarm."""

            def render(self, task: bars.Task) -> str:
                speed = task.finished_speed or task.speed
                return f"{size_text(speed)}/s" if speed else ""

        count: tuple[bars.ProgressColumn, ...] = (bars.MofNCompleteColumn(), bars.TextColumn(self._unit))
        if self._unit == "bytes":
            count = (bars.DownloadColumn(binary_units=True), Speed())
        drawn = bars.Progress(
            bars.TextColumn("kleio: {task.description}", markup=False),
            bars.BarColumn(24, "bright_black", "green", "green", "green"),
            *count,
            bars.TimeRemainingColumn(compact=True),
            console=RichConsole(file=self._console.stderr, no_color=not self._console.talks_in_colour),
            transient=True,
        )
        drawn.add_task(escaped(self._label), total=self._total, completed=self._done)
        self._console.has_bar = (
            True  # before it is drawn: what another thread says makes room from the first picture on
        )
        drawn.start()
        self._drawn = drawn
        self.advance(0)  # what was done while this was set up

    def end(self) -> None:
        if self._drawn is not None:
            self._console.has_bar = False
            self._drawn.stop()
