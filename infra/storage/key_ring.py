"""The keys that other keys are wrapped with, kept away from what they protect: in a file, or by a key service.

A ring has one current key, which wraps; the earlier ones only unwrap. A wrapped key says which key of which ring it was
wrapped by (``file:…``, ``transit:…``), so that a house can move from one ring to another: ``Rings`` wraps with the
first and unwraps with whichever it was.

Refuses: knowing whose keys are wrapped; a key wrapped for one context opens in no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from infra.storage.errors import KeyUnavailable


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A key, sealed by the key ``ring_key`` of a ring: the ring's kind, a colon, and the ring's own name for it."""

    ring_key: str
    sealed: bytes


class KeyRing(Protocol):
    """Keys under which others are wrapped. Every method may raise ``KeyUnavailable``."""

    @property
    def kind(self) -> str:
        """What the names of its keys begin with."""
        ...

    async def current(self) -> str:
        """The name of the key that wraps."""
        ...

    async def wrap(self, key: bytes, context: str) -> Wrapped:
        """Wrap a key for a context with the current one."""
        ...

    async def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        """The key again. Raises ``SealBroken`` when it was changed or belongs to another context."""
        ...

    async def rotate(self) -> str:
        """Make a new current key; its name. What is wrapped stays as it is, and opens."""
        ...

    async def retire(self, ring_key: str) -> None:
        """Let one of its keys go for good: what is still wrapped by it, in a backup too, opens no more. Raises
        ``KeyNeeded`` for the current one, and ``KeyUnavailable`` for one that it does not hold."""
        ...

    async def close(self) -> None:
        """Give back what it holds open."""
        ...


class Rings:
    """A ring that wraps, and earlier ones that still unwrap what they have wrapped."""

    def __init__(self, first: KeyRing, *earlier: KeyRing) -> None:
        self._first = first
        self._by_kind = {ring.kind: ring for ring in (*earlier, first)}

    @property
    def kind(self) -> str:
        """That of the ring that wraps."""
        return self._first.kind

    async def current(self) -> str:
        """See ``KeyRing``."""
        return await self._first.current()

    async def wrap(self, key: bytes, context: str) -> Wrapped:
        """See ``KeyRing``."""
        return await self._first.wrap(key, context)

    async def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        """See ``KeyRing``."""
        return await self._ring_of(wrapped.ring_key).unwrap(wrapped, context)

    async def rotate(self) -> str:
        """See ``KeyRing``."""
        return await self._first.rotate()

    async def retire(self, ring_key: str) -> None:
        """See ``KeyRing``."""
        await self._ring_of(ring_key).retire(ring_key)

    async def close(self) -> None:
        """See ``KeyRing``."""
        for ring in self._by_kind.values():
            await ring.close()

    def _ring_of(self, ring_key: str) -> KeyRing:
        ring = self._by_kind.get(ring_key.partition(":")[0])
        if ring is None:
            raise KeyUnavailable(f"{ring_key} is of no ring here: there are {', '.join(sorted(self._by_kind))}")
        return ring
