"""Which of the user's descriptors kleio keeps, and which it must let go of."""

from __future__ import annotations

import os


def occupy_standard() -> None:
    """Put ``/dev/null`` where the user closed stdin, stdout or stderr, lest a pipe of kleio's own lands there.

    The placeholder is not inheritable, so the command finds the descriptor closed, as typed.
    """
    while (placeholder := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(placeholder)


def let_go_of_inherited() -> None:
    """Hold no end of the user's pipes: whoever writes to the command, or reads what it sends through a descriptor of
    its own (``<(…)``), must notice when the command is gone. Kleio's own descriptors are not inheritable."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for name in os.listdir("/proc/self/fd"):
        fd = int(name)
        try:
            if fd > 2 and os.get_inheritable(fd):
                os.close(fd)
        except OSError:
            continue  # the listing's own descriptor
