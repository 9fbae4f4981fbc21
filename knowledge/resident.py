"""Serves searches from an image in memory of an index that only we write to.

Qdrant's local mode is exact and durable but scans in Python: a Korean question over 960 passages takes it 0.4 s. Its
points are therefore read once into a ``MemoryIndex`` that gives the same scores in milliseconds; what is written goes
to Qdrant first and to the image when Qdrant has it. After a crash the image is simply read again.

Refuses: an index that others write to; that one must be asked itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from knowledge.index import Entry, Frequencies, Index, Probe, Ranking, Record, Signal, Space
from knowledge.memory import MemoryIndex


class ResidentIndex:
    """Implements ``Index`` over another one that is exclusive."""

    exclusive = True

    def __init__(self, durable: Index) -> None:
        if not durable.exclusive:
            raise ValueError("an index that others write to cannot be kept in memory")
        self._durable = durable
        self._image = MemoryIndex()
        self._spaces: set[Space] = set()
        self._tenants: set[str] = set()

    def search(self, space: Space, probes: Mapping[Signal, Probe], depth: int) -> dict[Signal, Ranking]:
        """See ``Index.search``."""
        self._load(space)
        return self._image.search(space, probes, depth)

    def entries(self, space: Space, ids: Sequence[str]) -> list[Entry]:
        """See ``Index.entries``."""
        self._load(space)
        return self._image.entries(space, ids)

    def scan(self, space: Space, *, vectors: bool = False) -> Iterator[Entry]:
        """See ``Index.scan``."""
        self._load(space)
        return self._image.scan(space, vectors=vectors)

    def put(self, space: Space, entries: Sequence[Entry]) -> None:
        """See ``Index.put``."""
        self._load(space)
        self._durable.put(space, entries)
        self._image.put(space, entries)

    def drop(self, space: Space, ids: Sequence[str]) -> None:
        """See ``Index.drop``."""
        self._load(space)
        self._durable.drop(space, ids)
        self._image.drop(space, ids)

    def frequencies(self, space: Space, signal: Signal, terms: Iterable[int]) -> Frequencies:
        """See ``Index.frequencies``."""
        self._load(space)
        return self._image.frequencies(space, signal, terms)

    def seal(self, space: Space) -> None:
        """Nothing to do: the image is always up to date."""

    def records(self, tenant: str, documents: Sequence[str] | None = None) -> list[Record]:
        """See ``Index.records``."""
        self._load_catalog(tenant)
        return self._image.records(tenant, documents)

    def publish(self, tenant: str, record: Record) -> None:
        """See ``Index.publish``."""
        self._load_catalog(tenant)
        self._durable.publish(tenant, record)
        self._image.publish(tenant, record)

    def withdraw(self, tenant: str, document: str) -> None:
        """See ``Index.withdraw``."""
        self._load_catalog(tenant)
        self._durable.withdraw(tenant, document)
        self._image.withdraw(tenant, document)

    def close(self) -> None:
        """Close the index behind as well."""
        self._durable.close()
        self._image.close()
        self._spaces.clear()
        self._tenants.clear()

    def _load(self, space: Space) -> None:
        if space not in self._spaces:
            self._image.put(space, list(self._durable.scan(space, vectors=True)))
            self._spaces.add(space)

    def _load_catalog(self, tenant: str) -> None:
        if tenant not in self._tenants:
            for record in self._durable.records(tenant):
                self._image.publish(tenant, record)
            self._tenants.add(tenant)
