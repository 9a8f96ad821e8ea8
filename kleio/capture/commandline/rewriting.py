"""Changes the options of a recorded command: its own words stay as they were typed, only the named ones differ.

No template is ever filled in. An option that is named anew takes the place of the old one with all its values,
wherever that stood; a new one goes to the end (before ``--``); ``--no-name`` takes a recorded ``--name`` out, and so
does ``unset``. Names are compared as spelt: ``--tag_name`` is not ``--tag-name``.
"""

from __future__ import annotations

from kleio.capture.commandline.reading import spans
from kleio.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

NEGATION = "no-"


def rewrite(argv: Sequence[str], changes: Sequence[str], unset: Collection[str] = ()) -> tuple[str, ...]:
    """``argv`` with the options of ``changes`` and without those of ``unset`` (names without dashes).

    Raises ``UsageError`` for a positional word among the changes, and for an option to be unset that is not there.
    """
    recorded = {span.name for span in spans(argv) if span.name is not None}
    missing = [name for name in unset if name not in recorded]
    if missing:
        raise UsageError(f"the trial has no option {missing[0]!r} to unset")
    replaced = _changes(changes, recorded)
    replaced.update(dict.fromkeys(unset, ()))
    end = argv.index("--") if "--" in argv else len(argv)
    result: list[str] = []
    position = 0
    for span in spans(argv):
        if span.start >= end:
            break
        if span.name not in replaced:
            result += argv[span.start : span.end]
        else:
            result += replaced[span.name]
            replaced[span.name] = ()  # a repeated option is replaced as a whole
        position = span.end
    added = [word for name, words in replaced.items() if name not in recorded for word in words]
    return (*result, *argv[position:end], *added, *argv[end:])


def _changes(words: Sequence[str], recorded: Collection[str | None]) -> dict[str | None, Sequence[str]]:
    """The new words of each option, in the order of first appearance."""
    if "--" in words:
        raise UsageError("`--` has no meaning when branching: positional arguments cannot be updated")
    found: dict[str | None, list[str]] = {}
    for span in spans(words, with_program=False):
        if span.name is None:
            raise UsageError(
                f"positional arguments cannot be updated when branching: {words[span.start]!r}",
                hint="run the command with another argument instead: that is a trial of its own",
            )
        positive = span.name.removeprefix(NEGATION)
        if span.name.startswith(NEGATION) and positive in recorded and span.name not in recorded and not span.values:
            found[positive] = []
        else:
            found.setdefault(span.name, []).extend(words[span.start : span.end])
    return dict(found)
