"""A real gateway process with Genesys' doors open, for all tests of the folder."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from gateway.commands.gateway_process import GatewayProcess, gateway_process
from infra.audio import Resampler, mulaw_encode, read_wav
from tests.house import EXAMPLE, small_tenant
from tests.integration.genesys.simulator import Account

TENANT = "hanbit-store"
DOCUMENTS = ("en/delivery/standard-delivery.md", "ko/delivery/standard-delivery.md")
ACCOUNT = Account("SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh", b"MySuperSecretKeyTellNo-1!2@3#4$5")
QUESTION, PERSON = "how long does standard delivery take", "I want to talk to a person"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GatewayProcess]:
    place = tmp_path_factory.mktemp("genesys")
    folder = small_tenant(place, DOCUMENTS)
    _hand_over_by_genesys(folder / "tenant.yaml")
    settings = {
        "AICC_STT_ENGINE": "scripted",
        "AICC_STT_SCRIPT": "|".join((QUESTION, QUESTION, PERSON)),
        "AICC_GATEWAY_NODE": "genesys",
        "AICC_GATEWAY_MAX_LOOP_LAG": "5",  # whether a busy machine refuses calls is not what is tried here
        "AICC_GATEWAY_MAX_RECOGNITION_WAIT": "30",
        "AICC_GENESYS_KEYS": json.dumps(
            {ACCOUNT.key: {"secret": base64.b64encode(ACCOUNT.secret).decode(), "tenant": TENANT, "line": "hanbit-en"}}
        ),
    }
    async with gateway_process(place / "data", [folder], settings) as process:
        yield process


@pytest.fixture(scope="session")
def question() -> bytes:
    """A caller's recorded question, as PCMU; the scripted recognizer does not listen to the words."""
    pcm, rate = read_wav(EXAMPLE / "calls" / "delivery-time.wav")
    return mulaw_encode(Resampler(rate, 8000).process(pcm))


def socket_of(house: GatewayProcess, door: str) -> str:
    """Where a door is."""
    return f"{house.gateway.url.replace('http', 'ws', 1)}/telephony/genesys/{door}"


async def events_of(house: GatewayProcess, conversation: str, kind: str = "") -> list[dict[str, Any]]:
    """The record of a conversation's call, once it is closed, or once it holds an event of a ``kind``."""
    async with asyncio.timeout(40):
        while True:
            for call in await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls"):
                events: list[dict[str, Any]] = await house.gateway.ask(
                    "GET", f"/v1/tenants/{TENANT}/calls/{call['call']}/events"
                )
                enough = payloads(events, kind) if kind else call["ended_at"]
                if enough and any(event["payload"].get("call_sid") == conversation for event in events):
                    return events
            await asyncio.sleep(0.2)


def payloads(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """What events of a kind say."""
    return [event["payload"] for event in events if event["kind"] == kind]


def _hand_over_by_genesys(path: Path) -> None:
    """Calls of all queues go to a queue in Genesys, at any hour."""
    tenant = yaml.safe_load(path.read_text(encoding="utf-8"))
    del tenant["hours"]
    tenant["transfers"] = {
        "support": {
            "name": {"ko": "고객센터", "en": "Support"},
            "to": "Support EN",
            "ways": ["provider"],
            "headers": {"X-Queue": "vip"},
            "otherwise": "desk",
        }
    }
    for queue in tenant["hand_over"]["queues"]:
        queue["transfer"] = "support"
    path.write_text(yaml.safe_dump(tenant, allow_unicode=True), encoding="utf-8")
