"""What a kleio within a command that kleio runs learns from the attempt around it."""

from __future__ import annotations

from kleio.spool.handshake import SPOOL, TRIAL_ID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kleio.settings import Settings


def with_password(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """The settings with the password of the journal, which the environment of a command lacks: the spool of the attempt
    around it, which only its user can read, has the address whole."""
    journal = address_with_password(settings.journal, environ)
    if journal == settings.journal:
        return settings
    from kleio.dataclass import replace

    return replace(settings, journal=journal)


def address_with_password(address: str, environ: Mapping[str, str]) -> str:
    """The same for an address."""
    if TRIAL_ID not in environ or not address.startswith("mongodb"):
        return address
    from kleio.connection.address import as_in_use, without_password
    from kleio.errors import SpoolError
    from kleio.spool.attempt.directory import read_attempt
    from kleio.spool.handshake import refusal

    spool = environ.get(SPOOL, "")
    if address != without_password(address) or refusal(spool):
        return address
    try:
        return as_in_use(address, read_attempt(spool).journal)
    except (SpoolError, OSError):
        return address
