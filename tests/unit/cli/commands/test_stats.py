from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timezone

import pytest

from harness.recorded import Recorder
from kleio.cli.reports import points as points_module
from kleio.cli.terminal.table import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

POINTS = [{"epoch": 3, "loss": 0.1}, {"epoch": 10, "loss": 0.05}, {"epoch": 2, "loss": 0.5}, {"note": "x"}]


@pytest.fixture
def trial(recorder: Recorder) -> str:
    trial = recorder.ended("x")
    recorder.logged(trial, *POINTS)
    return trial


def values(said: Any) -> list[dict[str, Any]]:
    assert said.code == 0, said.err
    return [point["values"] for point in json.loads(said.out)["data"]]


def test_the_points_come_in_the_order_of_logging(kleio: Any, trial: str) -> None:
    assert values(kleio("stats", trial, "--json")) == POINTS
    assert values(kleio("stats", trial, "--format", "json", "--reverse")) == POINTS[::-1]
    assert values(kleio("stats", trial, "--json", "-n", "1")) == POINTS[-1:]


def test_every_nth_point_of_those_asked_for(kleio: Any, trial: str) -> None:
    assert values(kleio("stats", trial, "--every", "2", "--json")) == POINTS[::2]
    assert values(kleio("stats", trial, "--every", "2", "-n", "3", "--json")) == POINTS[1:][::2]
    assert values(kleio("stats", trial, "--every", "100", "--json")) == POINTS[:1]


def test_any_key_sorts_and_what_lacks_it_comes_last(kleio: Any, trial: str) -> None:
    assert [point.get("epoch") for point in values(kleio("stats", trial, "--sort", "epoch", "--json"))] == [
        2,
        3,
        10,
        None,
    ]
    assert [point.get("loss") for point in values(kleio("stats", trial, "--sort", "loss", "-r", "--json"))] == [
        0.5, 0.1, 0.05, None,
    ]  # fmt: skip


def test_the_latest_or_of_a_sorted_list_the_first(kleio: Any, trial: str) -> None:
    def shown(*words: str) -> list[Any]:
        return [point.get("epoch", point.get("note")) for point in values(kleio("stats", trial, "--json", *words))]

    assert shown("-n", "2") == [2, "x"]
    assert shown("-n", "2", "-r") == ["x", 2]
    assert shown("-n", "2", "-r", "--keys", "epoch") == [2, 10]
    assert shown("-n", "99", "-r") == ["x", 2, 10, 3]
    assert shown("-n", "2", "--sort", "epoch") == [2, 3]
    assert shown("-n", "2", "--sort", "epoch", "-r") == [10, 3]


def test_only_the_keys_that_are_asked_for(kleio: Any, trial: str) -> None:
    assert values(kleio("stats", trial, "--keys", "note,loss", "--json"))[-2:] == [{"loss": 0.5}, {"note": "x"}]
    assert kleio("stats", trial, "--keys", "loss,epoch").out.splitlines()[:2] == ["loss  epoch", " 0.1      3"]


def test_a_table_has_a_column_for_each_key(kleio: Any, trial: str) -> None:
    assert kleio("stats", trial, "--sort", "epoch").out == (
        "epoch  loss  note\n    2   0.5\n    3   0.1\n   10  0.05\n                x\n"
    )


