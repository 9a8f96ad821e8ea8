"""One trial as a reader sees it: values of its document, and what it recorded, read when asked for.

What reads records is imported where it is used: a list of trials needs none of it.
"""

from __future__ import annotations

from kleio.analysis import expected
from kleio.analysis.history import Attempt, Event, Outcome, attempts_of, read_history
from kleio.analysis.moment import Moment
from kleio.dataclass import dataclass, field
from kleio.trial.identity import SHORT
from kleio.trial.quoting import escaped, quoted
from kleio.trial.status import HELD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from kleio.analysis.artifacts import Artifact, Resource
    from kleio.analysis.columns import Columns
    from kleio.analysis.edits import Edit
    from kleio.analysis.lineage import Family, Lineage
    from kleio.analysis.output import Output
    from kleio.analysis.series import Statistics
    from kleio.artifacts.contract import BlobStore
    from kleio.journal.contract import Journal
    from kleio.journal.lineage import Ancestor


@dataclass(frozen=True)
class Trial:
    """A trial as of the moment it was read.

    ==================================  ============================================================================
    ``id``, ``name``, ``tags``          64 hexadecimal digits; the name or ``None``; a tuple
    ``status``, ``evidence``            what holds now: a trial whose launcher died is ``failover`` although nobody
                                        has written that down yet, and the evidence says how one knows
    ``argv``, ``directory``             the command, word by word; where in the project it ran (empty: at its root)
    ``project``                         ``{"id", "name", "root"}``
    ``configuration``                   the options as they were understood, nested as they were
    ``created``                         when it was registered: a :class:`Moment`
    ``started``, ``ended``              when its first attempt began and its latest one ended; ``None`` if none has
    ``duration``                        seconds that its command ran, pauses excluded
    ``outcome``                         how its latest attempt ended: an :class:`Outcome`, or ``None``
    ``fence``                           how many attempts there were
    ``holder``                          who runs it: host, process, lease; empty if nobody does
    ``code``, ``environment``           of its latest attempt, in short; :meth:`capture` tells all of any attempt
    ``refers``, ``within``              of a branch its parent and where it left it; the trial whose command started it
    ``summary``                         what lists show: statistics (first, last, min, max, count of each), sizes
    ``document``                        all of it as the journal has it
    ==================================  ============================================================================

    What it recorded is read whenever it is asked for, so that of a running trial ``trial.statistics`` is up to date.
    Trials are equal if all of this is.
    """

    id: str
    status: str
    argv: tuple[str, ...]
    project: Mapping[str, Any]
    directory: str
    name: str | None
    tags: tuple[str, ...]
    configuration: Mapping[str, Any]
    created: Moment | None
    started: Moment | None
    ended: Moment | None
    duration: float
    outcome: Outcome | None
    fence: int
    holder: Mapping[str, Any]
    code: Mapping[str, Any]
    environment: Mapping[str, Any]
    refers: Mapping[str, Any]
    within: Mapping[str, Any]
    summary: Mapping[str, Any]
    evidence: str
    document: Mapping[str, Any]
    journal: Journal = field(compare=False)
    spools: tuple[str, ...] = field(default=(), compare=False)
    blobs: BlobStore | None = field(default=None, compare=False)
    family: Family[Trial] | None = field(default=None, compare=False)

    @staticmethod
    def of(
        document: Mapping[str, Any],
        status: str,
        journal: Journal,
        *,
        evidence: str = "",
        spools: tuple[str, ...] = (),
        blobs: BlobStore | None = None,
        family: Family[Trial] | None = None,
    ) -> Trial:
        """The view of a stored document. ``status`` is the one of this moment (:mod:`kleio.spool.attempt.liveness`)."""
        return Trial(
            id=document["_id"],
            status=status,
            argv=tuple(document["argv"]),
            project=document.get("project") or {},
            directory=str(document.get("directory") or ""),
            name=document.get("name"),
            tags=tuple(document.get("tags") or ()),
            configuration=document.get("configuration") or {},
            created=Moment.of(document.get("created")),
            started=Moment.of(document.get("started")),
            ended=Moment.of(document.get("ended")),
            duration=float(document.get("duration") or 0.0),
            outcome=Outcome.of(document.get("outcome")),
            fence=int(document.get("fence") or 0),
            holder=document.get("holder") or {},
            code=document.get("code") or {},
            environment=document.get("environment") or {},
            refers=document.get("refers") or {},
            within=document.get("within") or {},
            summary=document.get("summary") or {},
            evidence=evidence,
            document=document,
            journal=journal,
            spools=spools,
            blobs=blobs,
            family=family,
        )

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        name = f" {escaped(self.name)}" if self.name else ""
        return f"<Trial {self.short_id}{name} [{self.status}] {self.command}>"

    @property
    def short_id(self) -> str:
        """The id as it is shown where nothing else begins alike."""
        return self.id[:SHORT]

    @property
    def in_trash(self) -> bool:
        """Whether it was removed: hidden, but whole."""
        return bool(self.document.get("trashed"))

    @property
    def command(self) -> str:
        """The command as one line that a shell would read back."""
        return quoted(self.argv)

    @property
    def parent_id(self) -> str | None:
        """The id of the trial that this one is a branch of."""
        found = self.refers.get("parent")
        return None if found is None else str(found)

    @property
    def lineage(self) -> Lineage[Trial]:
        """The tree of branches around it: ancestors, root, children, descendants, leaves."""
        from kleio.analysis.lineage import Lineage

        return Lineage(self, self.family)

    @property
    def parent(self) -> Trial | None:
        """The trial that this one is a branch of; ``None`` as well if it is not in this journal any more."""
        return self.lineage.parent

    @property
    def children(self) -> list[Trial]:
        """The branches of this trial, newest first."""
        return self.lineage.children

    def configuration_history(self) -> dict[str, list[tuple[Moment | None, Any]]]:
        """Of each option what it was over the lineage: ``[(since when, value), …]``, the oldest first.

        The last value is that of :attr:`configuration`; an option that a branch dropped ends with ``None``.
        """
        documents = [*(one.document for one in self.inherits_from()), self.document]
        found: dict[str, list[tuple[Moment | None, Any]]] = {}
        for document in documents:
            options = document.get("configuration") or {}
            for name in dict.fromkeys([*found, *options]):
                past, value = found.setdefault(name, []), options.get(name)
                if not past or past[-1][1] != value:
                    past.append((Moment.of(document.get("created")), value))
        return found

    def inherits_from(self) -> list[Ancestor]:
        """The trials that this branch reads through, oldest first, each with the cut where it was left."""
        from kleio.journal.lineage import ancestors

        return ancestors(self.journal, self.document)

    def edits(self) -> list[Edit]:
        """Notes and changes of tags that people made by hand, oldest first."""
        from kleio.analysis.edits import read_edits

        return read_edits(self.journal, self.id)

    def history(self) -> list[Event]:
        """Every move of its status, oldest first."""
        return read_history(self.journal, self.document)

    def attempts(self) -> list[Attempt]:
        """Its executions, oldest first."""
        return attempts_of(self.history(), self.status)

    @property
    def output(self) -> Output:
        """What its command printed."""
        from kleio.analysis.output import Output

        return Output(self.journal, self.id, self.fence, self.spools, self.inherits_from, self.is_over)

    @property
    def statistics(self) -> Statistics:
        """What its command logged, in that order; of a branch, after what it inherits."""
        from kleio.analysis.inheritance import whole_statistics

        return whole_statistics(self.journal, self.id, self.inherits_from())

    def columns(self, names: Iterable[str] | None = None) -> Columns:
        """The statistics as columns, all or those of ``names``: for plots and data frames of millions of points."""
        return self.statistics.columns(names)

    def artifacts(self, name: str | None = None, /, *, superseded: bool = False, **metadata: Any) -> list[Artifact]:
        """What its command stored, oldest first: those of this name, with this metadata."""
        from kleio.analysis.inheritance import whole_artifacts

        if name is not None:
            expected.text(name, "the name of an artifact")
        found = whole_artifacts(self.journal, self.id, self.inherits_from(), self.blobs, superseded=superseded)
        return [artifact for artifact in found if artifact.fits(name, metadata)]

    def resources(self) -> list[Resource]:
        """What its command said that it read, oldest first."""
        from kleio.analysis.artifacts import read_resources

        return read_resources(self.journal, self.id)

    def metrics(self) -> dict[str, dict[str, float]]:
        """What its command took of its machine: of each figure ``mean`` and ``max``, or ``total``."""
        from kleio.analysis.metrics import read_metrics

        return read_metrics(self.journal, self.id)

    def is_over(self) -> bool:
        """Whether nobody runs it any more, as of now."""
        now = None if self.family is None else self.family.get(self.id)
        return now is None or now.status not in HELD

    def _repr_html_(self) -> str:
        from kleio.analysis.markup import facts_html

        facts = [("status", self.status), ("command", self.command), ("configuration", dict(self.configuration))]
        facts += [("started", str(self.started or "")), ("outcome", str(self.outcome or ""))]
        facts += [(f"{name}, last", of.get("last")) for name, of in (self.summary.get("statistics") or {}).items()]
        return facts_html(f"trial {self.short_id}", facts)

    def capture(self, attempt: int | None = None) -> dict[str, Mapping[str, Any]]:
        """All that was seen of code and environment when the attempt (default: the latest) was launched.

        ``{"code": …, "environment": …}``; empty for a trial that never ran.
        """
        found: dict[str, Mapping[str, Any]] = {}
        number = self.fence if attempt is None else attempt
        for segment in self.journal.segments(self.id, attempt=number, stream="capture"):
            found.update(_records(segment.body))
        return found


def _records(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    from kleio.spool.records.segments import points

    records = [point.values for point in points(body)]
    return {str(record["type"]): record for record in records if isinstance(record, dict) and "type" in record}
