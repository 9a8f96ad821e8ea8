from __future__ import annotations

import asyncio
import time

import pytest
from textual.widgets import DataTable, Input, Log, Static
from textual.widgets._footer import FooterKey

from harness.waiting import PATIENCE
from kleio.cli.overview.gauges import Gauge
from kleio.cli.overview.rows import HEADS
from kleio.cli.overview.screen import Question, Tail, Top
from kleio.dataclass import replace
from kleio.errors import FilterError, JournalUnreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from textual.pilot import Pilot

QUIET = Gauge("a" * 64, "aaaaaaa", "running", "best", "engine", "train", "epoch 3/9", 90.0, 97.4, 3 << 20, 75.0, 61.2)
LOUD = Gauge("b" * 64, "bbbbbbb", "reserved", "#g", "lab", "x\x1b]0;t\x07", "", None, None, None, None, 0.0)


class Journal:
    """Stands for what the screen is given."""

    def __init__(self) -> None:
        self.gauges = [QUIET, LOUD]
        self.trouble: Exception | None = None
        self.asked: list[str] = []
        self.suspended: list[str] = []
        self.lines = ["epoch 1\n", "epoch 2\n"]

    def read(self, words: str) -> list[Gauge]:
        self.asked.append(words)
        if self.trouble is not None:
            raise self.trouble
        return [one for one in self.gauges if words in one.command]

    def follow(self, trial: str) -> Iterator[str]:
        assert trial == QUIET.id
        yield from self.lines

    def suspend(self, trial: str) -> str:
        self.suspended.append(trial)
        return "trial aaaaaaa is suspended"


def shown(journal: Journal, act: Callable[[Top, Pilot[Any]], Any]) -> None:
    """Let ``act`` use the screen."""

    async def use() -> None:
        app = Top(journal.read, journal.follow, journal.suspend, interval=0)
        async with app.run_test(size=(120, 24)) as pilot:
            await until(pilot, lambda: rows(app) == len(journal.gauges))
            await act(app, pilot)

    asyncio.run(use())


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        await pilot.pause(0.01)


def rows(app: Top) -> int:
    return app.screen_stack[0].query_one(DataTable).row_count


def head(app: Top) -> str:
    return str(app.screen_stack[0].query_one("#head", Static).render())


def test_the_table_is_renewed_and_keeps_the_chosen_row() -> None:
    journal = Journal()

    async def act(app: Top, pilot: Pilot[Any]) -> None:
        assert head(app) == "2 at work, 1 running"
        await pilot.press("down")
        journal.gauges = [QUIET, replace(QUIET, id="c" * 64), LOUD]
        await pilot.press("r")
        await until(pilot, lambda: rows(app) == 3)
        assert app.query_one(DataTable).cursor_row == 2

    shown(journal, act)


def test_enter_shows_the_output_and_escape_leads_back() -> None:
    async def act(app: Top, pilot: Pilot[Any]) -> None:
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Tail) and app.screen.query(Log))
        log = app.screen.query_one(Log)
        await until(pilot, lambda: list(log.lines)[:2] == ["epoch 1", "epoch 2"])
        await pilot.press("slash", "s")  # not for this screen
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)

    shown(Journal(), act)


@pytest.mark.parametrize(("key", "suspended"), [("y", [QUIET.id]), ("n", []), ("escape", [])])
def test_a_trial_is_suspended_only_after_a_yes(key: str, suspended: list[str]) -> None:
    journal = Journal()

    async def act(app: Top, pilot: Pilot[Any]) -> None:
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press(key)
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await until(pilot, lambda: journal.suspended == suspended)

    shown(journal, act)


@pytest.mark.parametrize("command", ["train", "python -c $'" + "print(1)\\n" * 60 + "'", "a\nb\n" * 80])
def test_a_question_shows_its_keys_however_long_the_command_is(command: str) -> None:
    journal = Journal()
    journal.gauges = [replace(QUIET, command=command)]

    async def act(app: Top, pilot: Pilot[Any]) -> None:
        await pilot.resize_terminal(50, 16)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, Question) and "[y/n]" in app.export_screenshot())

    shown(journal, act)


