"""``kleio why`` for people and programs."""

from __future__ import annotations

from kleio.analysis.comparison import ABSENT, STATISTICS
from kleio.cli.presentation import short_ids
from kleio.cli.reports.difference import file_json, file_lines, head_lines, row_json, value_text
from kleio.cli.terminal.fitting import wrapped
from kleio.cli.terminal.table import INDENT, Column, table
from kleio.trial.quoting import escaped
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from kleio.analysis.causes import Cause, Explanation
    from kleio.analysis.comparison import Comparison
    from kleio.cli.terminal.console import Console

MOST_RESULTS = 8
MOST_LINES = 12
"""Lines of a file's difference that a cause shows."""


class Reasons:
    """The lines of an explanation."""

    def __init__(
        self, console: Console, comparison: Comparison, found: Explanation, *, everything: bool = False
    ) -> None:
        self._console = console
        self._comparison = comparison
        self._found = found
        self._everything = everything
        ids = short_ids([trial.id for trial in comparison.trials])
        self._ids = [ids[trial.id] for trial in comparison.trials]

    def lines(self) -> Iterator[str]:
        """Which trials, what differs in their results, then the causes."""
        yield from head_lines(self._console, self._comparison.trials)
        yield ""
        yield from self._results()
        likely = [cause for cause in self._found.causes if cause.likely]
        others = [cause for cause in self._found.causes if not cause.likely]
        if not self._found.results:
            yield from self._differing_all_the_same()
            return
        if likely:
            yield ""
            yield self._console.paint("Likely causes, the likeliest first", "bold")
            for number, cause in enumerate(likely, 1):
                yield from self._cause(f"{number}.", cause)
        if others and (self._everything or not likely):
            yield ""
            yield self._console.paint("Less likely", "bold")
            for cause in others:
                yield from self._cause("-", cause)
        elif others:
            yield ""
            yield self._console.paint(f"{len(others)} less likely: --all shows them", "dim")
        if not likely:
            yield ""
            for sentence in self.chance():
                yield from wrapped(sentence, self._console.width or 1 << 30)

    def _differing_all_the_same(self) -> Iterator[str]:
        """What would be causes if there were anything to explain."""
        shown = [cause for cause in self._found.causes if cause.likely or self._everything]
        hidden = len(self._found.causes) - len(shown)
        if not self._found.causes:
            yield "Nothing else that was recorded differs either."
        if shown:
            yield ""
            yield self._console.paint("What differs all the same", "bold")
            for cause in shown:
                yield from self._cause("-", cause)
        if hidden:
            yield ""
            more = "more" if shown else "unimportant"
            yield self._console.paint(f"{counted(hidden, f'{more} difference')}: --all shows them", "dim")

    def _results(self) -> Iterator[str]:
        rows = self._found.results
        if not rows:
            yield f"The results of {self._ids[0]} and {self._ids[1]} do not differ: there is nothing to explain."
            return
        yield self._console.paint("Results", "bold")
        minor = {
            row.name
            for row in self._comparison.sections.get(STATISTICS, ())
            if not row.name.endswith((".last", ".min", ".max"))
        }
        preferred = [row for row in rows if row.name not in minor] or list(rows)
        shown = rows if self._everything else preferred[:MOST_RESULTS]
        columns = [Column("", "dim"), *(Column(one, wrap=True) for one in self._ids)]
        sections = {id(row): name for name, rows in self._comparison.sections.items() for row in rows}
        cells = [(row.name, *(value_text(sections[id(row)], row.name, value) for value in row.values)) for row in shown]
        for line in table(self._console, columns, cells, indent=len(INDENT)):
            yield INDENT + line
        if len(rows) > len(shown):
            yield self._console.paint(f"{INDENT}and {len(rows) - len(shown)} more: kleio diff shows them", "dim")

    def _cause(self, number: str, cause: Cause) -> Iterator[str]:
        values = ""
        if cause.values is not None:
            texts = [escaped(value_text(cause.kind, cause.name, value)) for value in cause.values]
            values = f": {self._console.paint(texts[0], 'red')} -> {self._console.paint(texts[1], 'green')}"
        yield f"{number} {self._console.paint(escaped(cause.text), 'bold')}{values}"
        yield from (f"   {note}" for note in cause.notes)
        if cause.file is not None and cause.likely:
            lines = list(file_lines(self._console, cause.file, short=False, everything=True))[1:]
            shown = lines if self._everything else lines[:MOST_LINES]
            yield from (f"   {line}" for line in shown)
            if len(lines) > len(shown):
                yield f"     and {counted(len(lines) - len(shown), 'more line')}"

    def chance(self) -> Iterator[str]:
        """What to think if nothing that was recorded explains it."""
        found = self._found
        nothing = "Nothing that was recorded explains it" if found.causes else "Nothing else that was recorded differs"
        yield f"{nothing}. What is left is chance, or an input that was not recorded:"
        if found.seeds:
            seeds = ", ".join(f"{escaped(name)} = {escaped(str(value))}" for name, value in found.seeds)
            yield f"- both were given the same seed ({seeds}): does it reach every generator of random numbers?"
        else:
            yield "- no option is called a seed: an unseeded generator of random numbers is enough"
        if found.inputs:
            yield "- the inputs that were named are the same; are there others?"
        else:
            yield "- no input was named: log_resource(FILE) in the script records what it reads"
        yield "- threads and graphics processors add numbers in any order; the clock and the network are inputs too"


def reasons_json(comparison: Comparison, found: Explanation) -> dict[str, Any]:
    """An explanation for programs."""
    return {
        "trials": [trial.id for trial in comparison.trials],
        "results": [row_json(row) for row in found.results],
        "causes": [cause_json(cause) for cause in found.causes],
        "uncompared": dict(comparison.uncompared),
        "seeds": dict(found.seeds),
        "chance": bool(found.results) and not any(cause.likely for cause in found.causes),
        "files": list(found.used.files),
    }


def cause_json(cause: Cause) -> dict[str, Any]:
    """One cause."""
    values = None if cause.values is None else [None if value is ABSENT else value for value in cause.values]
    return {
        "weight": cause.weight,
        "likely": cause.likely,
        "kind": cause.kind,
        "name": cause.name,
        "text": cause.text,
        "values": values,
        "file": cause.file and file_json(cause.file),
        "notes": list(cause.notes),
    }
