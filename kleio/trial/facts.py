"""Reads the values of a trial's document by name, and lists them all, the same way round.

Names with dots are what they look like, whether the dot parts two levels or stands in a key: ``model.lr`` in the
configuration is the option ``--model.lr`` as well as ``lr`` in the section ``model``. What a configuration file says is
read as if it stood in the place of the file's name. Journals that index values write what is listed here.
"""

from __future__ import annotations

from kleio.trial.quoting import quoted

_TEXT = frozenset({str})
_PLAIN = frozenset({str, int, float, bool})

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any


def at(document: Mapping[str, Any], path: Sequence[str]) -> Any:
    """The value at the end of the path, or ``None``."""
    value: Any = document
    for part in path:
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def command_line(argv: Any) -> str | None:
    """The command as one line."""
    return quoted(argv) if isinstance(argv, list) and _TEXT.issuperset(map(type, argv)) else None


def environment_fact(environment: Any, name: str) -> Any:
    """A fact, compared or recorded; of a variable, with or without the ``env.`` before its name."""
    for key in (name, f"env.{name}"):
        for group in ("compared", "recorded"):
            value = at(environment, (group, key)) if isinstance(environment, dict) else None
            if value is not None:
                return value
    return None


def environment_facts(environment: Any) -> Iterator[tuple[str, Any]]:
    """Every fact by every name that finds it."""
    if not isinstance(environment, dict):
        return
    names: set[str] = set()
    for group in ("compared", "recorded"):
        found = environment.get(group)
        for key in found if isinstance(found, dict) else ():
            names.add(key)
            if key.startswith("env."):
                names.add(key[4:])
    for name in names:
        value = environment_fact(environment, name)
        if value is not None:
            yield name, value


def looked_up(tree: Mapping[str, Any], name: str) -> Any:
    """The value in a nested mapping that a name means; the longest key that fits goes first."""
    if name in tree:
        value = _unwrapped(tree[name])
        if value is not None:
            return value
    end = name.rfind(".")
    while end >= 0:
        inner = _section(tree.get(name[:end]))
        if inner is not None:
            value = looked_up(inner, name[end + 1 :])
            if value is not None:
                return value
        end = name.rfind(".", 0, end)
    return None


def configuration_facts(tree: Any) -> Iterator[tuple[str, Any]]:
    """Every value and section by its name; where two have the same, the one that :func:`looked_up` finds."""
    if not isinstance(tree, dict):
        return
    seen: set[str] = set()
    waiting: list[tuple[str, Mapping[str, Any]]] = [("", tree)]
    while waiting:
        prefix, section = waiting.pop()
        for key, stored in section.items():
            name = prefix + key
            value = _unwrapped(stored) if name not in seen else looked_up(tree, name)
            seen.add(name)
            if value is not None:
                yield name, value
            inner = _section(stored)
            if inner is not None:
                waiting.append((name + ".", inner))


def named_configuration(tree: Any) -> Mapping[str, Any]:
    """The same as a mapping. Where nothing is nested, that is what is stored."""
    if isinstance(tree, dict) and _PLAIN.issuperset(map(type, tree.values())):
        return tree
    return dict(configuration_facts(tree))


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"file", "content"}


def _unwrapped(value: Any) -> Any:
    return value["file"] if _is_file(value) else value


def _section(value: Any) -> Mapping[str, Any] | None:
    inner = value["content"] if _is_file(value) else value
    return inner if isinstance(inner, dict) else None
