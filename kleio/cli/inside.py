"""``kleio log`` and ``kleio artifact``: what a command says about itself, from any language.

Without click, settings or journal, for a loop of a shell script calls these often: inside a command that kleio started
they append to its spool, anywhere else they print. A word that is no ``NAME=VALUE`` is a usage error, and a file that
cannot be read a failure, in both places; that something could not be kept is only said, for it must not end a script
that runs under ``set -e``. For the same reason a pipe is read to its end in any case: who writes into it would die.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager

from kleio.errors import KleioError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import IO, Any

    from kleio.cli.terminal.console import Console
    from kleio.spool.handshake import Handshake

ARTIFACT_EXAMPLE = "kleio artifact FILE --name weights --set epoch=3"
_FLOATS = frozenset({"nan", "inf", "infinity"})


def log(words: Sequence[str], console: Console) -> int:
    """``kleio log [--durable] NAME=VALUE…``."""
    durable = "--durable" in words[:1]
    rest = list(words[1 if durable else 0 :])
    values = _once(map(pair, rest[1:] if rest[:1] == ["--"] else rest))
    if not values:
        raise UsageError("there is nothing to log", hint="kleio log epoch=3 loss=0.12")
    shake = _handshake(console)
    if shake is None:
        from kleio.client.unrecorded import shown

        console.line(" ".join(f"{name}={shown(value)}" for name, value in values.items()))
        return 0
    from kleio.spool.complaint import called
    from kleio.spool.records import shared
    from kleio.spool.records.statistic import dumps

    try:
        shared.append_json(shake.spool, "statistics", dumps(values), durable=durable)
    except (OSError, ValueError) as error:
        console.warn(
            f"the statistic {called(*values)} could not be recorded: {getattr(error, 'strerror', None) or error}"
        )
    return 0


def artifact(words: Sequence[str], console: Console) -> int:
    """``kleio artifact FILE [--name NAME] [--set KEY=VALUE]…``."""
    from kleio.spool import blobs

    path, name, metadata, durable = _artifact_words(words)
    shake = _handshake(console)
    try:
        with _source(path) as source:
            if shake is not None:
                _store(shake.spool, name, source, metadata, durable, console)
            else:
                blobs.refuse_unreadable(source)
                blobs.exhaust(source)
    except blobs.Unreadable as error:
        raise _unreadable(path, error.__cause__) from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    if shake is None:
        from kleio.client.unrecorded import shown

        console.line(" ".join(["artifact", shown(name), *(f"{key}={shown(value)}" for key, value in metadata.items())]))
    return 0


@contextmanager
def _source(path: str) -> Iterator[str | IO[bytes]]:
    """Where the bytes are: a path, or of a pipe, which can be read only once, the open file."""
    mode = os.fstat(0).st_mode if path == "-" else os.stat(path).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        yield "/dev/stdin" if path == "-" else path
        return
    with open(0 if path == "-" else path, "rb", buffering=0, closefd=path != "-") as file:
        yield file


def _store(
    spool: str, name: str, source: str | IO[bytes], metadata: dict[str, Any], durable: bool, console: Console
) -> None:  # fmt: skip
    from kleio.spool import blobs
    from kleio.spool.complaint import called
    from kleio.spool.records import shared
    from kleio.spool.records.values import normalise

    try:
        blobs.refuse_if_full(spool)
        content = blobs.hold(spool, source, durable=durable)
        body = {"name": normalise(name), **content, "metadata": normalise(metadata)}
        shared.append(spool, "artifacts", body, durable=durable)
    except (OSError, ValueError) as error:
        console.warn(f"the artifact {called(name)} could not be recorded: {getattr(error, 'strerror', None) or error}")
        blobs.exhaust(source)


def _unreadable(path: str, cause: BaseException | None) -> KleioError:
    return KleioError(f"{path} cannot be read: {getattr(cause, 'strerror', None) or cause}")


def pair(word: str, example: str = "kleio log epoch=3 loss=0.12 note='any text'") -> tuple[str, Any]:
    """The name and value that ``NAME=VALUE`` means."""
    name, equals, value = word.partition("=")
    if not equals or not name:
        raise UsageError(f"{word!r} is no NAME=VALUE", hint=example)
    return name, value_of(value)


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """``UsageError`` for a name that is given twice: one of its values would be lost without a word."""
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise UsageError(f"{name!r} is given twice", hint="several values of one name are a list: x='[1, 2]'")
        values[name] = value
    return values


def value_of(text: str) -> Any:
    """A number, ``true``, ``false``, ``null``, not-a-number, infinity, JSON, or else the text itself."""
    if text[:1] in ("{", "[", '"') or (text.lstrip("-").isdigit() and text.lstrip("-0")):
        import json

        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    bare = text.lower().lstrip("+-").removeprefix(".")
    if bare in _FLOATS and len(text) - len(bare) <= 2:
        return float(text.replace(".", ""))
    from kleio.capture.commandline.scalars import typed

    return typed(text)


def _artifact_words(words: Sequence[str]) -> tuple[str, str, dict[str, Any], bool]:
    """File, name, metadata, and whether it must be durable."""
    files: list[str] = []
    name, durable = "", False
    metadata: list[tuple[str, Any]] = []
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if word == "--":
            files += rest
        elif option == "--durable" and not equals:
            durable = True
        elif option in ("--name", "-n", "--set", "-s"):
            found = value if equals else next(rest, None)
            if found is None:
                raise UsageError(f"option {option} needs a value", hint=ARTIFACT_EXAMPLE)
            if option in ("--name", "-n"):
                if name:
                    raise UsageError("--name is given twice")
                name = found
            else:
                metadata.append(pair(found, ARTIFACT_EXAMPLE))
        elif word.startswith("-") and word != "-":
            raise UsageError(f"unknown option {word}", hint="see `kleio artifact --help`")
        else:
            files.append(word)
    if len(files) != 1:
        raise UsageError("one FILE is needed", hint=ARTIFACT_EXAMPLE)
    return files[0], name or ("stdin" if files[0] == "-" else os.path.basename(files[0])), _once(metadata), durable


def _handshake(console: Console) -> Handshake | None:
    """The attempt that this process belongs to. What makes it unfit is said as kleio says things."""
    import warnings

    from kleio.spool.handshake import Handshake

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        shake = Handshake.from_environ(os.environ)
    for one in told:
        console.warn(str(one.message).removeprefix("kleio: "))
    return shake


COMMANDS = {"log": log, "artifact": artifact}
