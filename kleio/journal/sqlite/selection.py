"""A statement that selects trials, while it is put together."""

from __future__ import annotations

from kleio.dataclass import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NEWEST_FIRST = "t.created DESC, t.id DESC"


@dataclass
class Selection:
    """The parts of a statement."""

    joins: str = ""
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    order: str = NEWEST_FIRST

    def add(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values += values

    def statement(self, what: str, rest: str = "", *, table: str = "trials") -> str:
        where = f"WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        return f"SELECT {what} FROM {table} AS t{self.joins} {where} {rest}"  # noqa: S608
