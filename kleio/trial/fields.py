"""What may be asked of a trial: the fields of the filter language, and where they lie in its document.

A value is read by :func:`value_of`, for all journals alike (see :mod:`kleio.trial.facts` for names with dots).
"""

from __future__ import annotations

from kleio.errors import FilterError
from kleio.trial.clauses import Field
from kleio.trial.facts import at, command_line, environment_fact, looked_up
from kleio.trial.quoting import escaped
from kleio.trial.words import fault, in_quotes, quoted_name, quoting_advice, segments_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

PLAIN: dict[str, tuple[str, tuple[str, ...], str]] = {
    "id": ("id", ("_id",), "The trial's id; its beginning is enough."),
    "name": ("text", ("name",), "The name given with ``--name``."),
    "status": ("status", ("status",), "As of now: a trial whose launcher died is ``failover``."),
    "tags": ("list", ("tags",), "Its tags."),
    "command": ("text", ("argv",), "The command as one line, as ``kleio ls`` shows it."),
    "argv": ("list", ("argv",), "The words of the command."),
    "project": ("text", ("project", "name"), "The name of the repository."),
    "project.id": ("text", ("project", "id"), "What is the same in every clone."),
    "directory": ("text", ("directory",), "Where in the repository it was started."),
    "created": ("time", ("created", "time"), "When it was recorded."),
    "started": ("time", ("started", "time"), "When its latest attempt was launched."),
    "ended": ("time", ("ended", "time"), "When that ended."),
    "duration": ("duration", ("duration",), "How long its command ran, pauses excluded: seconds, or ``\"1h30m\"``."),
    "exit": ("number", ("outcome", "code"), "The exit code."),
    "signal": ("number", ("outcome", "signal"), "The number of the signal that killed it."),
    "cause": ("text", ("outcome", "why"), "How it ended, in words."),
    "attempts": ("number", ("fence",), "How often it was launched."),
    "parent": ("id", ("refers", "parent"), "The trial that it is a branch of."),
    "within": ("id", ("within", "trial"), "The trial whose command started it."),
    "artifacts": ("number", ("summary", "artifacts"), "How many artifacts it stored."),
    "lost": ("number", ("summary", "lost"), "How many records were lost."),
    "code.commit": ("id", ("code", "commit"), "The commit; its beginning is enough."),
    "code.branch": ("text", ("code", "branch"), "The branch that was checked out."),
    "code.remote": ("text", ("code", "remote"), "Where the repository is published."),
    "code.dirty": ("flag", ("code", "dirty"), "Whether there were changes that no commit holds."),
    "code.digest": ("id", ("code", "digest"), "The digest of the code's content."),
    "code.script": ("text", ("code", "script"), "The script on the command line."),
    "code.kind": ("text", ("code", "kind"), "``git``, ``script`` or ``none``."),
}  # fmt: skip
"""Name → kind, place in the document, and what it is."""
ALIASES = {"host": "env.host", "user": "env.user", "tag": "tags"}
KEYED = {
    "config": "A value of the configuration: an option, or what a configuration file says.",
    "env": "A fact of the environment: ``env.python``, ``env.host``, a variable such as ``env.CUDA_VISIBLE_DEVICES``.",
    "stats": "A statistic: ``stats.loss`` is its last value; ``.first .last .min .max .count`` say which.",
}
ASPECTS = ("last", "min", "max", "count", "first")
UNSORTABLE = frozenset({"list"})
_OTHER_NAMES = {
    "configuration": "config", "conf": "config", "params": "config", "param": "config", "statistics": "stats",
    "statistic": "stats", "metrics": "stats", "metric": "stats", "environment": "env", "commit": "code.commit",
    "branch": "code.branch", "exit_code": "exit", "cmd": "command", "date": "created", "time": "started",
    "finished": "ended", "runtime": "duration", "state": "status", "attempt": "attempts",
    "took": "duration", "label": "name",
}  # fmt: skip


