"""Artifacts that a user asked for, and how lists show them."""

from __future__ import annotations

from kleio.cli.terminal.envelope import plain_text
from kleio.cli.terminal.fitting import columns_of, cut, shares
from kleio.cli.terminal.spreadsheet import spreadsheet
from kleio.cli.terminal.table import GAP, Column, table
from kleio.cli.terminal.wording import creator_text, text_of
from kleio.encoding import json_text
from kleio.trial.quoting import escaped
from kleio.units import size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from kleio.analysis.artifacts import Artifact
    from kleio.cli.context import Context
    from kleio.cli.terminal.console import Console

NAME = 2
"""The place of the name among the columns for people."""
HEAD = ("name", "size", "digest", "metadata", "attempt", "time")


def find_artifacts(context: Context, word: str, fitting: Sequence[str], superseded: bool) -> list[Artifact]:
    """The artifacts of the trial ``word`` that fit ``[NAME] [KEY=VALUE…]``. What has a ``=`` is a name if one is called
    so."""
    typed_names = [one for one in fitting[:1] if "=" not in one]
    conditions = [_condition(one) for one in fitting[len(typed_names) :]]
    found = context.select(word).artifacts(*typed_names, superseded=superseded)
    if conditions and not typed_names and any(artifact.name == fitting[0] for artifact in found):
        found, conditions = [artifact for artifact in found if artifact.name == fitting[0]], conditions[1:]
    return [
        artifact
        for artifact in found
        if all(key in artifact.metadata and _means(value, artifact.metadata[key]) for key, value in conditions)
    ]


def _condition(word: str) -> tuple[str, str]:
    from kleio.errors import UsageError

    key, equals, value = word.partition("=")
    if not equals or not key:
        raise UsageError(
            f"{word!r} is no KEY=VALUE", hint="one NAME may stand first, and behind it the metadata: NAME epoch=10"
        )
    return key, value


def _means(word: str, value: Any) -> bool:
    """Whether a typed word means a stored value: as text, or as the number or constant that it spells."""
    from kleio.capture.commandline.scalars import typed

    return word == value or (typed(word) == value and isinstance(typed(word), bool) == isinstance(value, bool))


def metadata_text(artifact: Artifact) -> str:
    """The metadata in few words."""
    return " ".join(f"{key}={text_of(value)}" for key, value in artifact.metadata.items())


def artifact_json(artifact: Artifact) -> dict[str, Any]:
    """One artifact for programs."""
    return {
        "name": artifact.name,
        "metadata": artifact.metadata,
        "digest": artifact.digest,
        "size": artifact.size,
        "time": artifact.time,
        "attempt": artifact.attempt,
        "writer": artifact.writer,
        "rank": artifact.rank,
        "creator": artifact.creator,
    }


def artifact_lines(console: Console, found: Sequence[Artifact], form: str) -> Iterator[str]:
    """Artifacts as a table, or as CSV."""
    if form == "csv" and found:
        exact = (
            (one.name, one.size, one.digest, json_text(one.metadata, plain_text), one.attempt, one.time)
            for one in found
        )
        yield from spreadsheet(console, HEAD, exact)
    elif found:
        columns = (
            Column(right=True), Column(style="dim"), Column(style="bold"), Column(wrap=True), Column(style="dim"),
        )  # fmt: skip
        rows = [
            (
                size_text(artifact.size),
                artifact.digest[:12],
                artifact.name,
                metadata_text(artifact),
                f"attached by {creator_text(artifact.creator)}" if artifact.creator else "",
            )
            for artifact in found
        ]
        yield from table(console, columns, _with_room(rows, console.width))


def _with_room(rows: Sequence[tuple[str, ...]], width: int) -> list[tuple[str, ...]]:
    """The rows with their names cut where a terminal has no room for them; metadata are wrapped there."""
    if not width:
        return list(rows)
    cells = [[columns_of(escaped(cell)) for cell in column] for column in zip(*rows, strict=True)]
    room = shares(cells, [0] * len(cells), width - len(GAP) * (len(cells) - 1))[NAME]
    return [(*row[:NAME], cut(escaped(row[NAME]), room), *row[NAME + 1 :]) for row in rows]
