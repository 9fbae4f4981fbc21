"""The few writes that an ingestion makes, each short, in an order that survives being killed anywhere.

1. ``stage`` the new revision's entries: nobody serves them, for the catalog does not know them.
2. ``publish`` the document's record: one write, and from that moment the new revision is served and the old one is not.
3. ``sweep`` away the entries that no record knows.

Killed before 2, the old revision goes on being served; killed after it, the new one is. Repeating the ingestion writes
the same ids again, and the next sweep removes what was left over.

Refuses: work that takes long; the index's process goes on answering searches in between.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from knowledge.index import Entry, Index, Record, Shift, Space
from knowledge.language import LANGUAGES

AT_ONCE: Final = 32
"""Entries that a local index removes per sweep; each is a commit of about 10 ms."""
GRACE: Final = 3_600.0
"""Seconds for which staged entries of somebody else are left alone in an index that several processes write to."""


class Shelf(Protocol):
    """Where an ingestion puts things."""

    @property
    def exclusive(self) -> bool:
        """See ``Index.exclusive``."""
        ...

    def records(self, tenant: str) -> list[Record]:
        """What the catalog knows."""
        ...

    def stage(self, space: Space, entries: Sequence[Entry]) -> None:
        """Add entries that are not served yet."""
        ...

    def publish(self, tenant: str, record: Record) -> None:
        """Serve a document's revision instead of any other."""
        ...

    def withdraw(self, tenant: str, documents: Sequence[str]) -> None:
        """Serve nothing of these documents any more."""
        ...

    def sweep(self, tenant: str, models: Sequence[str], now: float) -> bool:
        """Remove entries that no record knows from the tenant's spaces of these models.

        Returns whether there is more to sweep: a local index removes a few at a time, so that searches get through.
        """
        ...

    def shifts(self, tenant: str) -> dict[str, Shift]:
        """See ``Index.shifts``."""
        ...

    def shift(self, shift: Shift) -> None:
        """See ``Index.shift``."""
        ...

    def unfollowed(self, shift: Shift) -> list[str]:
        """Ids of the entries that are served and are not in the following space yet."""
        ...

    def entries(self, space: Space, ids: Sequence[str]) -> list[Entry]:
        """These entries without their vectors, as far as they exist."""
        ...

    def discard(self, space: Space) -> None:
        """See ``Index.discard``."""
        ...


class IndexShelf:
    """A shelf that writes to an index in this process."""

    def __init__(self, index: Index) -> None:
        self._index = index

    @property
    def exclusive(self) -> bool:
        """See ``Index.exclusive``."""
        return self._index.exclusive

    def records(self, tenant: str) -> list[Record]:
        """See ``Shelf.records``."""
        return self._index.records(tenant)

    def stage(self, space: Space, entries: Sequence[Entry]) -> None:
        """See ``Shelf.stage``."""
        self._index.put(space, entries)

    def publish(self, tenant: str, record: Record) -> None:
        """See ``Shelf.publish``."""
        self._index.publish(tenant, record)

    def withdraw(self, tenant: str, documents: Sequence[str]) -> None:
        """See ``Shelf.withdraw``."""
        for document in documents:
            self._index.withdraw(tenant, document)

    def sweep(self, tenant: str, models: Sequence[str], now: float) -> bool:
        """See ``Shelf.sweep``. Entries are listed before the records are read, so what is published meanwhile stays."""
        left = AT_ONCE if self._index.exclusive else sys.maxsize
        for space in spaces(tenant, models):
            listed = [
                (entry.id, entry.passage.document.id, entry.revision, entry.staged_at)
                for entry in self._index.scan(space)
            ]
            served = {(record.document.id, record.revision) for record in self._index.records(tenant)}
            oldest = now if self._index.exclusive else now - GRACE
            gone = [
                key
                for key, document, revision, staged_at in listed
                if (document, revision) not in served and staged_at <= oldest
            ]
            self._index.drop(space, gone[:left])
            if listed:
                self._index.seal(space)
            if len(gone) > left:
                return True
            left -= len(gone)
        return False

    def shifts(self, tenant: str) -> dict[str, Shift]:
        """See ``Shelf.shifts``."""
        return self._index.shifts(tenant)

    def shift(self, shift: Shift) -> None:
        """See ``Shelf.shift``; derived figures of what serves are up to date by then."""
        self._index.seal(shift.serving)
        self._index.shift(shift)

    def unfollowed(self, shift: Shift) -> list[str]:
        """See ``Shelf.unfollowed``."""
        assert shift.following is not None
        revisions = {record.document.id: record.revision for record in self._index.records(shift.serving.tenant)}
        served = [
            entry.id
            for entry in self._index.scan(shift.serving)
            if revisions.get(entry.passage.document.id) == entry.revision
        ]
        there = {entry.id for entry in self._index.scan(shift.following)}
        return [key for key in served if key not in there]

    def entries(self, space: Space, ids: Sequence[str]) -> list[Entry]:
        """See ``Shelf.entries``."""
        return self._index.entries(space, ids, vectors=False)

    def discard(self, space: Space) -> None:
        """See ``Shelf.discard``."""
        self._index.discard(space)


def spaces(tenant: str, models: Iterable[str]) -> list[Space]:
    """Every space that a tenant can have with these models; words only included."""
    known = dict.fromkeys(["", *models])
    return [Space(tenant, language, model) for language in LANGUAGES for model in known]
