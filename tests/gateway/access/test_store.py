"""The store that forgets with the process; what all stores promise stands in ``tests/contracts``."""

from __future__ import annotations

from gateway.access.identity import Role
from gateway.access.store import AccessStore, VolatileAccess
from tests.gateway.access.people import person


async def test_tenants_do_not_see_each_other() -> None:
    store: AccessStore = VolatileAccess()
    for tenant in ("shop", "acme"):
        await store.add_account(person(Role.AGENT, tenant=tenant, login="kim"))
    for tenant in ("shop", "acme"):
        assert [account.identity.tenant for account in await store.accounts(tenant)] == [tenant]
