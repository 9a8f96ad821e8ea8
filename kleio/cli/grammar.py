"""What the words of a command line are, without click: most lines start a command, and those must start fast.

The first word that is not an option decides. ``kleio [OPTIONS] WORD …``: WORD is one of kleio's commands, or it
begins the user's command, which is the same as ``kleio run [OPTIONS] WORD …``. After ``--`` it is always the user's.
Options of kleio stand before the user's command; whatever follows is passed on untouched.

The table ``OPTIONS`` is the only place where the options of a launch are named: click's help for ``kleio run`` and
``kleio exec`` is made from it.
"""

from __future__ import annotations

from kleio.cli.names import ALIASES, COMMANDS
from kleio.dataclass import dataclass, field
from kleio.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

LAUNCHING = ("run", "exec", "branch")


@dataclass(frozen=True)
class Option:
    """One option of a launch. Without ``metavar`` it is a flag; ``many`` may be given more than once."""

    names: tuple[str, ...]
    key: str
    help: str
    metavar: str | None = None
    many: bool = False
    choices: tuple[str, ...] = ()


OPTIONS = (
    Option(("-t", "--tags"), "tags", "Tags of the trial: 'a;b'.", "'A;B'", many=True),
    Option(("--tag",), "tags", "One more tag.", "TAG", many=True),
    Option(("-n", "--name"), "name", "A name for the trial.", "NAME"),
    Option(
        ("--output",), "output", "How output is captured: merge, split, pipe or off.", "MODE",
        choices=("merge", "split", "pipe", "off"),
    ),
    Option(("--hide-output",), "hide_output", "Record the output without showing it."),
    Option(("--offline",), "offline", "Run although the journal cannot be reached, and tell it later."),
    Option(("--switch-over",), "switch_over", "Run a broken trial again."),
    Option(("--repeat",), "repeat", "Run the command as N trials; those that are completed are not run again.", "N"),
    Option(("--allow-code-change", "--allow-version-change"), "allow_code", "Branch if the code changed."),
    Option(("--allow-env-change", "--allow-host-change"), "allow_environment", "Branch if the environment changed."),
    Option(("--allow-any-change",), "allow_any", "Branch whatever changed."),
    Option(("--journal",), "journal", "sqlite:///PATH or mongodb://HOST/NAME.", "ADDRESS"),
    Option(("--data",), "data", "Where spools, caches and logs are kept.", "DIRECTORY"),
    Option(("-q", "--quiet"), "quiet", "Only errors on stderr."),
)  # fmt: skip
BRANCH_OPTIONS = (
    Option(
        ("--timestamp",),
        "timestamp",
        "Where to branch: KEY=VALUE of a logged record, an ISO 8601 time, or last. Default: the trial's end.",
        "WHEN",
    ),
    Option(("--unset",), "unset", "Leave out this option of the recorded command (without dashes).", "NAME", many=True),
    Option(("--no-run",), "no_run", "Register the branch without running it."),
    *(
        option
        for option in OPTIONS
        if not option.key.startswith("allow_") and option.key not in ("switch_over", "repeat")
    ),
)
"""Options of ``kleio branch``."""
ELSEWHERE = frozenset({"-h", "--help", "-V", "--version"})
"""Options that click answers."""


@dataclass(frozen=True)
class Line:
    """A command line, understood. ``command`` is ``run``, ``exec``, ``branch``, another one, or ``None``: help."""

    command: str | None
    words: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    explicit: bool = False
    """``run`` or ``exec`` was typed."""


def parse(words: Sequence[str]) -> Line:
    """Understand ``words`` (without the program's name). Raises ``UsageError``."""
    options, rest, forced = _options(words, OPTIONS)
    if rest is None:
        return Line(None, tuple(words))
    if not rest:
        return Line(None) if not forced else _empty()
    name = ALIASES.get(rest[0], rest[0])
    if forced or name not in COMMANDS:
        return Line("run", tuple(rest), options)
    if name not in LAUNCHING:
        return Line(name, tuple(words))
    more, command, _ = _options(rest[1:], BRANCH_OPTIONS if name == "branch" else OPTIONS)
    if command is None:
        return Line(None, tuple(words))
    for option in OPTIONS:
        if option.metavar and not option.many and option.key in options and option.key in more:
            raise _twice(option)
    merged = {**options, **more, "tags": options.get("tags", ()) + more.get("tags", ())}
    return Line(name, tuple(command), merged, explicit=True)


def _empty() -> Line:
    raise UsageError("`--` must be followed by a command", hint="kleio -- COMMAND ARGUMENTS…")


def _options(words: Sequence[str], table: Sequence[Option]) -> tuple[dict[str, Any], list[str] | None, bool]:
    """Options in front, the words behind them (``None``: click should answer), and whether ``--`` stood between."""
    spellings = {name: option for option in table for name in option.names}
    values: dict[str, Any] = {}
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            return values, list(words[position + 1 :]), True
        if word in ELSEWHERE:
            return values, None, False
        if not word.startswith("-") or word == "-":
            break
        position += _take(word, words[position + 1 : position + 2], values, spellings)
    return values, list(words[position:]), False


def _take(word: str, following: Sequence[str], values: dict[str, Any], spellings: Mapping[str, Option]) -> int:
    """Read one option into ``values``; returns how many words it took."""
    name, equals, attached = word.partition("=")
    option = spellings.get(name)
    if option is None:
        raise _unknown(word, spellings)
    if option.metavar is None:
        if equals:
            raise UsageError(f"option {name} takes no value")
        values[option.key] = True
        return 1
    if not equals and not following:
        raise UsageError(f"option {name} needs a value", hint=f"kleio {name} {option.metavar} COMMAND…")
    if option.key in values and not option.many:
        raise _twice(option)
    value = attached if equals else following[0]
    if option.choices and value not in option.choices:
        raise UsageError(f"option {name}: {value!r} is none of {', '.join(option.choices)}")
    values[option.key] = values.get(option.key, ()) + (value,) if option.many else value
    return 1 if equals else 2


def _twice(option: Option) -> UsageError:
    return UsageError(f"{option.names[-1]} is given twice")


def _unknown(word: str, spellings: Mapping[str, Option]) -> UsageError:
    from kleio.cli.guessing import nearest

    close = nearest(word.partition("=")[0], [*spellings, *ELSEWHERE])
    meant = f"did you mean {close}? " if close else ""
    return UsageError(
        f"unknown option {word}",
        hint=f"{meant}kleio's options stand before the command, the command's behind it; see `kleio run --help`",
    )
