"""What ``kleio rm`` and ``kleio gc`` do and say."""

from __future__ import annotations

from kleio.analysis.moment import Moment
from kleio.clock import SystemClock
from kleio.dataclass import dataclass, field
from kleio.errors import JournalError, KleioError
from kleio.trial.identity import SHORT
from kleio.units import ago_text, counted, size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from kleio.analysis.trial import Trial
    from kleio.cli.context import Context
    from kleio.launcher.care.collecting import Collected

    Document = dict[str, Any]


class Removal:
    """One call of ``kleio rm``: several trials, each handled whatever becomes of the others, children first."""

    def __init__(self, context: Context, *, recursive: bool, purge: bool, dry_run: bool, why: str) -> None:
        self._context, self._recursive, self._purge = context, recursive, purge
        self._dry_run, self._why = dry_run, why
        self._code = 0
        self._digests: set[str] = set()

    def of(self, words: Sequence[str]) -> int:
        """Remove the trials that ``words`` select; the exit code of the last failure."""
        from kleio.launcher.care.trash import in_order, with_descendants

        documents = [document for word in dict.fromkeys(words) if (document := self._selected(word)) is not None]
        if self._recursive:
            documents = with_descendants(self._context.journal, documents, trash=None if self._purge else False)
        gone: list[str] = []
        for document in in_order(documents):
            try:
                self._one(document, gone)
            except JournalError:
                raise
            except KleioError as error:
                self._fail(error)
            else:
                gone.append(document["_id"])
        self._sum_up()
        return self._code

    def _selected(self, word: str) -> Document | None:
        try:
            return dict(self._context.select(word, trash=None if self._purge else False).document)
        except JournalError:
            raise
        except KleioError as error:
            self._fail(error)
            return None

    def _one(self, document: Document, gone: list[str]) -> None:
        from kleio.launcher.care.trash import purge, throw_away

        context, short = self._context, document["_id"][:SHORT]
        if self._purge and self._dry_run:
            purged = purge(context.journal, document, dry_run=True, without=gone)
            context.console.say(f"trial {short} would be deleted: {size_text(purged.bytes)}")
        elif not self._purge:
            throw_away(context.journal, document, context.settings, SystemClock(), why=self._why)
            context.console.say(f"trial {short} is in the trash; bring it back with: kleio restore {short}")
            return
        else:
            if not document.get("trashed"):
                document = throw_away(context.journal, document, context.settings, SystemClock(), why=self._why)
            purged = purge(context.journal, document)
            context.console.say(f"trial {short} is deleted: {size_text(purged.bytes)} freed")
        self._digests |= purged.digests

    def _sum_up(self) -> None:
        """What of the blobs may be freed later, unless other trials refer to them as well."""
        from kleio.errors import BlobMissing

        sizes = []
        for digest in self._digests:
            try:
                sizes.append(self._context.blobs.size(digest))
            except BlobMissing:
                continue  # it only looked like a digest
        if sizes:
            count = counted(len(sizes), "blob")
            verb, would = ("refers", "would be") if self._dry_run else ("referred", "are")
            self._context.console.say(
                f"{verb} to {count} of {size_text(sum(sizes))}: those that no other trial needs {would} freed by "
                "`kleio gc` a day after they were stored"
            )

    def _fail(self, error: KleioError) -> None:
        self._context.console.fail(error.message, error.hint)
        self._code = error.exit_code


def show_trash(context: Context, as_json: bool) -> None:
    """What is in the trash, the latest first."""
    from kleio.cli.presentation import moment_json, short_ids, trial_json
    from kleio.cli.terminal.table import Column, table

    trials = sorted(context.trials.find(trash=True), key=_when, reverse=True)
    console = context.console
    if as_json:
        marks = [trial.document["trashed"] for trial in trials]
        console.json(
            "rm",
            [
                {
                    **trial_json(trial),
                    "trashed": {**(moment_json(Moment.of(mark)) or {}), "who": mark.get("who"), "why": mark.get("why")},
                }
                for trial, mark in zip(trials, marks, strict=True)
            ],
        )
        return
    if not trials:
        console.say("the trash is empty")
        return
    short = short_ids([trial.id for trial in trials])
    columns = (
        Column("id", "bold"), Column("status"), Column("removed"), Column("by", "dim", give=True),
        Column("why", wrap=True), Column("command", wrap=True),
    )  # fmt: skip
    rows = [(short[trial.id], trial.status, *_mark(trial), trial.command) for trial in trials]
    for line in table(console, columns, rows):
        console.line(line)


def _when(trial: Trial) -> float:
    return float(trial.document["trashed"].get("time") or 0.0)


def _mark(trial: Trial) -> tuple[str, str, str]:
    mark = trial.document["trashed"]
    who, moment = mark.get("who") or {}, Moment.of(mark)
    when = "" if moment is None else ago_text(SystemClock().wall() - moment.time) or str(moment)
    why = "being purged" if mark.get("purging") else str(mark.get("why") or "")
    return when, f"{who.get('user', '?')}@{who.get('host', '?')}", why


@dataclass(frozen=True)
class Aside:
    """Attempts that were set aside: how many there are, of which size, and whether they are to be removed."""

    attempts: int
    bytes: int
    remove: bool
    problems: list[str] = field(default_factory=list)


def aside_of(context: Context, *, remove: bool, dry_run: bool) -> Aside:
    """What is set aside on this machine; with ``remove`` what was of it, or would be, and why the rest stays."""
    from kleio.cli.moving.sending import journals
    from kleio.spool.aside import attempts_aside, drop
    from kleio.spool.quota import size_of

    sizes = {directory: size_of(directory) for directory in attempts_aside(context.settings.data)}
    problems = []
    if remove:
        with journals(context) as journal_at:
            kept = {directory: drop(directory, journal_at, dry_run=dry_run) for directory in sizes}
        problems = list(filter(None, kept.values()))
        sizes = {directory: size for directory, size in sizes.items() if not kept[directory]}
    return Aside(len(sizes), sum(sizes.values()), remove, problems)


def collected_lines(found: Collected, aside: Aside, dry_run: bool) -> Iterator[str]:
    """What the collector did, for people."""
    would = "would be " if dry_run else ""
    yield f"trash: {counted(len(found.trials), 'trial')} {would}purged, {size_text(found.trial_bytes)} {would}freed"
    yield f"blobs: {counted(found.blobs, 'blob')} that no trial refers to, {size_text(found.blob_bytes)} {would}freed"
    if found.young:
        more = counted(found.young, "more blob")
        yield f"       {more}, {size_text(found.young_bytes)}, stored within the last day: not yet"
    if found.uploads:
        yield f"       {counted(found.uploads, 'unfinished upload')} {would}removed"
    if aside.attempts:
        what = f"aside: {counted(aside.attempts, 'attempt')} that their journals do not hold"
        left = f"{size_text(aside.bytes)}; if you deleted the trials, remove them with: kleio gc --set-aside"
        yield f"{what}, {size_text(aside.bytes)} {would}freed" if aside.remove else f"{what}, {left}"
