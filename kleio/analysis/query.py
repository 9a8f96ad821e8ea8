"""Finds trials: by what is known of them, or by the one word that a user typed."""

from __future__ import annotations

from kleio.analysis import expected
from kleio.analysis.asking import query_of, resolved_query
from kleio.analysis.projects import HEXADECIMAL, project_id
from kleio.analysis.trial import Trial
from kleio.dataclass import replace
from kleio.errors import TrialAmbiguous, TrialNotFound
from kleio.journal.contract import Tally, TrialQuery
from kleio.journal.registry import unmade
from kleio.spool.attempt.liveness import Observer
from kleio.trial.ambiguity import MOST_CANDIDATES, ambiguous
from kleio.trial.identity import SHORT
from kleio.trial.quoting import escaped, quoted
from kleio.trial.status import FAILOVER
from kleio.units import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Any

    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal
    from kleio.trial.clauses import Clause

ID_LENGTH = 64
MOST_SUGGESTED_FROM = 500


class Trials:
    """All trials of a journal. ``spools`` are directories of this machine where unshipped records may lie."""

    def __init__(self, journal: Journal, blobs: BlobStore | None = None, spools: tuple[str, ...] = ()) -> None:
        self.journal = journal
        self.blobs = blobs
        self._spools = spools

    def __repr__(self) -> str:
        nowhere = unmade(self.journal)
        return f"<Trials: {self.count()}{f'; {nowhere}' if nowhere else ''}>"

    def close(self) -> None:
        """Let go of connections. Safe to repeat; ``with connect() as trials`` does it too."""
        self.journal.close()
        if self.blobs is not None:
            self.blobs.close()

    def __enter__(self) -> Trials:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def trials(
        self,
        where: str | Clause = "",
        *,
        sort: str | None = None,
        limit: int | None = None,
        offset: int = 0,
        tags: Collection[str] = (),
        statuses: Collection[str] | None = None,
        project: str | None = None,
        name: str | None = None,
        parent: str | None = None,
        id_prefix: str | None = None,
        trash: bool | None = False,
    ) -> Iterator[Trial]:
        """The trials of all projects that fit all that is given, newest first or by ``sort``, read a page at a time.

        ``where`` is a filter such as ``'stats.loss.min < 0.2 and config.lr > 0.01'``; ``sort`` a field, or
        ``-`` and a field for the greatest first. Of those that fit, ``offset`` are passed over, and ``limit`` at most
        are given. ``tags`` means all of them, ``statuses`` any, ``trash`` those in the trash (``None``: all),
        ``project`` those of a project, named by its name or id, ``parent`` the branches of the trial that this word
        means (see :meth:`trial`), ``id_prefix`` those whose ids begin so.

        Raises ``FilterError`` for a filter or an order that is wrong, and ``ValueError`` for a status that there is
        not, before trials are read. :meth:`find` is the same.
        """
        query = query_of(
            where, statuses, tags, sort, limit, offset=offset, trash=trash, name=name, id_prefix=id_prefix
        )  # fmt: skip
        return self._found(self._within(query, project, parent))

    find = trials

    def __iter__(self) -> Iterator[Trial]:
        return self.trials()

    def to_frame(
        self,
        where: str | Clause = "",
        *,
        sort: str | None = None,
        limit: int | None = None,
        offset: int = 0,
        tags: Collection[str] = (),
        statuses: Collection[str] | None = None,
        project: str | None = None,
        name: str | None = None,
        parent: str | None = None,
        trash: bool | None = False,
        figures: Sequence[str] = ("last", "min", "max"),
    ) -> Any:
        """The same trials as a ``pandas.DataFrame``, one row each; see :func:`kleio.analysis.trials_frame`."""
        from kleio.analysis.tabulation import frame_of, without_collection
        from kleio.spool.attempt.resolving import resolved_with_standing

        query = query_of(where, statuses, tags, sort, limit, offset=offset, trash=trash, name=name)
        figures = expected.texts(figures, "figures")
        query = self._within(query, project, parent)
        query, standing = resolved_with_standing(self.journal, Observer(self.journal), query)
        with without_collection():
            columns = self.journal.tabulate(query, figures)
            if standing.dead and columns:
                rows = zip(columns["id"], columns["status"], strict=True)
                now = [FAILOVER if trial in standing.dead else status for trial, status in rows]
                columns = {**columns, "status": now}
            return frame_of(columns)

    def _repr_html_(self) -> str:
        from kleio.analysis.markup import table_html

        rows = [
            (one.short_id, one.status, one.name, one.command, str(one.started or "")) for one in self.trials(limit=20)
        ]
        count = self.count()
        caption = counted(count, "trial") + (", the newest 20" if count > len(rows) else "")
        return table_html(["id", "status", "name", "command", "started"], rows, caption)

    def _within(self, query: TrialQuery, project: str | None, parent: str | None = None) -> TrialQuery:
        """The query of a project's trials or of a trial's branches. They are looked up once all else is understood."""
        if project is not None:
            query = replace(query, project=project_id(self.journal, project))
        if parent is not None:
            is_whole = len(expected.text(parent, "parent")) == ID_LENGTH
            query = replace(query, parent=parent if is_whole else self.trial(parent, trash=None).id)
        return query

    def _found(self, query: TrialQuery) -> Iterator[Trial]:
        observer = Observer(self.journal)
        for document in self.journal.find_trials(resolved_query(self.journal, observer, query)):
            yield self._view(document, observer)

    def count(
        self,
        where: str | Clause = "",
        *,
        tags: Collection[str] = (),
        statuses: Collection[str] | None = None,
        project: str | None = None,
        name: str | None = None,
        parent: str | None = None,
        trash: bool | None = False,
    ) -> int:
        """How many trials fit; counted by the journal."""
        query = self._within(query_of(where, statuses, tags, trash=trash, name=name), project, parent)
        return self.journal.count_trials(resolved_query(self.journal, Observer(self.journal), query))

    def tally(self, where: str | Clause = "", *, tags: Collection[str] = (), project: str | None = None) -> Tally:
        """How many trials fit, by status as of now and by tag; counted by the journal."""
        query = self._within(query_of(where, None, tags), project)
        from kleio.journal.sifting import moved
        from kleio.spool.attempt.resolving import resolved_with_standing
        from kleio.trial.holding import predicate

        observer = Observer(self.journal)
        query, standing = resolved_with_standing(self.journal, observer, query)
        counts = self.journal.tally(query)
        fits = None if query.where is None else predicate(query.where)
        for document in standing.dead.values():
            if fits is None or fits(document):
                counts = moved(counts, document, FAILOVER)
        return counts

    def get(self, trial_id: str) -> Trial | None:
        """The trial with exactly this id; :meth:`trial` takes the beginning of one, a name or a tag."""
        document = self.journal.trial(expected.text(trial_id, "the id of a trial"))
        return None if document is None else self._view(document, Observer(self.journal))

    def children_of(self, trial_id: str) -> Iterator[Trial]:
        """The branches of the trial that a word means (see :meth:`trial`), newest first."""
        return self.find(parent=trial_id)

    def trial(self, word: str, *, trash: bool | None = False) -> Trial:
        """The one trial that ``word`` means: a full id, an unambiguous prefix of one, a unique name or a unique tag.
        ``trash`` as in :meth:`find`.

        Raises ``TrialNotFound`` or ``TrialAmbiguous``.
        """
        if not expected.text(word, "what selects a trial").strip():
            raise TrialNotFound("an empty word names no trial", hint="`kleio ls` shows the trials")
        if len(word) == ID_LENGTH:
            exact = self.get(word)
            if exact is not None and trash in (None, exact.in_trash):
                return exact
        candidates = self._candidates(word, trash)
        if not candidates:
            raise self._not_found(word, trash)
        if len(candidates) > 1:
            raise _ambiguous(word, list(candidates.values()))
        return next(iter(candidates.values()))

    def _candidates(self, word: str, trash: bool | None) -> dict[str, Trial]:
        queries = [
            TrialQuery(name=word, limit=MOST_CANDIDATES + 1, trash=trash),
            TrialQuery(tags=(word,), limit=MOST_CANDIDATES + 1, trash=trash),
        ]
        if HEXADECIMAL.issuperset(word) and len(word) <= ID_LENGTH:
            queries.insert(0, TrialQuery(id_prefix=word, limit=MOST_CANDIDATES + 1, trash=trash))
        observer = Observer(self.journal)
        return {
            document["_id"]: self._view(document, observer)
            for query in queries
            for document in self.journal.find_trials(query)
        }

    def _not_found(self, word: str, trash: bool | None) -> TrialNotFound:
        from kleio.trial.words import shortened

        shown = shortened(escaped(word))
        if trash is False and self._candidates(word, True):
            hint = f"look at the trash with `kleio rm --list`, take it out with: kleio restore {quoted([word])}"
            return TrialNotFound(f"'{shown}' is in the trash", hint=hint)
        if trash:
            return TrialNotFound(f"no trial in the trash is called '{shown}'", hint="kleio rm --list")
        return TrialNotFound(f"no trial is called '{shown}'", hint=self._suggestion(word))

    def _suggestion(self, word: str) -> str:
        from difflib import get_close_matches

        nowhere = unmade(self.journal)
        if nowhere is not None:
            return f"{nowhere}; the first `kleio COMMAND` makes it"
        words: dict[str, None] = {}
        for document in self.journal.find_trials(TrialQuery(limit=MOST_SUGGESTED_FROM)):
            own = [document.get("name"), *(document.get("tags") or ())]
            words.update(dict.fromkeys([str(one) for one in own if one] + [document["_id"][: max(SHORT, len(word))]]))
        close = get_close_matches(word, words, n=3)
        if not close:
            return "`kleio ls` shows the trials"
        return f"did you mean {' or '.join(map(escaped, close))}? `kleio ls` shows the trials"

    def _view(self, document: dict[str, Any], observer: Observer) -> Trial:
        document, status, evidence = observer.current(document)
        return Trial.of(
            document, status, self.journal, evidence=evidence, spools=self._spools, blobs=self.blobs, family=self
        )


def select_document(journal: Journal, word: str) -> Mapping[str, Any]:
    """The stored document of the one trial that ``word`` means; see :meth:`Trials.trial`."""
    return Trials(journal).trial(word).document


def _ambiguous(word: str, trials: list[Trial]) -> TrialAmbiguous:
    message, hint = ambiguous(word, [(trial.id, trial.status, trial.command) for trial in trials])
    return TrialAmbiguous(message, hint=hint)
