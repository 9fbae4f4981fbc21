"""What waits to be sent on one leg, in order, and what is dropped when too much waits. Pure.

Drop policy: *newest sound*. Sound beyond the limit is dropped, for what waits already is what the caller is to hear
first; and the next mark is withheld with it, because a mark that comes back says that all before it was heard. A
``clear`` drops all sound that waits and goes to the head of the queue: a caller who speaks up must not wait for what
nobody shall hear.

Refuses: to drop a clear, or a mark whose sound is whole (but for a flood of marks, which is bounded as well).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from gateway.telephony.codec import Message

MARK_LIMIT: Final = 1024
"""Marks that may wait at most; with one every half second that is more than any send queue is long."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A message of the wire; ``seconds`` of sound in it, ``None`` when it is a mark."""

    message: Message
    seconds: float | None


class SendQueue:
    """Messages of one leg that wait for its socket."""

    def __init__(self, limit: float) -> None:
        """``limit``: seconds of sound that may wait."""
        self._limit = limit
        self._waiting: deque[_Waiting] = deque()
        self._clear: Message | None = None
        self._seconds = 0.0
        self._marks = 0
        self._incomplete = False
        self.frames_dropped = 0
        self.marks_withheld = 0

    @property
    def seconds(self) -> float:
        """Sound that waits."""
        return self._seconds

    def add_sound(self, message: Message, seconds: float) -> bool:
        """Queue sound; false when it was dropped because the queue is full."""
        if self._seconds + seconds > self._limit:
            self._incomplete = True
            self.frames_dropped += 1
            return False
        self._waiting.append(_Waiting(message, seconds))
        self._seconds += seconds
        return True

    def add_mark(self, message: Message) -> bool:
        """Queue a mark; false when it was withheld because sound before it was dropped, or too many wait."""
        if self._incomplete or self._marks >= MARK_LIMIT:
            self._incomplete = False
            self.marks_withheld += 1
            return False
        self._waiting.append(_Waiting(message, None))
        self._marks += 1
        return True

    def clear(self, message: Message | None) -> None:
        """Drop all sound that waits and put ``message`` before everything else. Marks stay: they come back at once."""
        self._clear = message
        self._waiting = deque(entry for entry in self._waiting if entry.seconds is None)
        self._seconds = 0.0
        self._incomplete = False

    def drop_all(self) -> None:
        """Forget everything: the leg is over."""
        self._waiting.clear()
        self._clear, self._seconds, self._marks = None, 0.0, 0

    def take(self) -> Message | None:
        """The next message to send; ``None`` when nothing waits."""
        if self._clear is not None:
            message, self._clear = self._clear, None
            return message
        if not self._waiting:
            return None
        entry = self._waiting.popleft()
        if entry.seconds is None:
            self._marks -= 1
        else:
            self._seconds = max(0.0, self._seconds - entry.seconds)
        return entry.message
