"""``kleio info`` for people: one trial at a glance, in sections, at any width."""

from __future__ import annotations

from itertools import pairwise

from kleio.analysis.history import typed_cut
from kleio.analysis.moment import Moment
from kleio.cli.lists.columns import progress_text
from kleio.cli.presentation import STATUS_STYLES
from kleio.cli.reports.changes import change_lines
from kleio.cli.reports.circumstances import (
    SHORT_COMMIT,
    code_rows,
    environment_rows,
    machine_rows,
    page_of,
    recorded_rows,
    resource_rows,
)  # fmt: skip
from kleio.cli.terminal.fitting import wrapped
from kleio.cli.terminal.table import INDENT, Column, table
from kleio.cli.terminal.wording import Blank, text_of
from kleio.clock import SystemClock
from kleio.spool.attempt.liveness import held_by
from kleio.trial.cut import BEFORE_THE_FIRST, Cut
from kleio.trial.edits import NOTE
from kleio.trial.facts import configuration_facts
from kleio.trial.quoting import escaped
from kleio.trial.status import HELD
from kleio.units import ago_text, counted, duration_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from kleio.analysis.edits import Edit
    from kleio.analysis.history import Attempt
    from kleio.analysis.trial import Trial
    from kleio.cli.terminal.console import Console
    from kleio.clock import Clock

    Rows = list[tuple[str, str]]

NOTHING = object()
FACTS = (Column(style="dim"), Column(wrap=True))
NAME_WIDTH = 12
MOST_OF_FILE = 20
"""Values of a configuration file; a long one would hide the rest."""


