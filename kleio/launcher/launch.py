"""The front, the story of one launch in order (DESIGN "The way of a run").

Fork the supervisor, capture, reserve, open the spool, ``go``; then keep shipping in a thread while the command runs,
and at its end ship the rest, close the attempt and report. Nothing here touches the command: if this process dies,
the supervisor carries on with another shipper.
"""

from __future__ import annotations

import os

from kleio.clock import SystemClock
from kleio.errors import JournalError, JournalUnreachable, TrialBroken, TrialBusy, TrialChanged, TrialCompleted, TrialRefused
from kleio.failpoints import failpoint
from kleio.launcher.link import Interrupted, Link, ignore_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kleio.journal.contract import Journal
    from kleio.launcher.prepare import Prepared
    from kleio.launcher.request import LaunchRequest, Outcome


def launch(request: LaunchRequest) -> Outcome:
    """Run one command as a trial, from the fork to its outcome.

    Raises a ``KleioError`` if the command was refused or could not be started by kleio, ``Interrupted`` if a signal
    came before. After the command was started, only its own end ends this.
    """
    link = Link(request.words)
    try:
        attempt = _begin(request, link)
    except BaseException:
        link.dismiss()
        raise
    return attempt.see_through()