def test_what_is_typed_after_a_slash_filters_and_escape_shows_all() -> None:
    journal = Journal()

    async def act(app: Top, pilot: Pilot[Any]) -> None:
        await pilot.press("slash")
        await pilot.press(*"train", "enter")
        await until(pilot, lambda: rows(app) == 1)
        assert head(app) == "1 at work, 1 running, that fit: train"
        assert not app.query_one(Input).has_class("asked")
        await pilot.press("escape")
        await until(pilot, lambda: rows(app) == 2)

    shown(journal, act)


@pytest.mark.parametrize(
    ("trouble", "left"),
    [(FilterError("there is no field x\n  x\n  ^"), 0), (JournalUnreachable("the journal is away"), 2)],
)
def test_trouble_is_told_on_the_screen(trouble: Exception, left: int) -> None:
    journal = Journal()

    async def act(app: Top, pilot: Pilot[Any]) -> None:
        journal.trouble = trouble
        await pilot.press("r")
        await until(pilot, lambda: head(app) == str(trouble).partition("\n")[0])
        assert rows(app) == left

    shown(journal, act)


def test_the_columns_follow_the_width_of_the_screen() -> None:
    journal = Journal()

    async def act(app: Top, pilot: Pilot[Any]) -> None:
        table = app.query_one(DataTable)
        assert [str(column.label) for column in table.ordered_columns] == list(HEADS)
        await pilot.resize_terminal(50, 20)
        await pilot.press("r")
        await until(pilot, lambda: 0 < len(table.ordered_columns) < len(HEADS))
        assert str(table.ordered_columns[-1].label) == "command"
        assert rows(app) == 2

    shown(journal, act)


def test_a_filter_that_is_not_understood_stays_in_sight() -> None:
    journal = Journal()

    async def act(app: Top, pilot: Pilot[Any]) -> None:
        journal.trouble = FilterError("there is no field x\n  x\n  ^")
        await pilot.press("slash", "x", "enter")
        await until(pilot, lambda: head(app) == "there is no field x, in the filter x")

    shown(journal, act)


def test_the_foot_tells_every_key() -> None:
    async def act(app: Top, pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: len(app.query(FooterKey)) == 6)
        assert {str(key.description) for key in app.query(FooterKey)} == {
            "Output", "Quit", "Suspend", "Filter", "All", "Refresh",
        }  # fmt: skip

    shown(Journal(), act)


@pytest.mark.parametrize("keys", [("ctrl+c",), ("slash", "ctrl+c"), ("enter", "ctrl+c"), ("s", "ctrl+c"), ("q",)])
def test_ctrl_c_leaves_wherever_one_is(keys: tuple[str, ...]) -> None:
    async def act(app: Top, pilot: Pilot[Any]) -> None:
        await pilot.press(*keys)
        await until(pilot, lambda: not app.is_running)

    shown(Journal(), act)


def test_a_long_command_ends_with_the_screen_at_any_width() -> None:
    journal = Journal()
    journal.gauges = [replace(QUIET, command="python train.py --epochs 100 " + "--more 1 " * 20), LOUD]

    async def act(app: Top, pilot: Pilot[Any]) -> None:
        table = app.query_one(DataTable)
        for width in (120, 90, 70):
            await pilot.resize_terminal(width, 20)
            await until(pilot, lambda width=width: table.size.width == width)
            await until(pilot, lambda: rows(app) and table.virtual_size.width == table.size.width)
            assert table.get_row(QUIET.id)[-1].plain.endswith("…")

    shown(journal, act)


def test_where_nothing_runs_that_is_said() -> None:
    journal = Journal()
    journal.gauges = []

    async def act(app: Top, pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: head(app) == "nothing runs; what is started is shown here")

    shown(journal, act)
