from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from kleio.spool.attempt.orders import Order, ask_to_look, asked_to_look, leave_order, order_of, take_order

ORDER = Order(signal.SIGTERM, 30.0, "suspended", "suspended remotely by ada@engine")


@pytest.mark.parametrize("request_", [None, "", "dance", 3])
def test_only_known_words_are_orders(request_: object) -> None:
    assert order_of({"request": request_}, 30.0) is None
    assert order_of({}, 30.0) is None


def test_an_order_says_who_gave_it() -> None:
    by = {"user": "ada", "host": "engine", "pid": 3}
    assert order_of({"request": "suspend", "requested_by": by}, 30.0) == ORDER
    kill = order_of({"request": "kill", "requested_by": None}, 30.0)
    assert kill == Order(signal.SIGKILL, 0.0, "broken", "killed remotely")


def test_a_look_is_asked_for_once(tmp_path: Path) -> None:
    assert not asked_to_look(str(tmp_path))
    assert ask_to_look(str(tmp_path))
    assert ask_to_look(str(tmp_path))
    assert asked_to_look(str(tmp_path))
    assert not asked_to_look(str(tmp_path))
    assert not ask_to_look(str(tmp_path / "elsewhere"))


def test_an_order_is_taken_once(tmp_path: Path) -> None:
    leave_order(str(tmp_path), ORDER)
    assert take_order(str(tmp_path)) == ORDER
    assert take_order(str(tmp_path)) is None
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"signal": 15}', '{"a": 1}'])
def test_a_damaged_order_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "order.json").write_text(content)
    assert take_order(str(tmp_path)) is None
