"""The tree that branches make: from the root to a trial, and on to what was branched off it."""

from __future__ import annotations

from typing import Generic, TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Node(Protocol):
        @property
        def id(self) -> str: ...
        @property
        def parent_id(self) -> str | None: ...

    T = TypeVar("T", bound=Node)
    Found = TypeVar("Found", covariant=True)

    class Family(Protocol[Found]):
        """Where relatives are found."""

        def get(self, trial_id: str) -> Found | None: ...
        def children_of(self, trial_id: str) -> Iterator[Found]: ...

else:
    T = TypeVar("T")


class Lineage(Generic[T]):
    """The relatives of one trial, read when asked for. Iterating goes from the root down to the trial itself.

    A relative that is not in this journal ends the line.
    """

    def __init__(self, trial: T, family: Family[T] | None) -> None:
        self.trial = trial
        self._family = family

    @property
    def ancestors(self) -> list[T]:
        """The trials above, the root first."""
        found: list[T] = []
        seen = {self.trial.id}
        above = self.trial.parent_id
        while above is not None and above not in seen and self._family is not None:
            seen.add(above)
            parent = self._family.get(above)
            if parent is None:
                break
            found.append(parent)
            above = parent.parent_id
        return found[::-1]

    @property
    def parent(self) -> T | None:
        """What it was branched off."""
        above = self.trial.parent_id
        return None if above is None or self._family is None else self._family.get(above)

    @property
    def root(self) -> T:
        """Where the line begins: the trial itself if it is no branch."""
        return next(iter(self))

    @property
    def children(self) -> list[T]:
        """What was branched off it, the newest first."""
        return [] if self._family is None else list(self._family.children_of(self.trial.id))

    @property
    def descendants(self) -> list[T]:
        """Everything below, each parent before its children."""
        found: list[T] = []
        seen, waiting = {self.trial.id}, self.children
        while waiting:
            below = waiting.pop(0)
            if below.id not in seen:
                seen.add(below.id)
                found.append(below)
                waiting = Lineage(below, self._family).children + waiting
        return found

    @property
    def leaves(self) -> list[T]:
        """The ends of the tree below: the trial itself if nothing was branched off it."""
        below = self.descendants
        parents = {each.parent_id for each in below}
        return [each for each in [self.trial, *below] if each.id not in parents]

    def __iter__(self) -> Iterator[T]:
        yield from self.ancestors
        yield self.trial

    def __repr__(self) -> str:
        return f"<Lineage: {' > '.join(each.id[:7] for each in self)}>"
