"""A real gateway tells a receiver of a conversation: what its log holds, in its order, signed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from gateway.commands.gateway_process import gateway_process
from tests.gateway.analytics.webhooks.receiver import SECRET, WRITTEN, Receiver, receiver
from tests.house import small_tenant
from tests.postgres import until

pytestmark = pytest.mark.xdist_group("house")

TENANT = "hanbit-store"


async def talk(http: AsyncClient) -> None:
    """Somebody asks by text and leaves."""
    begun = (await http.post(f"/v1/tenants/{TENANT}/chats", json={"language": "ko"})).json()
    await http.post(f"/v1/tenants/{TENANT}/chats/{begun['chat']}/turns", json={"text": "상담원 연결해 주세요"})
    await http.delete(f"/v1/tenants/{TENANT}/chats/{begun['chat']}")


def webhook(folder: Path, crm: Receiver) -> None:
    with (folder / "tenant.yaml").open("a", encoding="utf-8") as file:
        file.write(f'\nwebhooks:\n  crm: {{url: "{crm.url}", secret: crm, events: ["*"]}}\n')


async def test_a_gateway_tells_what_its_log_holds(tmp_path: Path) -> None:
    folder = small_tenant(tmp_path, ("ko/delivery/standard-delivery.md",))
    settings = {
        "AICC_WEBHOOKS_SECRETS": f"crm={WRITTEN}",
        "AICC_WEBHOOKS_PRIVATE_NETWORKS": "127.0.0.0/8",
        "AICC_WEBHOOKS_INTERVAL": "0.1",
        "AICC_STT_ENGINE": "scripted",
    }
    async with receiver() as crm:
        webhook(folder, crm)
        async with (
            gateway_process(tmp_path / "data", [folder], settings) as house,
            AsyncClient(base_url=house.gateway.url, timeout=30) as http,
        ):
            await talk(http)

            async def told_to_the_end() -> bool:
                return any(one.event["data"]["kind"] == "call.ended" for one in crm.heard)

            await until(told_to_the_end, 30.0)
            contact = crm.heard[0].event["subject"]
            logged = (await http.get(f"/v1/tenants/{TENANT}/calls/{contact}/events")).json()

            async def all_counted() -> bool:  # a delivery counts once it is written down that it arrived
                told = f'aicc_webhook_attempts_total{{outcome="delivered"}} {float(len(logged))}'
                return told in (await http.get("/metrics")).text

            await until(all_counted, 30.0)

    def plain(one: dict[str, Any]) -> tuple[int, str, Any]:
        return one["seq"], one["kind"], one["payload"]

    assert [plain(one.event["data"]) for one in crm.heard] == [plain(event) for event in logged]
    assert all(one.signed_by(SECRET) for one in crm.heard)
