"""Dataclasses that take no time to make. Every module of kleio imports them from here, not from ``dataclasses``.

The standard library compiles a text for each class, which takes half a millisecond, and imports ``inspect`` and ``ast``
to do so: together a quarter of what most commands took. Here the methods are closures over the names of the fields.
Type checkers are told that these are the standard library's dataclasses, and whoever asks the standard library about
one (``dataclasses.fields``, ``is_dataclass``, ``inspect.signature``) gets the same answer. They differ in this:

- Each class has slots: an instance has no other attributes than its fields, and a class has no defaults as attributes.
- A dataclass extends no other class.
- What kleio does not use is missing: ``__post_init__``, ``InitVar``, ``ClassVar``, ``kw_only``, ``init``, ``hash``.
- ``asdict`` goes into dataclasses, lists, tuples and dicts, and copies nothing else.
"""

from __future__ import annotations

import operator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import asdict, dataclass, field, fields, replace
    from typing import Any

    Setters = list[Callable[[Any, Any], None]]

__all__ = ["asdict", "dataclass", "field", "fields", "replace"]

_NOTHING: Any = object()
"""There is no default."""


class _Field:
    """What is known of a field. The body of a class has one where it says more than a default."""

    __slots__ = ("compare", "default", "default_factory", "name", "repr", "type")

    def __init__(self, default: Any, default_factory: Any, is_shown: bool, is_compared: bool) -> None:
        self.name = self.type = ""
        self.default, self.default_factory, self.repr, self.compare = default, default_factory, is_shown, is_compared
        if type(default).__hash__ is None:
            raise ValueError(f"all instances would share one {type(default).__name__}: use default_factory")

    @property
    def is_optional(self) -> bool:
        return self.default is not _NOTHING or self.default_factory is not _NOTHING

    def described(self) -> tuple[str, Any, Any]:
        """The same for ``dataclasses.make_dataclass``."""
        import dataclasses

        options = {name: getattr(self, name) for name in ("default", "default_factory", "repr", "compare")}
        given = {name: value for name, value in options.items() if value is not _NOTHING}
        return self.name, self.type, dataclasses.field(**given)


def dataclass(cls=None, /, *, frozen=False, order=False):  # type: ignore[no-untyped-def,no-redef]
    """``@dataclass`` or ``@dataclass(frozen=True, order=True)``. Methods that the class has itself are left to it."""
    return _made(cls, frozen, order) if cls is not None else lambda cls: _made(cls, frozen, order)


def field(default=_NOTHING, default_factory=_NOTHING, repr=True, compare=True):  # type: ignore[no-untyped-def,no-redef]  # noqa: A002
    """A field of which more is to be said than its default."""
    return _Field(default, default_factory, repr, compare)


def fields(of):  # type: ignore[no-untyped-def,no-redef]
    """The fields of a dataclass, or of an instance, in order. Each has its ``name``, ``type`` and ``default``."""
    return of.__fields__


def replace(instance, /, **changes):  # type: ignore[no-untyped-def,no-redef]
    """The same with other values in some fields."""
    values = [changes.pop(name) if name in changes else getattr(instance, name) for name in instance.__match_args__]
    return type(instance)(*values, **changes)


def asdict(instance):  # type: ignore[no-untyped-def,no-redef]
    """The values by the names of their fields; those that are dataclasses, or hold some, as dicts, too."""
    return {name: _as_plain(getattr(instance, name)) for name in instance.__match_args__}


def _as_plain(value: Any) -> Any:
    if hasattr(type(value), "__fields__"):
        return asdict(value)
    if isinstance(value, list | tuple):
        return type(value)([_as_plain(item) for item in value])
    if isinstance(value, dict):
        return {_as_plain(key): _as_plain(item) for key, item in value.items()}
    return value


def _made(cls: type, frozen: bool, order: bool) -> type:
    """The class once more, because a class can be given slots only while it is made."""
    if cls.__bases__ != (object,):
        raise TypeError(f"{cls.__qualname__} is a dataclass and can extend no other class")
    body = dict(cls.__dict__)
    del body["__dict__"], body["__weakref__"]
    found: list[_Field] = []
    for name, kind in cls.__annotations__.items():
        given = body.pop(name, _NOTHING)
        one = given if isinstance(given, _Field) else _Field(given, _NOTHING, True, True)
        one.name, one.type = name, kind
        if found and found[-1].is_optional and not one.is_optional:
            raise TypeError(f"{cls.__qualname__}.{name} has no default, but a field before it has one")
        found.append(one)
    names = tuple([one.name for one in found])
    init, setters = _initializer(cls.__qualname__, found, names)
    made = type(
        cls.__name__,
        (),
        {
            **_methods(found, frozen, order),
            "__init__": init,
            "__slots__": names,
            "__match_args__": names,
            "__fields__": tuple(found),
            "__qualname__": cls.__qualname__,
            **body,
        },
    )
    setters += [made.__dict__[name].__set__ for name in names]
    return made


