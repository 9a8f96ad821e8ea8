"""The filter language: what it means, and what it says about a fault."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.errors import FilterError
from kleio.trial.clauses import EVERYTHING, Among, Compare, Either, Not
from kleio.trial.holding import predicate
from kleio.trial.statement import MOST_TERMS, parse, parse_order

NOW = 1_800_000_000.0
TRIAL = {
    "_id": "3f9c" + "0" * 60,
    "status": "completed",
    "name": "first",
    "tags": ["baseline", "7"],
    "argv": ["python", "train.py", "--lr", "0.1", "a b"],
    "project": {"id": "p1", "name": "repo"},
    "directory": "sub",
    "started": {"time": NOW - 3600, "offset": 0},
    "duration": 90.0,
    "outcome": {"code": 3, "signal": None, "why": "exit 3"},
    "fence": 2,
    "refers": {"parent": "abcd" + "0" * 60},
    "code": {"commit": "f3c7fd8b", "dirty": True, "branch": "main"},
    "environment": {
        "compared": {"python": "3.11.7", "env.CLUSTER": "big"},
        "recorded": {"host": "vm", "cpu_count": 2, "variables": ["A", "B"]},
    },
    "configuration": {
        "lr": 0.1, "text": "0.5", "batch-size": 64, "model.depth": 3, "flag": True, "none": None, "big": 1 << 70,
        "layers": [64, "128", None], "my key": "x", "conf": {"file": "c.yaml", "content": {"optimizer": {"lr": 1}}},
        "nested": {"a": {"b": 1}}, "odd": "\ud800", "nan": float("nan"),
    },
    "summary": {
        "artifacts": 2,
        "statistics": {
            "loss": {"count": 3, "first": 3.0, "last": 1.0, "min": 0.5, "max": 3.0},
            "train/acc": {"count": 1, "last": 0.9}, "a.min": {"count": 1, "last": 7}, "note": {"count": 2},
            "bad": {"count": 1, "last": float("nan")},
        },
    },
}  # fmt: skip


def holds(text: str) -> bool:
    return predicate(parse(text, NOW))(TRIAL)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        'status == "completed"',
        "status = 'completed' and not status != \"completed\"",
        'id == "3f9c"',
        "id == 3f9c and parent == abcd and status == completed and host == vm",
        'parent == "abcd" and parent in ("ffff", "abcd")',
        'name == "first" and name contains "irs" and name matches "^fi" and name in ["first",]',
        '"baseline" in tags and tags contains "baseline" and tags == "baseline" and tags != "other"',
        "tags contains 7 and 7 in tags",
        "baseline in tags and not other in tags and other not in tags",
        "\"nothing\" not in tags and tags not contains 'base'",
        "command contains \"train.py --lr 0.1 'a b'\"",
        'argv contains "--lr" and argv matches "^--"',
        'project == "repo" and project.id == "p1" and directory == "sub"',
        'started > "2 hours ago" and started < now and started > "1h30m ago"',
        "duration >= 90 and duration < \"2m\" and duration <= 1m30s",
        'exit == 3 and signal is null and cause matches "exit [0-9]" and attempts > 1',
        "code.dirty == true and code.dirty != false and code.commit == f3c7 and code.branch == \"main\"",
        'env.python == "3.11.7" and env.CLUSTER == "big" and env.env.CLUSTER == "big" and host == "vm"',
        'env.cpu_count >= 2 and env.variables contains "B" and env.missing is null',
        "config.lr == 0.1 and config.lr == \"0.1\" and config.lr > 0.01 and config.lr > \"0.01\"",
        "config.text > 0.4 and config.text == 0.5 and config.text == \"0.5\" and not config.text == \"0.50\"",
        "config.batch-size == 64 and config.model.depth == 3 and config.\"model.depth\" == 3",
        "config.flag == true and config.flag != 1 and config.none is null and config.none == null",
        f"config.big == {1 << 70} and config.big > {(1 << 70) - 1} and config.big < {(1 << 70) + 1}",
        "config.layers contains 64 and config.layers contains 128 and 64 in config.layers and config.layers > 100",
        "config.layers not contains 65 and config.layers is not null",
        "config.\"my key\" == 'x' and config.'my key' matches \"x\"",
        'config.conf == "c.yaml" and config.conf.optimizer.lr == 1 and config.conf.optimizer is not null',
        "config.nested.a.b == 1 and config.nested.a.c is null",
        'config.odd == "\\ud800" and config.nan is nan and not config.nan > 0 and not config.nan <= 0',
        "stats.loss == 1 and stats.loss.min < 0.6 and stats.loss.max == 3 and stats.loss.first == 3",
        "stats.loss.count == 3 and stats.train/acc > 0.8 and stats.a.min.last == 7 and stats.\"a.min\" == 7",
        "stats.note is null and stats.note.count == 2 and stats.bad is nan and stats.bad is not null",
        "0.2 < config.text and 3 == stats.loss.max",
        "artifacts == 2 and lost is null and within is null",
        "name == \"other\" or name == \"first\" and exit == 3",
        "not (name == \"first\" and exit == 0) and not not (exit == 3)",
        "exit in (0, 3) and exit not in (1, 2) and exit not in ()",
        'config.missing != 1 and not config.missing == 1 and config.missing not in (1, 2)',
        'name != "\\"\\\'\\\\\\n\\r\\t\\0" and name == "\\u0066irst" and name matches "^\\\\w+$"',
        'started in ("2027-01-15 07:00Z", "2020-01-01") and started == "2027-01-15T07:00:00+00:00"',
        'started == "2027-01-15 07Z" and started != "2027-01-15 07:01Z" and started != "2027-01-15 07:00:00.5Z"',
    ],
)  # fmt: skip
def test_what_holds(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        'status == "running"',
        'name contains "FIRST"',
        'config.missing == 1 or config.missing < 1 or config.missing matches ""',
        "config.flag == 1",
        'config.lr == "zero"',
        'config.text < "0.4"',
        "config.layers == 65",
        "exit in ()",
        'started == "yesterday"',
        "stats.missing is nan",
        'code.remote matches "."',
        'name == "\'; DROP TABLE trials; --"',
        'config."$where" is not null',
    ],
)  # fmt: skip
def test_what_does_not_hold(text: str) -> None:
    assert not holds(text)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("stat.loss < 1", "there is no field stat.loss\n  stat.loss < 1\n  ^^^^^^^^^", "did you mean stats.loss"),
        ("statistics.loss < 1", "there is no field statistics.loss", "did you mean stats.loss?"),
        ("staus is null", "there is no field staus", "did you mean status"),
        ("qqqqqqqq is null", "there is no field qqqqqqqq", "the fields are"),
        ("loss < 1", "there is no field loss", "did you mean config.loss or stats.loss or lost?"),
        ("lr < 1", "there is no field lr", "did you mean config.lr or stats.lr? the fields are"),
        ("net.depth < 1", "there is no field net.depth", "did you mean config.net.depth or stats.net.depth?"),
        ("config == 1", "config needs a name: config.NAME", None),
        ('status == "complete"', "there is no status complete", "completed?"),
        ("status == complete", "there is no status complete", "did you mean completed?"),
        ("name == status", "a field is compared with a value", 'quote text: "status"'),
        ("config.a == config.b", "a field is compared with a value", None),
        ("name == and", "a value is missing here", None),
        ('status < "new"', "status has no order", None),
        ("name", "a comparison with name is missing here", "matches"),
        ("name ==", "a value is missing here\n  name ==\n         ^", None),
        ("name == 1 name == 2", "`and` or `or` is missing here\n  name == 1 name == 2\n            ^^^^", None),
        ("(name is null", "this bracket is never closed\n  (name is null\n  ^", None),
        ("name is null)", "this bracket was never opened", None),
        ("and", "a field is missing here", None),
        ("name is", "null or nan is missing here", None),
        ("name is 3", "null or nan is missing here", "write =="),
        ('"x" 3', "a comparison is missing here", None),
        ("name in 3", "a list is missing here", None),
        ('name in ("a" "b")', "a comma or the end of the list", None),
        ('name == "abc', "this quotation mark is never closed\n  name == \"abc\n          ^", None),
        ("name ~ 3", "~ has no meaning here", "write `matches`"),
        ("config.a && config.b", "& has no meaning here", "write `and`"),
        ('stats.loss.min < "abc"', "stats.loss.min is compared as a number, and abc is none", "only numbers can be"),
        ("stats.loss < true", "stats.loss is compared as a number, and true is none", "stats.NAME` shows text, too"),
        ('started > "soon"', "soon is no time", '"2 days ago"'),
        ("config.lr < true", "neither smaller nor greater", None),
        ("config.lr < null", "neither smaller nor greater", None),
        ("code.dirty == 1", "code.dirty is true or false", None),
        ('duration contains "x"', "duration is a duration, which contains nothing", None),
        ('exit matches "x"', "exit is a number, and no text", None),
        ("name matches 3", "a regular expression is missing", None),
        ("tags contains null", "null is contained in nothing", None),
        ('name matches "(?=x)"', "cannot be used: looking around", None),
        ('name matches "(x"', "a ( is never closed", None),
        ("descendant 3f9c", "write descendant of ID", None),
        ("descendant of", "a trial's id is missing", None),
        ('descendant of " "', "a trial's id is missing", None),
        ("config.lr => 0.1", "a value is missing here", "write >="),
        ("config.lr <> 0.1", "a value is missing here", "write !="),
        ("exit == 0 AND name == 1", "`and` or `or` is missing here", "write `and`, in small letters"),
        ("name == best OR name == 1", "`and` or `or` is missing here", "write `or`, in small letters"),
        ("tags is null OR exit == 1", "`and` or `or` is missing here", "write `or`, in small letters"),
        ("NOT exit == 0", "there is no field NOT\n  NOT exit == 0\n  ^^^", "write `not`, in small letters"),
        ("exit IN (0, 1)", "a comparison with exit is missing here", "write `in`, in small letters"),
        ("0.05 < config.lr < 0.2", "`and` or `or` is missing here", "write config.lr > 0.05 and config.lr < 0.2"),
        ("0 < exit <= 2 and exit != 1", "`and` or `or` is missing here", "write exit > 0 and exit <= 2"),
        ("started > 2 days ago", "`and` or `or` is missing here", 'quotation marks: started > "2 days ago"'),
        ("(started > 2 days ago) or exit == 1", "is missing here", 'quotation marks: started > "2 days ago"'),
        ("exit == 0 and duration > 40 s", "is missing here", 'quotation marks: duration > "40 s"'),
        ("name == my best run and exit == 0", "is missing here", 'quotation marks: name == "my best run"'),
        ("started > 2026-11-21 13:55", ": has no meaning here", 'as in "2026-11-21 13:55"'),
        ("duration > often", "duration is a duration, and often is none", "for example 90, 40s, 1h30m"),
        ('stats."my loss < 1', 'this quotation mark is never closed\n  stats."my loss < 1\n        ^', None),
        ("stats.loss.last < stats.loss.first", "not with another field", "two fields cannot be compared"),
        ("name in tags", "a list is missing here", 'quote text: "name" in tags'),
        ("grid in config", "config needs a name", None),
        ('name == "\\z"', '\\z means nothing in quotation marks\n  name == "\\z"\n           ^^', "is written \\\\;"),
        ('name == "fi\\x72st"', "\\x means nothing in quotation marks", None),
        ('name == "\\u12"', "\\u means nothing in quotation marks", "and \\u00e9"),
        ('name matches "\\d+"', "\\d means nothing in quotation marks", "a backslash is written \\\\"),
        ('config."a\\z" == 1', "\\z means nothing in quotation marks", None),
        ("stats.loss.last == nan", "nan equals nothing", "write stats.loss.last is nan, or is not nan"),
        ('stats.loss < "NaN"', "nan equals nothing", "write stats.loss is nan, or is not nan"),
        ("config.lr != nan", "nan equals nothing", 'is nan, or is not nan; if it is a text, config.lr == "nan"'),
        ("config.lr in (1, nan)", "nan equals nothing", "write config.lr is nan"),
        ('name matches "L{5000}"', "{5000} asks for more repetitions than 1,000", None),
        ("name == \x1b[31m", "\\e has no meaning here", None),
    ],
)  # fmt: skip
def test_a_fault_is_pointed_at(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, NOW)
    assert message in caught.value.message
    assert (hint or "") in (caught.value.hint or "")
    assert caught.value.exit_code == 2


def test_of_a_long_filter_only_the_surroundings_of_the_fault_are_shown() -> None:
    text = " and ".join(["exit == 1"] * 500 + ["exti == 1"] + ["exit == 1"] * 500)
    with pytest.raises(FilterError) as caught:
        parse(text)
    message, shown, caret = caught.value.message.splitlines()
    assert message == "there is no field exti"
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "exti"
    assert len(shown) < 100


LONG = "x" * 500_000
MANY = " and ".join(f"config.k{number} == {number}" for number in range(10_000))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LONG, f"there is no field {'x' * 80}…"),
        (f"{LONG}.y == 1", f"there is no field {'x' * 80}…"),
        (f"status == {LONG}", f"there is no status {'x' * 80}…"),
        (f"stats.{LONG}", f"a comparison with stats.{'x' * 74}… is missing here"),
        (f"stats.loss < '{'a b ' * 1000}'", "stats.loss is compared as a number, and a b a b "),
        (f"name == {'word ' * 10_000}", "`and` or `or` is missing here"),
        (f"0 < config.{LONG} < 1", "`and` or `or` is missing here"),
        (f"config.{LONG} == nan", "nan equals nothing"),
        (f"{MANY} and exti == 1", "there is no field exti"),
        (f"{MANY} exit", "`and` or `or` is missing here"),
        (f"({MANY}", "this bracket is never closed"),
    ],
)  # fmt: skip
def test_an_error_is_short_however_long_the_filter_is(text: str, message: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert caught.value.message.startswith(message)
    assert len(str(caught.value)) < 1500
    _, shown, caret = caught.value.message.splitlines()
    assert len(caret) <= len(shown) + 1 < 130  # one behind it, if the end is what is wrong


def test_the_error_of_an_order_is_short_however_long_that_is() -> None:
    for text in (LONG, f"config.{'a,b' * 10_000}", ",".join(["status"] * 10_000)):
        with pytest.raises(FilterError) as caught:
            parse_order(text)
        assert len(str(caught.value)) < 1500


def test_brackets_may_nest_without_end_but_not_what_they_mean() -> None:
    assert parse("(" * 20_000 + "name is null" + ")" * 20_000) == parse("name is null")
    assert parse("not " * 20_001 + "name is null") == Not(parse("name is null"))
    text = "name is null"
    for number in range(500):
        text = f"({text} {'and' if number % 2 else 'or'} exit == 1)"
    with pytest.raises(FilterError, match="nested more than"):
        parse(text)


def test_thousands_of_terms_are_understood_and_merged_where_they_ask_the_same() -> None:
    same = parse(" or ".join(f'id == "{number:04x}"' for number in range(10_000)))
    assert isinstance(same, Among)
    assert len(same.values) == 10_000
    other = parse(" or ".join(f"config.k{number} < {number}" for number in range(10_000)))
    assert isinstance(other, Either)
    assert len(other.parts) == 10_000
    with pytest.raises(FilterError, match="terms"):
        parse(" or ".join(f"config.k{number} < {number}" for number in range(MOST_TERMS + 1)))
    with pytest.raises(FilterError, match="longer than"):
        parse("name is null or " * 100_000)


@given(st.text(st.sampled_from("abcnotrdi=<>!()\"'.,12 -\\\n$é\ud800"), max_size=40))
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    try:
        clause = parse(text, NOW)
    except FilterError as error:
        assert error.message
    else:
        predicate(clause)({"_id": "0" * 64})


def test_a_text_that_says_nan_is_found_in_quotation_marks() -> None:
    document = {**TRIAL, "configuration": {"fill": "nan"}}
    assert predicate(parse('config.fill == "nan" and nan in config.fill and config.fill is not nan'))(document)


def test_orders() -> None:
    assert (parse_order("-stats.loss.last").falling, parse_order("started").falling) == (True, False)
    assert parse_order(" -stats.train/loss.min ").field.aspect == "min"
    for text in ("", "-", "3", "a b", "loss", "tags", "stats", "--started"):
        with pytest.raises(FilterError):
            parse_order(text)
    for text in ("", " ", "-", "+"):
        with pytest.raises(FilterError) as caught:
            parse_order(text)
        assert caught.value.message == "no field to sort by is named"
    with pytest.raises(FilterError, match="this is more than a field to sort by") as caught:
        parse_order("-stats.loss.last,-config.seed")
    assert caught.value.hint == "one field sorts, for example stats.loss.last"
    with pytest.raises(FilterError) as caught:
        parse_order("config.a,b")
    assert caught.value.hint == 'a name with such characters needs quotation marks: config."a,b"'


@pytest.mark.parametrize("tags", [[], None])
def test_a_trial_without_tags_has_none(tags: list[str] | None) -> None:
    assert predicate(parse("tags is null"))({**TRIAL, "tags": tags})
    assert not predicate(parse("tags is not null or tags == null and exit == 0"))({**TRIAL, "tags": tags})
    assert holds("tags is not null")


@pytest.mark.parametrize("year", ["2026", '"2026"'])
def test_four_digits_are_a_year_where_a_time_is_expected(year: str) -> None:
    assert parse(f"created > {year}") == parse('created > "2026-01-01"')
    assert parse(f"created == {year}") == parse('created >= "2026-01-01" and created < "2027-01-01"')
    assert parse(f"duration > {year}").value == 2026  # type: ignore[union-attr]
    assert parse("created > 20260").value == 20260  # type: ignore[union-attr]


def test_relative_times_count_from_now() -> None:
    clause = parse('started > "2 days ago"', NOW)
    assert clause == Compare(clause.field, ">", NOW - 2 * 86400)  # type: ignore[union-attr]
    assert parse('started > "now"').value == pytest.approx(time.time(), abs=60)  # type: ignore[union-attr]
    assert parse(" ") is EVERYTHING
