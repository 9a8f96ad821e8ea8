"""Exceptions that signal handlers of the script raise while kleio is at work in it: those are none of kleio's."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType

_HAS_REST = 4
"""Flag of code that takes any number of arguments (``inspect.CO_VARARGS``)."""


def raised_by_handler(error: BaseException) -> bool:
    """Whether a signal handler raised it. Python gives a handler the frame that it interrupts, as an argument; one that
    has dropped it may still be installed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        interrupted, trace = trace.tb_frame, trace.tb_next
        if _was_given(trace.tb_frame, interrupted) or trace.tb_frame.f_code in _installed():
            return True
    return False


def _was_given(frame: FrameType, interrupted: FrameType) -> bool:
    code, values = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & _HAS_REST)
    for name in code.co_varnames[:count]:
        value = values.get(name)
        if value is interrupted or (type(value) is tuple and any(each is interrupted for each in value)):
            return True
    return False


def _installed() -> set[CodeType]:
    signal = sys.modules.get("signal")  # who has a handler has imported it, and some processes can import nothing more
    if signal is None:
        return set()
    found = (signal.getsignal(number) for number in signal.valid_signals())
    codes = (getattr(getattr(one, "__func__", one), "__code__", None) for one in found)
    return {code for code in codes if code is not None}
