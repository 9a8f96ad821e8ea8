"""Trials with ordinary and with odd values in every field, and filters that ask for all of them."""

from __future__ import annotations

import random

from contract.samples import new_trial
from hypothesis import strategies as st

from kleio.trial.clauses import (
    All,
    Among,
    Compare,
    Contains,
    Either,
    Empty,
    Ids,
    Matches,
    Not,
    NotANumber,
    Order,
)  # fmt: skip
from kleio.trial.comparing import NUMBERS
from kleio.trial.fields import PLAIN, UNSORTABLE, field_of
from kleio.trial.status import STATUSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kleio.journal.contract import Journal
    from kleio.trial.clauses import Field

NAN, INF = float("nan"), float("inf")
NUMERIC: list[Any] = [0, 1, -1, 0.5, 1e-3, 7, 2**53, 2**53 + 1, float(2**53), 2**63 - 1, -(2**63), 1e300, -0.0]
ODD_NUMBERS: list[Any] = [NAN, INF, -INF, 2**63, 2**70, -(2**70), True, False]
TEXTS = ["", "a", "ab", "Ab", "b", "7", "0.5", "1e-3", "007", " 7", "é", "\ud800", "a.b", "$where", "true", str(2**70),
         "x' OR '1'='1", "a\0b", "%", "3f9c", "line\nbreak"]  # fmt: skip
CONTAINERS: list[Any] = [[], [7, "a"], ["0.5", None, True], {}, {"lr": 0.5}, [[7]], [{"lr": 7}]]
ANY = [*NUMERIC, *ODD_NUMBERS, *TEXTS, *CONTAINERS, None]
KEYS = ["lr", "a.b", "a", "my key", "$where", "", "b", "%", "0"]
NAMES = ["loss", "train/acc", "a.min", "min", "odd name", "$x.", ""]
TRIALS = 40


