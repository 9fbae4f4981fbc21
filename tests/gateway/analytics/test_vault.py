from __future__ import annotations

from gateway.access.identity import Identity, Role
from gateway.analytics.search import CallSearch
from gateway.analytics.vault import CallVault
from infra.storage.database import Database
from tests.gateway.analytics.past_calls import handed_over, ledger, new_tenant, past_call
from tests.sealed_numbers import numbers


def who(tenant: str, role: Role, *queues: str, user: str = "u1") -> Identity:
    return Identity(tenant, user, "Kim Minji", frozenset({role}), queues)


async def test_a_number_is_for_whom_the_call_is_for(database: Database) -> None:
    tenant = await new_tenant(database)
    async with ledger(database) as log:
        await past_call(log, tenant, "c1", *handed_over("billing", "u1", "done")).acknowledged()
    vault = CallVault(CallSearch(database, numbers))
    for person, expected in (
        (who(tenant, Role.SUPERVISOR), "+821012345678"),
        (who(tenant, Role.ANALYST, "billing"), "+821012345678"),
        (who(tenant, Role.ANALYST, "orders"), None),
        (who(tenant, Role.AGENT), "+821012345678"),
        (who(tenant, Role.AGENT, user="u2"), None),
        (who("other", Role.SUPERVISOR), None),
    ):
        assert await vault.value(person, "c1", "caller") == expected, person
    supervisor = who(tenant, Role.SUPERVISOR)
    assert await vault.value(supervisor, "c1", "called") == "+827080001000"
    assert await vault.value(supervisor, "c1", "node") is None
    assert await vault.value(supervisor, "c2", "caller") is None
