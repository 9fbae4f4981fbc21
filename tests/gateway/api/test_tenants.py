from __future__ import annotations

from pathlib import Path

from gateway.api.tenants import tenants_router
from gateway.session.tenant import load_tenant
from tests.gateway.http import client


async def test_tenants_are_listed_with_their_lines() -> None:
    tenant = load_tenant(Path(__file__).parents[3] / "examples" / "hanbit-store")
    async with client(tenants_router([tenant])) as http:
        [shown] = (await http.get("/v1/tenants")).json()
    assert shown["tenant"] == "hanbit-store"
    assert {line["alias"] for line in shown["lines"]} == {"hanbit-ko", "hanbit-en"}