class Portrait:
    """The lines that show one trial."""

    def __init__(
        self,
        console: Console,
        trial: Trial,
        attempts: Sequence[Attempt],
        children: Sequence[Trial],
        output: Mapping[str, int],
        packages: Mapping[str, str],
        clock: Clock,
        edits: Sequence[Edit] = (),
    ) -> None:
        self._console = console
        self._clock = clock
        self._trial = trial
        self._attempts = attempts
        self._children = children
        self._output = output
        self._packages = packages
        self._edits = edits

    def lines(self) -> Iterator[str]:
        """Everything, section by section."""
        trial = self._trial
        status = self._console.paint(f"[{trial.status}]", f"bold {STATUS_STYLES.get(trial.status, '')}".strip())
        yield f"{self._console.paint(trial.short_id, 'bold')} {status} {escaped(str(trial.project.get('name') or ''))}"
        yield from wrapped(trial.command, self._console.width or 1 << 30)
        yield ""
        yield from (INDENT + line for line in self._facts(self._identity() + self._times() + self._family()))
        yield from self._changes()
        yield from self._attempt_table()
        yield from self._notes()
        yield from self._section("Configuration", self._configuration())
        yield from self._statistics()
        yield from self._section("Resources", resource_rows(trial))
        yield from self._section("Recorded", recorded_rows(trial, self._output, self._attempts))
        yield from self._code()
        yield from self._section("Machine", machine_rows(trial, self._attempts))
        yield from self._section("Environment", environment_rows(trial, self._packages))

    def _identity(self) -> Rows:
        trial = self._trial
        rows = [("id", trial.id)]
        if trial.name:
            rows.append(("name", trial.name))
        if trial.tags:
            rows.append(("tags", "; ".join(trial.tags)))
        place = str(trial.project.get("root") or "")
        rows.append(("directory", f"{place}/{trial.directory}" if trial.directory else place))
        if trial.holder:
            rows.append(
                (
                    "was held by" if trial.evidence else "held by",
                    f"{trial.holder.get('user', '?')}@{held_by(trial.document)}",
                )
            )
        if trial.evidence:
            rows.append(("failover", trial.evidence))
        if progress_text(trial):
            rows.append(("progress", progress_text(trial)))
        if trial.outcome:
            rows.append(("outcome", str(trial.outcome)))
        origin = trial.document.get("imported")
        if isinstance(origin, dict):
            rows.append(("imported from", "{tool}, run {id}, {path}".format_map(Blank(origin))))
        return rows

    def _times(self) -> Rows:
        trial = self._trial
        rows = [("submitted", trial.created), ("started", trial.started), ("ended", trial.ended)]
        shown = [(name, self._since(moment)) for name, moment in rows if moment is not None]
        if trial.fence:
            count = counted(trial.fence, "attempt")
            shown.append(("duration", f"{self._duration()} in {count}"))
        return shown

    def _since(self, moment: Moment) -> str:
        ago = ago_text(self._clock.wall() - moment.time)
        return f"{moment} ({ago})" if ago else str(moment)

    def _duration(self) -> str:
        """The time its command ran; of an attempt that still runs, up to now."""
        trial, latest = self._trial, self._attempts[-1] if self._attempts else None
        if latest is None or latest.ended is not None or trial.status not in HELD:
            return duration_text(trial.duration)
        return duration_text(trial.duration + max(0.0, self._clock.wall() - latest.started.time)) + " so far,"

    def _family(self) -> Rows:
        trial = self._trial
        rows = []
        if trial.parent_id:
            typed = typed_cut(trial.history())
            where = f"{_cut_text(Cut.of(trial.refers))}{f' ({typed})' if typed else ''}"
            rows.append(("parent", f"{trial.parent_id[:7]}, shared up to {where}"))
        if trial.within:
            inner = trial.within
            rows.append(("within", f"{str(inner.get('trial'))[:7]}, attempt {inner.get('attempt')}"))
        rows += [("child", f"{child.short_id} [{child.status}] {child.command}") for child in self._children]
        return rows

    def _configuration(self) -> Rows:
        """Each option, then the words without one; of a branch also what it was before, and in which trial."""
        line = [*self._trial.lineage.ancestors, self._trial] if self._trial.parent_id else [self._trial]
        rows = []
        options = self._trial.configuration.items()
        for name, value in sorted(options, key=lambda option: option[0].startswith("_pos_")):
            steps = [(one.short_id, one.configuration.get(name, NOTHING)) for one in line]
            kept = [step for step, following in pairwise(steps) if step[1] != following[1]]
            before = [f"{text_of(old)} in {short}" for short, old in kept if old is not NOTHING]
            rows.append((name, f"{text_of(value)}  (before: {', '.join(before)})" if before else text_of(value)))
            rows += _content_rows(name, value)
        return rows

    def _changes(self) -> Iterator[str]:
        """What a branch does otherwise than its parent."""
        changes = self._trial.document.get("changes") or ()
        if changes:
            lines = [line for change in changes for line in change_lines(self._console, change)]
            yield from self._titled(f"Changes since {str(self._trial.parent_id)[:7]}", lines)

    def _attempt_table(self) -> Iterator[str]:
        if not self._attempts:
            return
        columns = (
            Column("#", "dim", right=True), Column("status", palette=STATUS_STYLES), Column("started"),
            Column("ran", right=True), Column("by"), Column("end", wrap=True),
        )  # fmt: skip
        rows = [
            (
                str(attempt.number),
                attempt.status,
                str(attempt.started),
                "" if attempt.duration is None else duration_text(attempt.duration),
                "{user}@{host}:{pid}".format_map(Blank(attempt.who)),
                str(attempt.outcome or ""),
            )
            for attempt in self._attempts
        ]
        yield from self._titled("Attempts", table(self._console, columns, rows, indent=len(INDENT)))

    def _notes(self) -> Iterator[str]:
        """What people wrote down, and what else they changed by hand, under a title of its own."""
        columns = (Column("when"), Column("by", "dim"), Column("what", wrap=True))
        for title, wanted in (("Notes", True), ("Edits", False)):
            rows = [
                (str(edit.moment), "{user}@{host}".format_map(Blank(edit.who)), str(edit))
                for edit in self._edits
                if (edit.kind == NOTE) is wanted
            ]
            if rows:
                yield from self._titled(title, table(self._console, columns, rows, indent=len(INDENT)))

    def _code(self) -> Iterator[str]:
        """The version; its commit is a link where the terminal can follow one, and has its page's address elsewhere."""
        can_link = self._console.can_link
        page = page_of(self._trial)
        for line in self._section("Code", code_rows(self._trial, with_page=not can_link)):
            commit = str(self._trial.code.get("commit") or "")[:SHORT_COMMIT]
            if can_link and page and commit in line and "commit" in line:
                line = line.replace(commit, self._console.link(commit, page), 1)
            yield line

    def _statistics(self) -> Iterator[str]:
        found = self._trial.summary.get("statistics") or {}
        names = ("first", "last", "min", "max", "count")
        rows = [
            (name, *(text_of(of[key]) if of.get(key) is not None else "" for key in names))
            for name, of in found.items()
        ]
        if rows:
            columns = (Column("name", "dim"), *(Column(name, right=True) for name in names))
            yield from self._titled("Statistics", table(self._console, columns, rows, indent=len(INDENT)))
        if self._trial.summary.get("more_names"):
            line = f"{'and more' if rows else 'by long names'}: kleio stats {self._trial.short_id}"
            yield from [INDENT + line] if rows else self._titled("Statistics", [line])

    def _section(self, title: str, rows: Rows) -> Iterator[str]:
        if rows:
            yield from self._titled(title, self._facts(rows))

    def _facts(self, rows: Rows) -> list[str]:
        padded = [(name.ljust(NAME_WIDTH), value) for name, value in rows]
        return table(self._console, FACTS, padded, indent=len(INDENT))

    def _titled(self, title: str, lines: Sequence[str]) -> Iterator[str]:
        yield ""
        yield self._console.paint(title, "bold")
        yield from (INDENT + line for line in lines)


def _content_rows(name: str, value: Any) -> Rows:
    """What a configuration file says, by the names that filters know it by."""
    if not isinstance(value, dict) or value.keys() != {"file", "content"}:
        return []
    found = [
        (inner, text_of(each))
        for inner, each in configuration_facts({name: value})
        if inner != name and not isinstance(each, dict)
    ]
    if len(found) > MOST_OF_FILE:
        return [*found[:MOST_OF_FILE], ("", f"… and {len(found) - MOST_OF_FILE} more; --json has all")]
    return found


def _cut_text(cut: Cut) -> str:
    if cut.attempt == BEFORE_THE_FIRST:
        return f"the start of {cut.trial[:7]}: a repetition, which shares nothing with it"
    moment = f", {Moment(cut.time, SystemClock().offset())}" if cut.time is not None else ", its end"
    return f"attempt {cut.attempt} of {cut.trial[:7]}{moment}"
