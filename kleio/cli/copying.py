"""Two journals open at once, and the trials that go from one to the other."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass

from kleio.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kleio.artifacts.contract import BlobStore
    from kleio.cli.context import Context
    from kleio.journal.contract import Journal
    from kleio.moving.selection import Selection
    from kleio.moving.transfer import Moved


@dataclass(frozen=True)
class Copying:
    """What :func:`copy` has opened and found."""

    selection: Selection
    blobs: BlobStore
    journal: Journal
    their_blobs: BlobStore

    def run(self, *, running: bool, dry_run: bool) -> Iterator[Moved]:
        """Copy; see :func:`kleio.moving.transfer.transfer`."""
        from kleio.moving.delivery import Delivery
        from kleio.moving.transfer import transfer

        delivery = Delivery(self.journal, self.their_blobs)
        return transfer(self.selection.parcels(self.blobs, running=running), delivery, dry_run=dry_run)


@contextmanager
def copy(
    context: Context,
    source: str | None,
    target: str | None,
    words: Sequence[str],
    *,
    everything: bool,
    descendants: bool,
) -> Iterator[Copying]:
    """Open both journals and find the trials."""
    from contextlib import ExitStack, closing

    from kleio.analysis.connect import open_for_reading
    from kleio.analysis.query import Trials
    from kleio.artifacts.registry import open_blobs
    from kleio.cli.moving import selected
    from kleio.connection.address import parse_address
    from kleio.journal.registry import open_journal
    from kleio.moving.selection import Selection

    if source is None and target is None:
        raise UsageError("copy where? Say --to ADDRESS, or --from ADDRESS to copy to the journal in use")
    addresses = [source or context.settings.journal, target or context.settings.journal]
    places = [parse_address(address) for address in addresses]
    if places[0].printable == places[1].printable:
        raise UsageError(f"{places[0].printable} cannot be copied to itself")
    with ExitStack() as opened:
        context.send_leftovers()
        journal = opened.enter_context(closing(open_for_reading(addresses[0])))
        blobs = opened.enter_context(closing(open_blobs(addresses[0])))
        chosen = selected(Trials(journal), words, everything)
        there = opened.enter_context(closing(open_journal(addresses[1])))
        their_blobs = opened.enter_context(closing(open_blobs(addresses[1])))
        yield Copying(Selection(journal, chosen, descendants=descendants), blobs, there, their_blobs)
