"""Exceptions that signal handlers of the script raise while kleio is at work in it: those are none of kleio's."""

from __future__ import annotations


def raised_by_handler(error: BaseException) -> bool:
    """Whether a signal handler raised it. Python gives a handler the frame that it interrupts, and nobody else that of
    his caller."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        interrupted, trace = trace.tb_frame, trace.tb_next
        for value in trace.tb_frame.f_locals.values():
            if value is interrupted or (type(value) is tuple and any(each is interrupted for each in value)):
                return True
    return False
