"""From a trial that the user named to a directory with its code: what the commands that need one share."""

from __future__ import annotations

import os

from kleio.checkout.make import CheckoutOrder, make_checkout
from kleio.errors import CheckoutFailed
from kleio.trial.quoting import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from kleio.checkout.make import Checkout
    from kleio.checkout.recorded import RecordedCode
    from kleio.cli.context import Context
    from kleio.cli.terminal.console import Console

MOST_SHOWN = 20


def reader(context: Context) -> Callable[[str], bytes]:
    """Gives the bytes of a blob, verified."""
    return lambda digest: b"".join(context.blobs.open(digest))


def check_out(
    context: Context,
    code: RecordedCode,
    target: str,
    read: Callable[[str], bytes],
    *,
    fetch: bool = False,
    links: Sequence[str] = (),
    independent: bool = False,
    around: str | None = None,
) -> Checkout:
    """Make a checkout of code at ``target``; ``read`` gives its pieces."""
    from kleio.capture.secrets.redactor import load_redactor

    order = CheckoutOrder(
        code=code,
        target=os.path.join(context.cwd, target),
        here=context.cwd,
        read=read,
        settings=context.settings,
        redactor=load_redactor(context.settings.data),
        environ=context.environ,
        independent=independent,
        fetch=fetch,
        links=links,
        around=around,
    )
    return make_checkout(order)


def default_target(context: Context, document: Mapping[str, Any]) -> str:
    """A directory named after the trial, beside the repository at hand: within it, it would count as code."""
    from kleio.capture.code.repository import find_repository

    repository = find_repository(context.cwd)
    above = os.path.dirname(repository.root) if repository else context.cwd
    name = document.get("name") or document["_id"][:7]
    return os.path.join(above, f"{document['project']['name']}-{name}".replace("/", "-").lstrip(".-"))


def refuse_inside(context: Context, target: str) -> None:
    """A repository within the user's work tree would be part of his code, unless git ignores it there."""
    from kleio.capture.code.git import Git
    from kleio.capture.code.repository import find_repository
    from kleio.clock import SystemClock

    place = os.path.realpath(os.path.join(context.cwd, target))
    above = os.path.dirname(place)
    while not os.path.isdir(above):
        above = os.path.dirname(above)
    repository = find_repository(above)
    if repository is None:
        return
    until = SystemClock().monotonic() + context.settings.git_timeout
    if not Git(repository, context.environ).run("check-ignore", "-q", "--", f"{place}/", deadline=until).ok:
        raise CheckoutFailed(
            f"{escaped(target)} lies in the work tree {escaped(repository.root)}, whose code it would become",
            hint="choose a directory outside, or one that git ignores",
        )


def tell(console: Console, checkout: Checkout) -> None:
    """Say what is not as it was recorded."""
    for remark in checkout.remarks:
        console.warn(remark)
    if checkout.complete:
        return
    console.warn(f"{escaped(checkout.root)} does not hold exactly the recorded code:")
    for line in checkout.differences[:MOST_SHOWN]:
        console.warn(f"  {line}")
    if len(checkout.differences) > MOST_SHOWN:
        console.warn(f"  and {len(checkout.differences) - MOST_SHOWN} more")
