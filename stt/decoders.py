"""The decoders of one process: each is lent for an utterance and comes back after it.

A decoder takes 100 MB, and callers are silent most of the time: a hundred calls need as many decoders as speak at once,
not as many as are open. When all are lent, who asks waits in line.

Refuses: knowing what a decoder does; more decoders than ``most``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

MOST_DECODERS: Final = 8
"""More could not keep up with their callers on one core, whatever the memory."""


@dataclass(eq=False, slots=True)
class Request:
    """Somebody who waits for a decoder with the model ``key``."""

    key: str
    take: Callable[[Any], None]


class Decoders:
    """Makes decoders when they are needed, and keeps them. ``make`` makes one for a model's key, in 0.1 s."""

    def __init__(self, make: Callable[[str], Any], most: int = MOST_DECODERS) -> None:
        self._make = make
        self._most = most
        self._idle: deque[tuple[str, Any]] = deque()
        self._lent = 0
        self._proved: set[str] = set()
        self._line: deque[Request] = deque()
        self._serving = False

    def prepare(self, key: str) -> None:
        """Have a decoder of that model ready, unless there has been one already. Raises what ``make`` raises."""
        if key not in self._proved and self._lent < self._most:
            self._make_room()
            self._idle.append((key, self._made(key)))

    def ask(self, key: str, take: Callable[[Any], None]) -> Request:
        """``take`` is called with a decoder as soon as there is one, at once if one is free."""
        request = Request(key, take)
        self._line.append(request)
        self._serve()
        return request

    def withdraw(self, request: Request) -> None:
        """Wait no longer."""
        if request in self._line:
            self._line.remove(request)

    def give_back(self, key: str, decoder: Any) -> None:
        """It is not needed any more: who waits first gets it."""
        self._lent -= 1
        self._idle.append((key, decoder))
        self._serve()

    def _serve(self) -> None:
        """Lend while there is somebody to lend to and something to lend. Who takes may ask or give back meanwhile."""
        if self._serving:
            return
        self._serving = True
        try:
            while self._line and self._lent < self._most:
                request = self._line.popleft()
                decoder = self._one_for(request.key)
                self._lent += 1
                request.take(decoder)
        finally:
            self._serving = False

    def _one_for(self, key: str) -> Any:
        for number, (idle, decoder) in enumerate(self._idle):
            if idle == key:
                del self._idle[number]
                return decoder
        self._make_room()
        return self._made(key)

    def _made(self, key: str) -> Any:
        decoder = self._make(key)
        self._proved.add(key)
        return decoder

    def _make_room(self) -> None:
        """Let the decoder go that has been idle longest, if one more would be too many."""
        if self._idle and len(self._idle) + self._lent >= self._most:
            self._idle.popleft()
