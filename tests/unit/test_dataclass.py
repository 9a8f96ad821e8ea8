"""Each class body is given to the standard library, too: what it makes of it is what is wanted."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import operator
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio import dataclass as ours
from kleio.dataclass import asdict, dataclass, fields, replace


def plain(dataclass: Any, field: Any) -> Any:
    @dataclass
    class Plain:
        first: Any
        second: Any
        third: Any = 3
        fourth: Any = None

        @property
        def both(self) -> Any:
            return (self.first, self.second)

    return Plain


def frozen(dataclass: Any, field: Any) -> Any:
    @dataclass(frozen=True)
    class Frozen:
        first: Any
        second: Any = field(default=2, repr=False)
        third: Any = field(default_factory=tuple)
        fourth: Any = field(default=(), compare=False)

    return Frozen


def ordered(dataclass: Any, field: Any) -> Any:
    @dataclass(frozen=True, order=True)
    class Ordered:
        first: Any
        second: Any = 0
        third: Any = field(default=0, compare=False)

    return Ordered


def single(dataclass: Any, field: Any) -> Any:
    @dataclass(frozen=True)
    class Single:
        first: Any

        def __repr__(self) -> str:
            return "one"

    return Single


BODIES = [plain, frozen, ordered, single]
VALUES = st.integers(0, 2) | st.sampled_from(["", "a", None, (1,), 1.5, float("nan")])
NAMES = st.sampled_from(["first", "second", "third", "fourth", "other"])
GIVEN = st.lists(VALUES, max_size=5)
NAMED = st.dictionaries(NAMES, VALUES, max_size=4)


def theirs(body: Any) -> Any:
    return body(lambda cls=None, **options: dataclasses.dataclass(cls, slots=True, **options), dataclasses.field)


PAIRS = [(body(ours.dataclass, ours.field), theirs(body)) for body in BODIES]
"""A class made here, and the same made by the standard library."""
pairs = pytest.mark.parametrize(("mine", "true"), PAIRS, ids=[body.__name__ for body in BODIES])
SIGNS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


def told(act: Any) -> Any:
    """What came of it, so that it can be compared: classes of different makers are never equal."""
    try:
        found = act()
    except (TypeError, AttributeError) as error:
        return AttributeError if isinstance(error, AttributeError) else TypeError
    return dataclasses.astuple(found) if dataclasses.is_dataclass(found) else found


def made(cls: Any, values: list[Any], named: dict[str, Any]) -> Any:
    return told(lambda: cls(*values, **named))


@pairs
@given(GIVEN, NAMED)
def test_the_same_arguments_make_the_same_instance(
    mine: Any, true: Any, values: list[Any], named: dict[str, Any]
) -> None:
    found = made(mine, values, named)
    assert found == made(true, values, named)
    if found is TypeError:
        return
    one, other = mine(*values, **named), true(*values, **named)
    assert repr(one) == repr(other)
    assert asdict(one) == dataclasses.asdict(other)
    assert told(lambda: hash(one)) == told(lambda: hash(other))


@pairs
@given(GIVEN, GIVEN, st.sampled_from(SIGNS))
def test_they_are_compared_alike(mine: Any, true: Any, values: list[Any], others: list[Any], sign: Any) -> None:
    if TypeError not in (made(mine, values, {}), made(mine, others, {})):
        found = told(lambda: sign(mine(*values), mine(*others)))
        assert found == told(lambda: sign(true(*values), true(*others)))
        assert mine(*values) != true(*values)


@pairs
@given(GIVEN, NAMED)
def test_replaced_values_are_the_same(mine: Any, true: Any, values: list[Any], changes: dict[str, Any]) -> None:
    if made(mine, values, {}) is not TypeError:
        found = told(lambda: replace(mine(*values), **changes))
        assert found == told(lambda: dataclasses.replace(true(*values), **changes))
        assert found == told(lambda: dataclasses.replace(mine(*values), **changes))


@pairs
@pytest.mark.parametrize("change", [lambda one: setattr(one, "first", 1), lambda one: delattr(one, "first")])
def test_what_is_frozen_stays_as_it_is(mine: Any, true: Any, change: Any) -> None:
    values = "ab"[: len(fields(mine))]
    assert told(lambda: change(mine(*values))) == told(lambda: change(true(*values)))


@pairs
@pytest.mark.parametrize("name", ["other", "both", "__dict__"])
def test_there_are_no_other_attributes(mine: Any, true: Any, name: str) -> None:
    instance = mine(*"ab"[: len(fields(mine))])
    with pytest.raises(AttributeError):
        setattr(instance, name, 1)
    with pytest.raises(AttributeError):
        delattr(instance, name)


def test_a_refused_change_names_the_field_and_the_class() -> None:
    instance = frozen(ours.dataclass, ours.field)(1)
    with pytest.raises(AttributeError, match=r"^cannot change 'first' of a frozen frozen\.<locals>\.Frozen$"):
        instance.first = 2
    with pytest.raises(AttributeError, match=r"^cannot change 'first' of a frozen frozen\.<locals>\.Frozen$"):
        del instance.first
    assert instance.first == 1


@pytest.mark.parametrize(
    ("values", "named", "complaint"),
    [
        ((), {}, "misses 'first'"),
        ((1,), {"third": 3}, "misses 'second'"),
        ((), {"second": 2, "frist": 1}, "got an unexpected keyword argument 'frist'"),
        ((1, 2), {"other": 3}, "got an unexpected keyword argument 'other'"),
        ((1, 2), {"first": 3}, "got multiple values for argument 'first'"),
        ((1, 2, 3, 4, 5), {}, "takes 4 arguments but 5 were given"),
    ],
)
def test_wrong_arguments_are_named_with_the_class(
    values: tuple[int, ...], named: dict[str, int], complaint: str
) -> None:
    cls = plain(ours.dataclass, ours.field)
    with pytest.raises(TypeError) as error:
        cls(*values, **named)
    assert str(error.value) == f"plain.<locals>.Plain() {complaint}"


@pairs
def test_the_standard_library_is_told_what_it_asks(mine: Any, true: Any) -> None:
    assert dataclasses.is_dataclass(mine)
    assert str(inspect.signature(mine)) == str(inspect.signature(true))
    for one, other in zip(dataclasses.fields(mine), dataclasses.fields(true), strict=True):
        assert (one.name, one.type, one.repr, one.compare) == (other.name, other.type, other.repr, other.compare)
        assert (one.default, one.default_factory) == (other.default, other.default_factory)
    instance = mine(*"ab"[: len(fields(mine))])
    assert [one.name for one in fields(mine)] == [one.name for one in fields(instance)] == list(mine.__slots__)
    assert mine.__match_args__ == true.__match_args__
    assert mine.__slots__ == true.__slots__
    assert (mine.__name__, mine.__qualname__, mine.__module__) == (true.__name__, true.__qualname__, true.__module__)


@dataclass(frozen=True)
class Inner:
    number: int


@dataclass
class Outer:
    """Has dataclasses in everything."""

    inner: Inner
    several: list[Inner]
    named: dict[str, Inner]
    pair: tuple[Inner, str] = (Inner(1), "a")


def test_dicts_are_made_of_everything_within() -> None:
    outer = Outer(Inner(2), [Inner(3)], {"four": Inner(4)})
    found = asdict(outer)
    assert found == dataclasses.asdict(outer)
    assert found["several"] == [{"number": 3}]
    assert found["pair"] == ({"number": 1}, "a")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_are_equal(copied: Any) -> None:
    outer = Outer(Inner(2), [Inner(3)], {})
    assert copied(outer) == outer
    assert copied(outer.inner) == outer.inner


def test_matching_takes_the_fields_in_order() -> None:
    match Outer(Inner(2), [], {}):
        case Outer(Inner(number), several):
            assert (number, several) == (2, [])


def test_two_instances_share_no_default() -> None:
    @dataclass
    class Holder:
        values: list[int] = ours.field(default_factory=list)

    Holder().values.append(1)
    assert Holder().values == []


def shared(dataclass: Any, field: Any) -> None:
    @dataclass
    class Shared:
        values: list[int] = []  # noqa: RUF012


def behind(dataclass: Any, field: Any) -> None:
    @dataclass
    class Behind:
        first: int = 1
        second: int


@pytest.mark.parametrize(("body", "error"), [(shared, ValueError), (behind, TypeError)])
def test_what_the_standard_library_refuses_is_refused(body: Any, error: type[Exception]) -> None:
    for module in (dataclasses, ours):
        with pytest.raises(error):
            body(module.dataclass, module.field)


def test_a_dataclass_extends_nothing() -> None:
    with pytest.raises(TypeError, match="Longer is a dataclass and can extend no other class"):

        @dataclass
        class Longer(Inner):
            more: int
