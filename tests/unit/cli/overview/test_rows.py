from __future__ import annotations

import pytest

from kleio.cli.overview.gauges import Gauge
from kleio.cli.overview.rows import HEADS, cells, fitting, narrowed
from kleio.dataclass import replace

QUIET = Gauge("a" * 64, "aaaaaaa", "running", "best", "engine", "train", "epoch 3/9", 90.0, 97.4, 3 << 20, 75.0, 61.2)
LOUD = Gauge("b" * 64, "bbbbbbb", "reserved", "#g", "lab", "x\x1b]0;t\x07", "", None, None, None, None, 0.0)


def test_a_row_says_what_a_trial_does() -> None:
    assert [cell.plain for cell in cells(QUIET)] == [
        "aaaaaaa", "running", "best", "1m 1s", "epoch 3/9", "1m 30s", "97 %", "3 MiB", "1m 15s", "engine", "train",
    ]  # fmt: skip
    assert [cell.plain for cell in cells(LOUD)][4:] == ["", "", "", "", "", "lab", "x\\e]0;t\\x07"]


@pytest.mark.parametrize(
    ("width", "heads"),
    [
        (150, list(HEADS)),
        (80, ["id", "status", "ran", "progress", "left", "cpu", "memory", "silent", "command"]),
        (60, ["id", "status", "ran", "progress", "left", "command"]),
        (20, ["id", "progress", "command"]),
    ],
)
def test_a_narrow_screen_keeps_a_piece_of_the_command(width: int, heads: list[str]) -> None:
    busy = replace(QUIET, command="python train.py --lr 0.1 --epochs 100")
    assert [HEADS[at] for at in fitting([cells(busy), cells(LOUD)], width)] == heads


@pytest.mark.parametrize(
    ("width", "heads"),
    [
        (120, [head for head in HEADS if head != "name and tags"]),
        (80, ["id", "ran", "progress", "left", "cpu", "memory", "silent", "command"]),
    ],
)
def test_what_says_nothing_makes_room_for_the_command_and_the_figures(width: int, heads: list[str]) -> None:
    busy = replace(QUIET, label="", progress="epoch 3/100, 12/min", command="python train.py --epochs 1000000")
    assert [HEADS[at] for at in fitting([cells(busy)], width)] == heads


def test_a_label_without_a_column_stands_before_the_command() -> None:
    lines = [cells(QUIET), cells(replace(QUIET, label="")), cells(replace(QUIET, label="a" * 40))]
    commands = [line[-1].plain for line in narrowed(lines, fitting(lines, 70), 70)]
    assert commands == ["best  train", "train", "aaaaaaaaaa…"]
