"""What every journal promises; ``tests/contract/test_journal.py`` holds each backend to it.

A journal stores *trials* (one document each, moved by compare-and-set) and *segments* (batches of records, appended;
only the last one of a writer may still take records, and what a segment holds it keeps). Documents are plain dicts of
JSON-like values: text (lone surrogates and NUL allowed), integers of any size, floats (NaN and infinities too),
booleans, ``None``, lists, dicts with any text as key, nested up to 64 levels; segment bodies may hold ``bytes`` as
well. What is put in comes back equal, on every backend; a value that cannot be kept so is refused by ``ValueError``.

Threads: a journal may be handed from thread to thread but used by one at a time. Forks: never carry one over.

Errors, of every method: ``JournalUnreachable``, ``JournalLocked``, ``JournalReadOnly``, ``JournalFull``,
``JournalCorrupt``, ``JournalTooNew``. An operation that raised may or may not have been carried out; each is safe to
repeat, and ``compare_and_set`` says how to learn which.

A trial document, schema 1 (``trial/document.py`` writes it)::

    _id       64 hexadecimal digits
    schema    1
    status    one of trial.status
    fence     how often the trial was reserved = number of its latest attempt; the journal alone increments it;
              a trial that came from another journal keeps the number that it had there
    owner     32 hexadecimal digits, new for every launch, or None
    rvn       grows by one with every change of the document
    hb        the journal's own clock at the last change, seconds since the epoch (never a client's clock)
    holder    who holds the lease: {host, user, boot_id, pid, start_ticks, lease, roots, spool}, or None
    event     the latest move: {id, status, time, who, why, …}
    trashed   {time, offset, who, why} while it is in the trash: hidden, and never reserved
    progress  how far the latest attempt has come, told with its heartbeats (trial/progress.py), or None
    …         identity, command, code and environment summaries, tags, outcome, summary
"""

from __future__ import annotations

from kleio.dataclass import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any, Protocol

    from kleio.trial.clauses import Clause, Order

SCHEMA = 1
"""The schema this kleio writes. A journal keeps ``{schema, min_reader, min_writer}``; within a major version only
fields are added."""


@dataclass(frozen=True)
class Segment:
    """A batch of records of one writer: the unit of shipping.

    ``first`` and ``last`` are the writer's sequence numbers (inclusive) of the records it holds; for output streams
    they are byte offsets. ``writer`` is the name of the spool file, ``body`` is what the stream defines. ``trial``,
    ``stream`` and ``writer`` are printable ASCII without spaces.
    """

    trial: str
    attempt: int
    stream: str
    writer: str
    first: int
    last: int
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """``trial attempt stream writer first``, numbers of fixed width. The order of ids is the order of records,
        because a space sorts before every character of a name."""
        return f"{self.trial} {self.attempt:06d} {self.stream} {self.writer} {self.first:015d}"


@dataclass(frozen=True)
class TrialQuery:
    """Which trials, newest first (by ``created.time``, then ``_id``, both falling). An empty query finds all.

    ``project`` is compared with ``project.id``, ``parent`` with ``refers.parent``. ``where`` is a filter
    (:mod:`kleio.trial.clauses`) that every journal takes to mean what :mod:`kleio.trial.holding` says, ``status`` being
    the stored one; it holds no ``Lineage``. ``sort`` puts trials in another order, equals newest first.
    """

    ids: Collection[str] | None = None
    id_prefix: str | None = None
    name: str | None = None
    project: str | None = None
    statuses: Collection[str] | None = None
    tags: Collection[str] = ()
    """All of them."""
    parent: str | None = None
    trash: bool | None = False
    """Those that are not in the trash; ``True``: those that are; ``None``: both."""
    where: Clause | None = None
    sort: Order | None = None
    offset: int = 0
    limit: int | None = None


@dataclass(frozen=True)
class Tally:
    """How many trials are in which status: of all, and of each tag."""

    statuses: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.statuses.values())


@dataclass(frozen=True)
class Health:
    """What ``ping`` saw: ``server`` names software and version, ``latency`` is in seconds.

    ``now`` is the journal's own clock, the one that stamps ``hb``: their difference is the age of a heartbeat.
    """

    server: str
    schema: int
    latency: float
    writable: bool
    details: Mapping[str, Any] = field(default_factory=dict)
    now: float = 0.0


