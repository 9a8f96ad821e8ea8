"""Failures of the journal as a script sees them."""

from __future__ import annotations

from contextlib import contextmanager

from kleio.errors import KleioError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def without_driver() -> Iterator[None]:
    """A failure in kleio's words alone: the tracebacks of a database's driver tell a script's user nothing."""
    try:
        yield
    except KleioError as error:
        raise error from None