def test_a_spreadsheet_keeps_all_digits(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    rows = [{"loss": 1 / 3, "text": 'a,"b"\nc', "list": [1]}] * 2500
    recorder.logged(trial, *rows)
    said = kleio("stats", trial, "--format", "csv")
    read = list(csv.reader(io.StringIO(said.out)))
    assert read[0] == ["loss", "text", "list"]
    assert len(read) == 2501
    assert read[1:] == [[repr(1 / 3), 'a,"b"\nc', "[1]"]] * 2500


def test_attempt_and_rank_select(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x", word="suspended")
    recorder.wrote(trial, "writer", {"rank": 1})
    recorder.logged(trial, {"i": 1})
    recorder.reserve(trial)
    recorder.logged(trial, {"i": 2}, attempt=2)
    assert values(kleio("stats", trial, "--attempt", "2", "--json")) == [{"i": 2}]
    assert values(kleio("stats", trial, "--rank", "1", "--json")) == [{"i": 1}]
    assert kleio("stats", trial).out == "rank  i\n   1  1\n      2\n"


def test_what_was_taken_back_is_shown_if_asked_for(kleio: Any, trial: str, recorder: Recorder) -> None:
    recorder.wrote(trial, "resume", {"epoch": 2}, attempt=2)
    assert values(kleio("stats", trial, "--json")) == POINTS[2:]
    assert values(kleio("stats", trial, "--json", "--all")) == POINTS


def test_what_another_trial_attached_names_it(kleio: Any, trial: str, recorder: Recorder) -> None:
    recorder.wrote(trial, "remarks", {"values": {"bleu": 27.5}, "creator": {"trial": "b" * 64, "user": "ada"}})
    assert kleio("stats", trial, "--keys", "bleu").out == "bleu  attached by\n27.5  bbbbbbb\n"


def test_nothing_is_said_in_words(kleio: Any, recorder: Recorder, trial: str) -> None:
    empty = recorder.new("y")
    assert kleio("stats", empty).err == f"kleio: no statistics in trial {empty[:7]}\n"
    assert values(kleio("stats", empty, "--json")) == []


def test_that_nothing_fits_is_said_of_a_rank_that_there_is(kleio: Any, recorder: Recorder, trial: str) -> None:
    recorder.wrote(trial, "writer", {"rank": 2}, writer="second")
    said = kleio("stats", trial, "--rank", "2")
    assert (said.code, said.out, said.err) == (0, "", "kleio: no statistics fit\n")


@pytest.mark.parametrize("form", [(), ("--json",), ("-n", "1")])
def test_a_rank_that_there_is_not_is_refused_as_an_attempt_is(
    kleio: Any, recorder: Recorder, trial: str, form: tuple[str, ...]
) -> None:
    def refusal(option: str) -> str:
        said = kleio("stats", trial, option, "7", *form)
        assert (said.code, said.out) == (2, "")
        return str(said.err.splitlines()[0])

    short = trial[:7]
    assert (
        refusal("--attempt") == f"kleio: Invalid value for --attempt: trial {short} has no attempt 7; the latest is 1"
    )
    rank = f"kleio: Invalid value for --rank: trial {short} has no rank 7"
    assert refusal("--rank") == f"{rank}: none of its processes has one"
    for number in range(2):
        recorder.wrote(trial, "writer", {"rank": number}, writer=f"writer-{number}")
    assert refusal("--rank") == f"{rank}; it has 0, 1"


@pytest.mark.parametrize("keys", ["", ",", ",,"])
def test_keys_that_name_nothing_are_refused(kleio: Any, trial: str, keys: str) -> None:
    said = kleio("stats", trial, "--keys", "loss", "--keys", keys)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("kleio: Invalid value for '--keys': no statistic is named; ")


def test_keys_may_be_repeated(kleio: Any, trial: str) -> None:
    assert values(kleio("stats", trial, "--keys", "note,", "--keys", "loss,note", "--json")) == [
        {"loss": 0.1}, {"loss": 0.05}, {"loss": 0.5}, {"note": "x"},
    ]  # fmt: skip


@pytest.mark.parametrize("option", ["--sort", "--keys"])
def test_a_statistic_that_was_never_logged_is_refused_by_name(kleio: Any, trial: str, option: str) -> None:
    said = kleio("stats", trial, option, "los")
    assert said.code == 2
    assert said.err == (
        "kleio: no statistic is called 'los'\nkleio: hint: did you mean loss? there are: epoch, loss, note\n"
    )


@pytest.mark.parametrize("long", [10**400, "lorem " * 200])
def test_one_long_value_leaves_the_others_readable(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, long: Any
) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, {"n": 1, "loss": 0.5}, {"n": long, "loss": 0.25}, {"n": 3, "loss": 0.125})
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    lines = kleio("stats", trial, terminal=True).out.splitlines()
    blank = " " * 31
    assert lines == [f"{blank}n   loss", f"{blank}1    0.5", f"{str(long)[:31]}…   0.25", f"{blank}3  0.125"]
    assert len(kleio("stats", trial, "--keys", "n", "-n", "2", terminal=True).out.splitlines()[1]) == 32
    (whole,) = kleio("stats", trial, "--keys", "n", "-n", "2", "--every", "2", terminal=True).out.splitlines()[1:]
    assert whole == f"{str(long)[:79]}…"
    monkeypatch.delenv("COLUMNS")
    for form in ("table", "csv", "json"):
        assert str(long)[:400] in kleio("stats", trial, "--format", form).out


def test_stored_text_cannot_command_the_terminal(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, {"a\x1b[2J": "b\x1b[2J"})
    assert "\x1b[2J" not in kleio("stats", trial, terminal=True).out


def test_a_spreadsheet_is_exact_but_on_a_terminal(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, {"a\x1b[2J": "b\x1b]0;t\x07"})
    words = ("stats", trial, "--format", "csv")
    assert kleio(*words).out == "a\x1b[2J\nb\x1b]0;t\x07\n"
    assert kleio(*words, terminal=True).out == "a\\e[2J\nb\\e]0;t\\x07\n"


def test_dates_are_shown_as_iso_8601_and_the_rest_without_more_quotes(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.logged(
        trial,
        {
            "day": datetime(2020, 1, 2, 3, tzinfo=timezone.utc),
            "raw": b"a\0",
            "z": 1 + 2j,
            "list": [datetime(2020, 1, 2, tzinfo=timezone.utc)],
        },
    )
    shown = ["2020-01-02T03:00:00+00:00", r"b'a\x00'", "(1+2j)", '["2020-01-02T00:00:00+00:00"]']
    assert kleio("stats", trial).out.split("\n")[1].split() == shown
    assert list(csv.reader(io.StringIO(kleio("stats", trial, "--format", "csv").out)))[1] == shown
    [told] = values(kleio("stats", trial, "--json"))
    assert told == {"day": shown[0], "raw": "YQA=", "z": "(1+2j)", "list": ["2020-01-02T00:00:00+00:00"]}


def test_a_mapping_with_any_names_is_shown_in_every_form(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("odd")
    recorder.logged(trial, {"d": {(1, 2): 3, None: 4}})
    for form in ("table", "csv", "json"):
        said = kleio("stats", trial, "--format", form)
        assert said.code == 0, said.err
        assert "(1, 2)" in said.out


def test_a_table_is_laid_out_a_part_at_a_time(kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of thousands of names in a hundred thousand points all cells at once would not fit into the memory."""
    trial = recorder.ended("wide")
    points = [{f"layer{at}": at * 10 for at in range(40)}, *({"n": 10**at, "wide": "x" * at} for at in range(8))]
    recorder.logged(trial, *points)
    laid_out: list[int] = []

    def watched(console: Any, columns: Any, rows: Any) -> list[str]:
        laid_out.append(len(columns) * len(rows))
        return table(console, columns, rows)

    whole = kleio("stats", trial)
    monkeypatch.setattr(points_module, "CELLS", 100)
    monkeypatch.setattr(points_module, "table", watched)
    parts = kleio("stats", trial)
    assert parts.out == whole.out
    assert len(parts.out.splitlines()) == 10
    assert len(laid_out) > 1
    assert max(laid_out) <= 100


def test_into_a_pipe_the_first_lines_wait_for_no_later_ones(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points_module, "MEASURED", 3)
    trial = recorder.ended("long")
    recorder.logged(trial, *({"n": 10**at} for at in range(9)), {"late": 1})
    head, *lines = kleio("stats", trial).out.splitlines()
    assert head == "  n  late"
    assert [line.split() for line in lines] == [[str(10**at)] for at in range(9)] + [["1"]]
    assert [len(line) for line in lines[:9]] == [3, 3, 3, 6, 6, 6, 9, 9, 9]
    monkeypatch.setenv("COLUMNS", "80")
    assert {len(line) for line in kleio("stats", trial).out.splitlines()[1:-1]} == {9}


def test_of_many_columns_that_do_not_fit_the_first_are_named(
    kleio: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    trial = recorder.ended("wide")
    recorder.logged(trial, {"rank": 1, **{f"w{at}": at for at in range(1000)}})
    said = kleio("stats", trial, terminal=True)
    assert said.code == 0
    assert "too narrow for: w" in said.err
    assert " and 97" in said.err
    assert "w999" not in said.err


def test_the_names_that_there_are_stay_on_one_line(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, {"two\nlines": 1})
    said = kleio("stats", trial, "--keys", "two lines")
    assert said.code == 2
    assert r"hint: did you mean two\nlines? there are: two\nlines" in said.err


def test_an_integer_of_thousands_of_digits_does_not_hide_the_rest(kleio: Any, recorder: Recorder) -> None:
    trial = recorder.ended("x")
    recorder.logged(trial, {"n": 10**5000, "loss": 0.5})
    assert values(kleio("stats", trial, "--json")) == [{"n": hex(10**5000), "loss": 0.5}]
    _, row = kleio("stats", trial).out.splitlines()
    assert row.split() == [f"{hex(10**5000)[:39]}…", "0.5"]
    assert kleio("stats", trial, "--format", "csv").out == f"n,loss\n{hex(10**5000)},0.5\n"