def _initializer(owner: str, found: list[_Field], names: tuple[str, ...]) -> tuple[Callable[..., None], Setters]:
    """``__init__``, and the list in which it expects the setters of the slots, which come to be with the class."""
    setters: Setters = []
    count = len(names)
    optional = [(one.name, one.default) for one in found if one.is_optional]
    least = count - len(optional)
    factories = [(place, one.default_factory) for place, one in enumerate(found) if one.default_factory is not _NOTHING]
    defaults = tuple([default for _, default in optional])

    def __init__(self: Any, /, *given: Any, **named: Any) -> None:
        if named or len(given) != count:
            given = arranged(given, named)
        for put, value in zip(setters, given):  # noqa: B905  (as many they are, and to check it takes a sixth more)
            put(self, value)

    def arranged(given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        at, take = len(given), named.pop
        if least <= at < count and not named and not factories:
            return given + defaults[at - least :]
        try:
            if at + len(named) == count:
                return [*given, *map(named.__getitem__, names[at:])]
            values = [*given, *[take(name) for name in names[at:least]]]
        except KeyError as missing:
            raise TypeError(f"{owner}() {_complaint(names, given, named) or f'misses {missing}'}") from None
        values += [take(name, default) for name, default in optional[max(0, at - least) :]]
        if named or at > count:
            raise TypeError(f"{owner}() {_complaint(names, given, named)}")
        for place, make in factories:
            if values[place] is _NOTHING:
                values[place] = make()
        return values

    return __init__, setters


def _complaint(names: tuple[str, ...], given: tuple[Any, ...], left: dict[str, Any]) -> str:
    """What is wrong with arguments, in Python's words. ``left`` are those by name that found no place yet."""
    if len(given) > len(names):
        return f"takes {len(names)} arguments but {len(given)} were given"
    for name in left:
        if name not in names:
            return f"got an unexpected keyword argument {name!r}"
        if name in names[: len(given)]:
            return f"got multiple values for argument {name!r}"
    return ""


def _methods(found: list[_Field], frozen: bool, order: bool) -> dict[str, Any]:
    """What instances can do, by name."""
    shown = [one.name for one in found if one.repr]
    compared = [one.name for one in found if one.compare]
    look = operator.attrgetter(*compared)
    values = look if len(compared) > 1 else lambda self: (look(self),)

    def __repr__(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join([f'{name}={getattr(self, name)!r}' for name in shown])})"

    def comparison(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        return lambda self, other: compare(values(self), values(other)) if type(self) is type(other) else NotImplemented

    made = {"__repr__": __repr__, "__eq__": comparison(operator.eq), "__reduce__": _reduce, **_TOLD}
    if order:
        made.update({f"__{name}__": comparison(getattr(operator, name)) for name in ("lt", "le", "gt", "ge")})
    if frozen:
        made.update({"__hash__": lambda self: hash(values(self)), "__setattr__": _refuse, "__delattr__": _refuse})
    return made


def _refuse(self: Any, name: str, value: object = None) -> None:
    raise AttributeError(f"cannot change {name!r} of a frozen {type(self).__qualname__}")


def _reduce(self: Any) -> tuple[type, tuple[Any, ...]]:
    """For ``copy`` and ``pickle``, which would set field after field, also of what is frozen."""
    return type(self), tuple([getattr(self, name) for name in self.__match_args__])


class _Told:
    """An attribute by which the standard library knows a dataclass. It is made, with its help, when it asks."""

    def __init__(self, name: str, tell: Callable[[type], Any]) -> None:
        self._name, self._tell = name, tell

    def __get__(self, instance: object, cls: Any) -> Any:
        import dataclasses

        twin = dataclasses.make_dataclass(cls.__name__, [one.described() for one in cls.__fields__])
        told = self._tell(twin)
        setattr(cls, self._name, told)
        return told


def _signature(cls: type) -> Any:
    import inspect

    return inspect.signature(cls)


_TOLD = {
    "__dataclass_fields__": _Told("__dataclass_fields__", lambda cls: cls.__dict__["__dataclass_fields__"]),
    "__signature__": _Told("__signature__", _signature),
}