def _statistics(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in chance.sample(NAMES, 3):
        numbers = {aspect: chance.choice([*NUMERIC, NAN, INF, 2**70]) for aspect in ("first", "last", "min", "max")}
        if chance.random() < 0.4:
            numbers.update(first=chance.choice(TEXTS), last=chance.choice([*TEXTS, True]))
        found[name] = {"count": chance.randrange(5), **(numbers if chance.random() < 0.8 else {})}
    return found


def _configuration(chance: random.Random) -> dict[str, Any]:
    found = {key: chance.choice(ANY) for key in chance.sample(KEYS, 5)}
    nested = {"b": chance.choice(ANY), "lr": chance.choice(NUMERIC)}
    shape = chance.randrange(10)
    if shape == 1:
        found["a"] = nested
    elif shape == 2:
        found["a"] = {"file": "c.yaml", "content": nested}
    elif shape == 3:  # more than an index takes
        found.update({f"k{number}": number for number in range(600)})
    return found


def trials(seed: int = 7) -> list[dict[str, Any]]:
    """The same ones each time; the first is what most look like."""
    chance = random.Random(seed)
    found = []
    for number in range(TRIALS):
        fields = {
            "status": chance.choice(sorted(STATUSES)),
            "name": chance.choice([None, *TEXTS]),
            "tags": chance.choice([[], ["a"], ["7", "a"], ["\ud800"], ["0.5", "é"]]),
            "argv": chance.choice([["python", "a b"], ["x"], [], ["--lr", "7", "\udcff"]]),
            "project": {"id": chance.choice(["p1", "p2"]), "name": chance.choice(TEXTS), "root": "/"},
            "directory": chance.choice(TEXTS),
            "configuration": _configuration(chance),
            "refers": chance.choice([None, {"parent": "3f9c" + "0" * 60}, {"parent": "a" * 64}]),
            "within": chance.choice([None, {"trial": "3f9c" + "1" * 60}]),
            "fence": chance.randrange(3),
            "duration": chance.choice([0.0, 90, 0.5]),
            "trashed": chance.choice([None, None, {"why": ""}]),
        }
        later = {
            "started": chance.choice([None, {"time": 1000.5 + number % 3, "offset": 0}]),
            "ended": chance.choice([None, {"time": 2000 + number, "offset": 0}]),
            "outcome": chance.choice([None, {"code": 0, "signal": None, "why": ""}, {"code": 3, "why": "a"}]),
            "code": chance.choice([None, {"commit": "3f9cab", "dirty": number % 2 == 0, "branch": "é"}]),
            "environment": {
                "compared": {"python": chance.choice(ANY), "env.lr": chance.choice(TEXTS)},
                "recorded": {"lr": chance.choice(ANY), "host": chance.choice(TEXTS), "variables": ["a", "7"]},
            },
            "summary": {"artifacts": number % 3, "statistics": _statistics(chance)},
        }
        created = 1000.0 + number // 2
        found.append({"later": later, **new_trial(f"{number * 7919 % 4096:03x}f9c".ljust(64, "0"), created, **fields)})
    return found


def ordinary_trials(count: int) -> list[dict[str, Any]]:
    """Trials without anything odd, which have much in common but not all."""
    chance = random.Random(count)
    found = []
    for number in range(count):
        names = ["loss", "acc", *(["rare"] if number % 50 == 3 else [])]
        statistics = {
            name: {figure: chance.choice([1, 0.5, chance.random()]) for figure in ("first", "last", "min", "max")}
            for name in names
        }
        fields = {
            "status": chance.choice(["completed", "broken"]),
            "tags": chance.choice([[], ["b"], ["b", "a"]]),
            "configuration": {
                "lr": chance.random(), "seed": number, "model": chance.choice(["cnn", "7"]), "flag": number % 2 == 0,
                **({"few": "x"} if number % 3 == 0 else {}),
            },
            "code": {"commit": "3f9cab", "dirty": number % 2 == 0, "branch": "main"},
            "environment": {"compared": {}, "recorded": {"host": "node1"}},
            "duration": number,
            "summary": {"artifacts": number % 3, "statistics": statistics},
        }  # fmt: skip
        found.append(new_trial(f"{number:064x}", 5000.0 + number * 7919 % 1000, **fields))
    return found


def store(journal: Journal) -> None:
    """Insert half of each trial, and change the other half in."""
    for document in trials():
        later = document.pop("later")
        journal.insert_trial(document)
        for part in ({"configuration": {"lr": 1, "gone": 2}, "tags": ["gone"], "summary": later["summary"]}, later):
            journal.compare_and_set(document["_id"], {}, part)
        kept = {name: document[name] for name in ("configuration", "tags")}
        journal.compare_and_set(document["_id"], {}, kept)


FIELDS = [
    *(field_of(name, name, 0) for name in PLAIN),
    *(field_of(name, name, 0) for name in ("host", "user", "env.python", "env.lr", "env.variables", "env.missing")),
    *(
        field_of(written, written, 0)
        for key in [*KEYS, "a.lr", "k7", "gone", "missing"]
        for written in [f'config."{key}"']
    ),
    *(
        field_of(written, written, 0)
        for name in [*NAMES, "missing"]
        for aspect in ("last", "min", "count")
        for written in [f'stats."{name}".{aspect}']
    ),
]
NUMBER_VALUES = st.sampled_from([*NUMERIC, INF, -INF, 2**63, 2**70, 1000.5, 1001, 3, 90])
TEXT_VALUES = st.sampled_from([*TEXTS, "completed", "python 'a b'", "p1", "3f", "\udcff"])
PATTERNS = ["a", "^a", "b$", "[0-9]+", "(?i)AB", "^$", "é|7", "a.b", "(a|b)*c?", "^.{2,3}$"]


def _is_ordered(value: Any) -> bool:
    return not isinstance(value, bool)


@st.composite
def leaves(draw: st.DrawFn) -> Any:
    field: Field = draw(st.sampled_from(FIELDS))
    values = NUMBER_VALUES if field.kind in NUMBERS else TEXT_VALUES
    if field.kind == "any" or field.kind == "list":
        values = NUMBER_VALUES | TEXT_VALUES | st.booleans()
    if field.kind == "flag":
        values = st.booleans()
    makers = [st.builds(Among, st.just(field), st.lists(values, max_size=3).map(tuple)), st.just(Empty(field))]
    makers.append(st.just(NotANumber(field)))
    if field.kind not in ("list", "flag", "status", "id"):
        operators = st.sampled_from(["<", "<=", ">", ">="])
        makers.append(st.builds(Compare, st.just(field), operators, values.filter(_is_ordered)))
    if field.kind not in (*NUMBERS, "flag"):
        makers.append(st.builds(Contains, st.just(field), values, TEXT_VALUES))
        makers.append(st.builds(Matches, st.just(field), st.sampled_from(PATTERNS)))
    return draw(st.one_of(makers))


IDS = st.lists(st.sampled_from([document["_id"] for document in trials()]), max_size=4).map(frozenset).map(Ids)
CLAUSES = st.recursive(
    leaves() | IDS,
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, max_size=3).map(tuple).map(All)
        | st.lists(inner, max_size=3).map(tuple).map(Either)
    ),
    max_leaves=5,
)
ORDERS = st.builds(Order, st.sampled_from([field for field in FIELDS if field.kind not in UNSORTABLE]), st.booleans())
