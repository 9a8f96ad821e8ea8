"""The full-screen view of what runs: a table that is renewed every two seconds, and keys to act on it.

Made of textual, and of three functions that it is given, so that it knows no journal: what runs, what a trial prints,
and how one is suspended. They are called in threads, the first two never at the same time.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import DataTable, Footer, Input, Log, Static

from kleio.cli.overview.gauges import complaint
from kleio.cli.overview.rows import HEADS, cells, fitting, narrowed
from kleio.cli.terminal.fitting import cut
from kleio.errors import FilterError, KleioError
from kleio.trial.quoting import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.binding import BindingType

    from kleio.cli.overview.gauges import Gauge

INTERVAL = 2.0
OF_THE_TABLE = frozenset({"suspend", "filter", "show_all", "look"})
LONGEST_COMMAND = 200
"""What a question tells of one, in some lines if need be."""


class Question(ModalScreen[bool]):
    """Yes or no, before something is done to a trial; its command below, for that may be longer than the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [("y", "answer(True)", "Yes"), ("n,escape", "answer(False)", "No")]
    CSS = """
    Question { align: center middle; }
    Question Static { width: auto; max-width: 100%; padding: 1 3; background: $panel; }
    """

    def __init__(self, text: str, command: str) -> None:
        super().__init__()
        self._text, self._command = text, command

    def compose(self) -> ComposeResult:
        yield Static(Text(f"{self._text}  [y/n]\n{cut(escaped(self._command), LONGEST_COMMAND)}"))

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


class Tail(Screen[None]):
    """What one trial prints, as it comes."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,enter", "leave", "Back")]

    def __init__(self, gauge: Gauge, lines: Iterator[str], turn: threading.Lock) -> None:
        super().__init__()
        self._gauge, self._lines, self._turn = gauge, lines, turn
        self._left = threading.Event()

    def compose(self) -> ComposeResult:
        yield Static(Text(f"{self._gauge.short}  {escaped(self._gauge.command)}", "reverse", no_wrap=True))
        yield Log(max_lines=10_000)
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(Log).focus()
        self.run_worker(self._follow, thread=True)

    def _follow(self) -> None:
        """In a thread: each step is one look, and what is new goes to the screen."""
        log = self.query_one(Log)
        while not self._left.is_set():
            try:
                with self._turn:
                    text = next(self._lines, None)
            except KleioError as error:
                text = f"\nkleio: {error.message}\n"
            if text is None:
                return
            if text and not self._left.is_set():
                self.app.call_from_thread(log.write, text)
            self._left.wait(0.5)

    def action_leave(self) -> None:
        self._left.set()
        self.dismiss()


class Trials(DataTable[Text]):
    """The table. Its own key for a row is told in the foot, as those of the screen are."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "Output")]


class Top(App[None]):
    """The table of what runs."""

    TITLE = "kleio top"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "quit", "Quit"), ("s", "suspend", "Suspend"), ("slash", "filter", "Filter"),
        ("escape", "show_all", "All"), ("r", "look", "Refresh"), Binding("ctrl+c", "quit", show=False, priority=True),
    ]  # fmt: skip
    CSS = """
    #head { height: 1; padding: 0 1; }
    Trials { height: 1fr; overflow-x: hidden; }
    Input { display: none; height: 3; }
    Input.asked { display: block; }
    """

    def __init__(
        self,
        read: Callable[[str], list[Gauge]],
        follow: Callable[[str], Iterator[str]],
        suspend: Callable[[str], str],
        *,
        interval: float = INTERVAL,
    ) -> None:
        super().__init__()
        self._gauges: dict[str, Gauge] = {}
        self._read, self._follow, self._suspend = read, follow, suspend
        self._interval = interval
        self._words = ""
        self._turn = threading.Lock()

    def compose(self) -> ComposeResult:
        yield Static("", id="head")
        yield Vertical(
            Trials(cursor_type="row", zebra_stripes=True),
            Input(placeholder="a part of the line, or a filter: config.lr > 0.1"),
        )
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.focus()
        if self._interval:
            self.set_interval(self._interval, self.action_look)
        self.action_look()

    def on_resize(self) -> None:
        self.action_look()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is about the table is for the table only, not for what lies over it."""
        return action not in OF_THE_TABLE or len(self.screen_stack) == 1

    def action_look(self) -> None:
        """Renew the table, unless a look is on its way."""
        self.run_worker(self._look, thread=True, exclusive=True)

    def _look(self) -> None:
        words = self._words
        with self._turn:
            try:
                gauges, trouble = self._read(words), ""
            except FilterError as error:
                gauges, trouble = [], f"{complaint(error)}, in the filter {words}" if words else complaint(error)
            except KleioError as error:
                gauges, trouble = list(self._gauges.values()), error.message
        if self.is_running:
            self.call_from_thread(self._show, gauges, words, trouble)

    def _show(self, gauges: list[Gauge], words: str, trouble: str) -> None:
        table = self.screen_stack[0].query_one(DataTable)
        chosen = self._chosen()
        self._gauges = {gauge.id: gauge for gauge in gauges}
        lines = [cells(gauge) for gauge in gauges]
        bar = table.styles.scrollbar_size_vertical if len(lines) >= table.size.height else 0
        kept = fitting(lines, self.size.width - bar)
        table.clear(columns=True)  # also the widths, which would only grow
        table.add_columns(*(HEADS[at] for at in kept))
        for gauge, line in zip(gauges, narrowed(lines, kept, self.size.width - bar), strict=True):
            table.add_row(*(line[at] for at in kept), key=gauge.id)
        if chosen in self._gauges:
            table.move_cursor(row=table.get_row_index(chosen))
        running = sum(gauge.status == "running" for gauge in gauges)
        text = f"{len(gauges)} at work, {running} running" + (f", that fit: {words}" if words else "")
        if not gauges and not words:
            text = "nothing runs; what is started is shown here"
        head = Text(escaped(trouble), "red") if trouble else Text(escaped(text), "dim")
        self.screen_stack[0].query_one("#head", Static).update(head)

    def _chosen(self) -> str:
        table = self.screen_stack[0].query_one(DataTable)
        if not table.row_count:
            return ""
        return str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)

    def on_data_table_row_selected(self) -> None:
        self.action_tail()

    def action_tail(self) -> None:
        """Show what the chosen trial prints."""
        gauge = self._gauges.get(self._chosen())
        if gauge is not None:
            self.push_screen(Tail(gauge, self._follow(gauge.id), self._turn))

    def action_suspend(self) -> None:
        """Ask, then suspend the chosen trial."""
        gauge = self._gauges.get(self._chosen())
        if gauge is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.notify(f"{gauge.short}: asked to stop")
                self.run_worker(lambda: self._stop(gauge), thread=True, group="suspend")

        self.push_screen(Question(f"Suspend {gauge.short}?", gauge.command), answered)

    def _stop(self, gauge: Gauge) -> None:
        said = self._suspend(gauge.id)
        if self.is_running:
            self.call_from_thread(self.notify, escaped(said), markup=False)

    def action_filter(self) -> None:
        """Type what the shown trials should have."""
        line = self.query_one(Input)
        line.add_class("asked")
        line.value = self._words
        line.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._choose(event.value.strip())

    def action_show_all(self) -> None:
        self._choose("")

    def _choose(self, words: str) -> None:
        self._words = words
        self.query_one(Input).remove_class("asked")
        self.query_one(DataTable).focus()
        self.action_look()