def field_of(written: str, text: str, start: int) -> Field:
    """The field called ``written``, which stands in ``text`` at ``start``. Raises ``FilterError`` if there is none."""
    parts = segments_of(written)
    if not parts:
        root, _, key = written.partition(".")
        hint = (f"{root} needs a name: {root}.NAME" if not key else quoting_advice(written)) if root in KEYED else None
        raise fault(
            text, start, start + len(written), f"there is no field {escaped(written)}", hint=hint or _advice(written)
        )
    root = parts[0][0]
    if root in ALIASES and len(parts) == 1:
        return field_of(ALIASES[root], text, start)
    if root in KEYED:
        if len(parts) == 1:
            raise fault(text, start, start + len(written), f"{root} needs a name: {root}.NAME")
        return _keyed(written, root, parts[1:])
    name = ".".join(part for part, _ in parts)
    if name in PLAIN:
        return Field(name, name, "", PLAIN[name][0])
    raise fault(text, start, start + len(written), f"there is no field {escaped(written)}", hint=_advice(name))


def spelled(root: str, key: str) -> str:
    """How one writes the field of ``key``, which may hold anything."""
    name, dot, last = key.rpartition(".")
    if root == "stats" and dot and last in ASPECTS:  # part of the name, not a question for its extreme
        return f"{root}.{quoted_name(name)}.{in_quotes(last)}"
    return f"{root}.{quoted_name(key)}"


def is_field(word: str) -> bool:
    """Whether a word without quotation marks is a field, and not a text that needs none."""
    return word in PLAIN or word in ALIASES or word.partition(".")[0] in KEYED


def _keyed(written: str, root: str, parts: Sequence[tuple[str, bool]]) -> Field:
    if root != "stats":
        return Field(written, root, ".".join(part for part, _ in parts), "any")
    last, is_quoted = parts[-1]
    if len(parts) > 1 and last in ASPECTS and not is_quoted:
        return Field(written, root, ".".join(part for part, _ in parts[:-1]), "statistic", last)
    return Field(written, root, ".".join(part for part, _ in parts), "statistic", "last")


_SLIP = 0.8
"""How much alike a word and a field are that differ by one slip of the finger."""


def _advice(name: str) -> str:
    from difflib import get_close_matches

    root, _, rest = name.partition(".")
    known = [*PLAIN, *ALIASES, *KEYED]
    close = [_OTHER_NAMES[root]] if root in _OTHER_NAMES else get_close_matches(name, known, n=3)
    if not close:
        close = get_close_matches(root, known, n=2)
    if not close:
        fields = ", ".join(sorted({one.partition(".")[0] for one in known}))
        known_as = (
            f"did you mean config.{escaped(name)} or stats.{escaped(name)}? " if rest or name.isidentifier() else ""
        )
        return f"{known_as}the fields are {fields}; what you log is stats.NAME, what you pass is config.NAME"
    shown = [f"{one}.{rest}" if rest and one in KEYED else one for one in close]
    if name.isidentifier() and root not in _OTHER_NAMES and not get_close_matches(name, close, cutoff=_SLIP):
        shown = [f"config.{name}", f"stats.{name}", *shown]  # more like a name of the script's own than a slip
    return f"did you mean {' or '.join(shown)}?"


def value_of(field: Field, document: Mapping[str, Any]) -> Any:
    """What the document says of the field; ``None`` if nothing."""
    if field.root == "stats":
        return at(document, ("summary", "statistics", field.key, field.aspect))
    if field.root == "config":
        found = document.get("configuration")
        return looked_up(found, field.key) if isinstance(found, dict) else None
    if field.root == "env":
        return environment_fact(document.get("environment"), field.key)
    value = at(document, PLAIN[field.root][1])
    return command_line(value) if field.root == "command" else value


def sort_field(written: str, text: str, start: int) -> Field:
    """A field that trials can be ordered by."""
    field = field_of(written, text, start)
    if field.kind in UNSORTABLE:
        raise FilterError(f"trials cannot be sorted by {field.name}, which is a list")
    return field
