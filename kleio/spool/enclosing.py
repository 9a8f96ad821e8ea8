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
    if TRIAL_ID not in environ or "@" not in settings.journal:
        return settings
    from kleio.connection.address import as_in_use, without_password
    from kleio.dataclass import replace
    from kleio.errors import SpoolError
    from kleio.spool.attempt.directory import read_attempt
    from kleio.spool.handshake import refusal

    spool = environ.get(SPOOL, "")
    if settings.journal != without_password(settings.journal) or refusal(spool):
        return settings
    try:
        known = read_attempt(spool).journal
    except (SpoolError, OSError):
        return settings
    return replace(settings, journal=as_in_use(settings.journal, known))
