"""Two journals open at once, and the trials that go from one to the other."""

from __future__ import annotations

import os

from kleio.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.cli.context import Context
    from kleio.cli.moving.transfers import Wish


def copy(
    context: Context, wish: Wish, source: str | None, target: str | None, *, dry_run: bool, as_json: bool
) -> int:  # fmt: skip
    """Copy what ``wish`` means from one journal to the other; the exit code."""
    from contextlib import ExitStack, closing

    from kleio.analysis.opening import open_for_reading
    from kleio.analysis.query import Trials
    from kleio.artifacts.registry import open_blobs
    from kleio.cli.moving.transfers import report
    from kleio.journal.registry import open_journal
    from kleio.moving.delivery import Delivery
    from kleio.moving.selection import Selection
    from kleio.moving.transfer import transfer

    here, there = _addresses(context, source, target)
    context.send_leftovers()
    with ExitStack() as opened:
        journal = opened.enter_context(closing(open_for_reading(here)))
        blobs = opened.enter_context(closing(open_blobs(here)))
        selection = Selection(journal, wish.ids(Trials(journal)), descendants=wish.descendants)
        theirs = opened.enter_context(closing(open_for_reading(there) if dry_run else open_journal(there)))
        their_blobs = opened.enter_context(closing(open_blobs(there)))
        parcels = selection.parcels(blobs, running=wish.running)
        moved = transfer(parcels, Delivery(theirs, their_blobs), dry_run=dry_run)
        return report(context, "copy", moved, total=len(selection.trials), dry_run=dry_run, as_json=as_json)


def _addresses(context: Context, source: str | None, target: str | None) -> tuple[str, str]:
    from kleio.connection.address import parse_address
    from kleio.spool.enclosing import address_with_password

    if source is None and target is None:
        raise UsageError("copy where? Say --to ADDRESS, or --from ADDRESS to copy to the journal in use")

    def whole(given: str | None) -> str:
        return address_with_password(given, context.environ) if given else context.settings.journal

    found = whole(source), whole(target)
    places = [parse_address(address).printable for address in found]
    if places[0] == places[1]:
        raise UsageError(f"{places[0]} cannot be copied to itself")
    origin = parse_address(found[0])
    if origin.scheme == "sqlite" and not os.path.exists(origin.location):
        raise UsageError(f"there is no journal at {places[0]}", hint="`kleio db check` names the one in use")
    return found
