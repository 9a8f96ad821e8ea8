"""Writes every signal it gets into signals.txt, a number a line, and ends with 0 at the last real-time signal."""

from __future__ import annotations

import os
import signal

LEFT_ALONE = {"SIGKILL", "SIGSTOP", "SIGCHLD", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGCONT", "SIGWINCH", "SIGURG"}
numbers = signal.valid_signals() - {getattr(signal, name) for name in LEFT_ALONE}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
log = os.open("signals.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
print("ready", flush=True)
while (number := signal.sigwait(numbers)) != signal.SIGRTMAX:
    os.write(log, b"%d\n" % number)
