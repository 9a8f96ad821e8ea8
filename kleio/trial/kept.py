"""What is kept of a command's output, as the event says by which it began to run: of an attempt one of these words."""

from __future__ import annotations

OFF = "off"
"""Nothing."""
TOGETHER = "together"
"""Both streams as one, which is stdout."""
APART = "apart"
"""Each stream that was open."""
