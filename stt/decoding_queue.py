"""What a model works on next, where several callers wait for it.

Finals go before partials, the oldest first, and what has the same window goes with it in one batch. Bounded by what is
asked: a caller has one partial waiting at most (a newer one takes its place) and a final for each end.

Refuses: threads, clocks and knowing the model.
"""

from __future__ import annotations

from collections.abc import Hashable
from enum import IntEnum
from typing import Generic, Protocol, TypeVar


class Urgency(IntEnum):
    """In the order in which they are served."""

    FINAL = 0
    PARTIAL = 1


class Task(Protocol):
    """Work for one caller; only tasks of the same ``window`` (seconds) can be done together."""

    @property
    def owner(self) -> Hashable:
        """Whose it is; an owner's tasks of one urgency are done in order."""

    @property
    def urgency(self) -> Urgency:
        """How soon it is wanted."""

    @property
    def window(self) -> float:
        """The encoder's window in seconds."""


T = TypeVar("T", bound=Task)


class DecodingQueue(Generic[T]):
    """Tasks that wait."""

    def __init__(self) -> None:
        self._waiting: list[T] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, task: T) -> None:
        """Let it wait. Of an owner's partials the newest alone stays, and none that came before a final."""
        self._waiting = [
            other for other in self._waiting if other.owner != task.owner or other.urgency is not Urgency.PARTIAL
        ]
        self._waiting.append(task)

    def withdraw(self, task: T) -> None:
        """Nobody wants it any more; nothing happens when it does not wait."""
        self._waiting = [other for other in self._waiting if other is not task]

    def withdraw_all(self, owner: Hashable) -> None:
        """The owner is gone."""
        self._waiting = [other for other in self._waiting if other.owner != owner]

    def take(self, finals: int, partials: int) -> list[T]:
        """The most urgent task, and those of other owners with its urgency and window, so many in all."""
        urgent = sorted(self._waiting, key=lambda task: task.urgency)  # stable: the oldest first
        most = finals if urgent and urgent[0].urgency is Urgency.FINAL else partials
        batch: list[T] = []
        seen: set[Hashable] = set()
        for task in urgent:
            fits = task.urgency is urgent[0].urgency and task.window == urgent[0].window
            if fits and task.owner not in seen and len(batch) < most:
                batch.append(task)
            seen.add(task.owner)  # whoever was passed over keeps the order of what is theirs
        for task in batch:
            self.withdraw(task)
        return batch
