from __future__ import annotations

import pytest

from gateway.access.audit import AuditEntry
from gateway.access.identity import Identity
from gateway.access.reveals import Reveals
from gateway.access.store import VolatileAccess
from infra.storage.errors import DatabaseUnavailable
from tests.gateway.access.people import Clock, person

WHO = person().identity


class Safe:
    async def value(self, who: Identity, call: str, field: str) -> str | None:
        return "+821012345678"


class Closed(VolatileAccess):
    async def record(self, entry: AuditEntry) -> None:
        raise DatabaseUnavailable("the database cannot be reached")


async def test_what_cannot_be_written_down_is_not_shown() -> None:
    with pytest.raises(DatabaseUnavailable):
        await Reveals(Safe(), Closed(), Clock()).reveal(WHO, "c-1", "caller", "to call back")
