"""The audits as chains of records: how an entry is sealed, and how whoever has the records finds out what was done to
them. Pure.

There are two audits of a tenant: ``access`` (who did what in the entrance, at the desk, with data) and ``actions``
(each move of a business action). A record is plain data, with its number, what it says, and its seals; it is the same
whether it comes from the database or from a file that was exported.

Records of ``access`` with the number 0 are from before there was a chain; the first one that has a number is sealed
with them all.

Refuses: reading and writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.access.audit import AuditEntry
from gateway.access.errors import AuditUnreadable
from infra.hash_chain import GENESIS, START, Break, ChainCheck, Head, SealedLine, moment, seal, sealed

Record = Mapping[str, Any]

FIELDS: Mapping[str, tuple[str, ...]] = {
    "access": ("at", "actor", "what", "whose", "why", "details"),
    "actions": ("at", "intent", "body"),
}
"""By audit: what a record says, in the order in which it is sealed."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An entry of ``access`` in its chain; 0 is the number of what is from before it."""

    number: int
    entry: AuditEntry
    previous: str
    digest: str

    @property
    def record(self) -> dict[str, Any]:
        """As plain data."""
        said = dict(zip(FIELDS["access"], _content(self.entry), strict=True))
        return {"audit": "access", "number": self.number, **said, "previous": self.previous, "digest": self.digest}


def next_line(head: Head, entry: AuditEntry) -> AuditLine:
    """The line that an entry makes behind ``head``."""
    line = sealed(head, _content(entry))
    return AuditLine(line.number, entry, line.previous, line.digest)


def head_before(entries: Iterable[AuditEntry]) -> Head:
    """What the first line of a chain is sealed with: all entries from before it, in their order."""
    digest = GENESIS
    for entry in entries:
        digest = seal(0, _content(entry), digest)
    return Head(0, digest)


class AuditTrail(Protocol):
    """The audit ``access`` of all tenants, to be read as it was sealed."""

    async def lines(
        self, tenant: str, *, after: int | None = None, limit: int = 1000
    ) -> Sequence[tuple[int, AuditLine]]:
        """Lines with their places, in order; those behind a place. Raises ``AiccError``."""


class AuditCheck:
    """Takes the records of one audit in order and says where it is not what was written."""

    def __init__(self, audit: str, kept: Head | None = None) -> None:
        """``kept`` is a head that it had at an earlier time, and that nobody could change."""
        self.audit = audit
        self.records = 0
        self._kept = [] if kept is None else [kept]
        self._before = START
        self._check: ChainCheck | None = None
        self._found: Break | None = None

    @property
    def head(self) -> Head:
        """The latest record that was right."""
        return self._before if self._check is None else self._check.head

    def take(self, record: Record) -> None:
        """The next record. Raises ``AuditUnreadable`` for what is none."""
        self.records += 1
        try:
            content = [record[field] for field in FIELDS[self.audit]]
            line = SealedLine(int(record["number"]), content, str(record["previous"]), str(record["digest"]))
        except (KeyError, TypeError, ValueError) as error:
            raise AuditUnreadable(f"record {self.records} of the audit {self.audit} is none: {error!r}") from error
        if line.number == 0 and self._check is None and self.audit == "access":
            self._before = Head(0, seal(0, content, self._before.digest))
            return
        if self._check is None:
            self._check = ChainCheck(self._before, self._kept)
        if self._found is None:
            self._found = self._check.take(line)

    def end(self) -> Break | None:
        """There are no more records: the first break, if there is one."""
        check = ChainCheck(self._before, self._kept) if self._check is None else self._check
        return self._found or check.end()


def _content(entry: AuditEntry) -> list[object]:
    return [moment(entry.at), entry.actor, entry.what, entry.whose, entry.why, dict(entry.details)]