if TYPE_CHECKING:

    class Journal(Protocol):
        """Where trials and their records live."""

        address: str
        """Without a password; fit to be printed."""

        def insert_trial(self, document: Mapping[str, Any]) -> bool:
            """Store a new trial unless its ``_id`` exists. True if this call stored it.

            The journal sets ``rvn`` to 0 and ``hb`` to its own time. Safe to repeat.
            """

        def trial(self, trial_id: str) -> dict[str, Any] | None:
            """The trial with exactly this id, as of the latest acknowledged write."""

        def find_trials(self, query: TrialQuery) -> Iterator[dict[str, Any]]:
            """The trials that fit, in the order asked for, read lazily: a page at a time."""

        def count_trials(self, query: TrialQuery) -> int:
            """How many fit; ``sort``, ``offset`` and ``limit`` are ignored."""

        def tally(self, query: TrialQuery) -> Tally:
            """The same by stored status, and by tag; statuses and tags of which there are none are left out."""

        def tabulate(self, query: TrialQuery, figures: Sequence[str]) -> Mapping[str, Sequence[Any]]:
            """The same trials in the same order as columns, name → cells: what :class:`kleio.trial.table.Table` makes
            of their documents. A column of nothing but integers of 64 bits may be an ``array``, and so may one of
            nothing but floats that are numbers, with NaN where a trial has none: :func:`kleio.trial.table.listed`.
            The order of columns is not promised. ``ValueError`` for an unknown figure.
            """

        def compare_and_set(
            self,
            trial_id: str,
            expected: Mapping[str, Any],
            changes: Mapping[str, Any],
            *,
            claim: bool = False,
            event: Mapping[str, Any] | None = None,
        ) -> dict[str, Any] | None:
            """Change one trial if it still is as expected: atomic, durable before it returns.

            ``expected`` maps top-level fields to the value they must have, text, number or ``None`` (which a missing
            field counts as); a set, frozenset or tuple means any of. ``changes`` replaces top-level fields, except
            those that the journal moves itself (``_id rvn hb fence event``). ``rvn`` grows by one and ``hb`` is
            stamped in the same step; ``claim`` also increments ``fence``, and needs an ``event``. Returns the
            document after the change, or ``None`` if it did not match (or does not exist) and nothing was changed.

            ``event`` becomes the document's ``event`` and is kept for ever as a segment of the stream ``status``
            (``writer`` = the event's ``id``, ``attempt`` = the fence after the change, first = last = 0). The event
            that it replaces is stored before, if a crash had left it out.

            After an error or a lost reply: read the trial; if ``owner`` is the caller's own token, it was carried out.
            """

        def replace_trial(self, document: Mapping[str, Any], rvn: int) -> bool:
            """Put the state that another journal has of a trial in the place of this one's, ``fence`` and ``event``
            included, if this one still has this ``rvn``. True if this call did it.

            ``rvn`` grows by one and ``hb`` is stamped. The event that is replaced, and the new one, are kept as
            ``compare_and_set`` keeps them. For moving trials between journals, and for nothing else.
            """

        def delete_trial(self, trial_id: str) -> bool:
            """Remove a trial and all its segments. False if there was none. Its blobs are left to gc."""

        def append(self, segments: Sequence[Segment]) -> list[int]:
            """Store segments; durable before it returns. For each: the last sequence number stored under its id.

            That is ``segment.last``, or, where the id exists already, the ``last`` of the stored one, which is left
            as it is: the caller continues after it. So shipping twice is harmless whatever the batch borders.
            A segment that the store cannot hold raises ``ValueError`` naming it; others of the call may be stored.
            """

        def extend(self, segment: Segment, last: int) -> int:
            """Put ``segment`` in the place of the one with its id, if that one ends with ``last``; durable before it
            returns. It begins with the records that are there and holds more of them.

            Returns the last sequence number stored under the id then: ``segment.last`` if it was carried out (or had
            been before, and the reply was lost), -1 if there is none. ``ValueError`` as in ``append``: then what was
            there is unchanged.
            """

        def segments(
            self,
            trial_id: str,
            *,
            attempt: int | None = None,
            stream: str | None = None,
            writer: str | None = None,
            first: int = 0,
        ) -> Iterator[Segment]:
            """Segments in the order of (attempt, stream, writer, first), those with ``segment.first >= first``."""

        def streams(self, trial_id: str) -> set[str]:
            """The names of the streams of which segments of this trial are stored."""

        def last_sequence(
            self, trial_id: str, attempt: int, stream: str, writer: str, *, confirmed: bool = False
        ) -> int:
            """The highest ``last`` stored for this writer, or -1.

            ``confirmed`` is for who will write what follows: ``JournalUnreachable`` while there is something whose
            writing was not acknowledged, and may still be undone.
            """

        def ping(self) -> Health:
            """Whether the journal answers, and what it is."""

        def close(self) -> None:
            """Let go of connections and files. Safe to repeat."""
