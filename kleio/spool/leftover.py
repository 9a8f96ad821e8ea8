"""Which attempts on this machine nobody cares for any more. Apart from their recovery, because every command asks."""

from __future__ import annotations

import os

from kleio.spool.directory import attempts, spool_roots
from kleio.spool.locks import launcher_alive


def leftovers(data: str) -> list[str]:
    """Their directories."""
    roots = dict.fromkeys(spool_roots(data, os.environ))
    return [directory for root in roots for directory in attempts(root) if not launcher_alive(directory)]
