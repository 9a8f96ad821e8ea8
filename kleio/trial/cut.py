"""Where a branch leaves its parent: what happened up to there belongs to both, for every stream.

A cut names an attempt and a moment in it, the last one that is still shared; earlier attempts are shared whole, later
ones not at all. Without a moment the attempt is shared whole. The trial is usually the parent; when the moment lies in
the part that the parent itself inherited, it is the ancestor that recorded it.
"""

from __future__ import annotations

from kleio.dataclass import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


BEFORE_THE_FIRST = 0
"""The attempt of a cut at the start of a trial: nothing is shared."""


@dataclass(frozen=True)
class Cut:
    """``time`` is in seconds since the epoch, inclusive; ``None`` means the attempt's end.

    ``output`` is the moment for what was printed. It lies behind ``time``, because what a script printed just before
    a record is read by the supervisor a moment later.
    """

    trial: str
    attempt: int
    time: float | None = None
    output: float | None = None

    def admits(self, attempt: int, time: float) -> bool:
        """Whether something recorded in ``attempt`` at ``time`` lies before the cut."""
        if attempt != self.attempt:
            return attempt < self.attempt
        return self.time is None or time <= self.time

    def for_output(self) -> Cut:
        """The cut as it applies to what was printed."""
        return self if self.output is None else replace(self, time=self.output)

    def as_document(self) -> dict[str, Any]:
        """How it is stored, in ``refers.cut``."""
        return {"trial": self.trial, "attempt": self.attempt, "time": self.time, "output": self.output}

    @staticmethod
    def of(refers: Mapping[str, Any]) -> Cut:
        """The cut of a branch's ``refers``."""
        cut = refers["cut"]
        return Cut(cut.get("trial") or refers["parent"], int(cut["attempt"]), cut.get("time"), cut.get("output"))
