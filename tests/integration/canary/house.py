"""The house that the canary is sent into: the example shop with everything on that tells, keeps or asks something, a
carrier in front of it, and telephones that call it as a carrier does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import yaml

from gateway.commands.audio import read_audio
from gateway.commands.gateway_process import GatewayProcess
from gateway.telephony.caller import Caller, new_call_sid
from gateway.telephony.streams.documents import read_twiml
from gateway.telephony.streams.signatures import TWILIO_HEADER, signature
from tests.gateway.analytics.webhooks.receiver import WRITTEN
from tests.gateway.telephony.carrier import ACCOUNT, TOKEN, CarrierServer
from tests.house import EXAMPLE, small_tenant
from tests.integration.canary.listeners import Listeners

TENANT = "hanbit-store"
PATH = f"/v1/tenants/{TENANT}"
LINES = {"ko": "+827080001000", "en": "+18005550100"}
SECRET = "a long enough secret of the exchange"
"""What platforms without signatures of their own show."""
HAS_SIP = find_spec("baresip") is not None
"""SIP is spoken by an extra."""
PUBLIC = "https://voice.example.com"
"""The address that the carrier believes us to have."""
DOCUMENTS = ("en/delivery/standard-delivery.md", "ko/delivery/standard-delivery.md")
VOICE = EXAMPLE / "calls" / "yes.wav"
"""Somebody says something short; the scripted recognizer does not listen to what."""

PUBLIC_WORDS = {"ko": "보라색 우산", "en": "purple umbrella"}
"""Said in every conversation, and no secret: where they are not found, nobody has looked."""

TOLD = ("caller.turn", "transcript.final", "dtmf.pressed", "agent.turn", "handoff.*", "wrap_up.done", "survey.answered")
"""What the receiver of webhooks is told of: everything with words."""


@dataclass
class House:
    """The gateway, what it has told, and what was planted: ``needles`` that people gave away, ``numbers`` that they
    called from or were called at, ``names`` that a network told, ``keyed`` card numbers that were pressed."""

    data: Path
    listeners: Listeners
    carrier: CarrierServer
    process: GatewayProcess
    script: tuple[str, ...]
    sip_port: int
    needles: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    keyed: set[str] = field(default_factory=set)
    contacts: int = 0
    answered: set[str] = field(default_factory=set)
    """Calls in which somebody of the desk talks with the caller, or talked."""
    filed: int = 0

    @property
    def url(self) -> str:
        return self.process.gateway.url

    async def ask(self, method: str, path: str, **request: Any) -> Any:
        """One request of a program's, below the tenant's address."""
        return await self.process.gateway.ask(method, f"{PATH}{path}", **request)


def furnished(folder: Path, listeners: Listeners) -> Path:
    """The tenant: people answer and calls are made at any hour, every contact is asked how it was, somebody is told of
    everything by webhooks, and who shows who they are keys a card's number instead of a postcode."""
    tenant = small_tenant(folder, DOCUMENTS)
    with _edited(tenant / "tenant.yaml") as content:
        del content["hours"]
        content["outbound"] |= {"hours": {}, "attempts": 1}
        content["survey"]["after"] = "all"
        content["memory"]["consent"] = "customer_opted_in"
        for voice in content["voices"].values():
            voice["pace"] = 1.6
        content["webhooks"] = {
            "crm": {"url": f"{listeners.url}/events", "secret": "crm", "events": list(TOLD)},
        }
    rubrics = tenant / "quality.yaml"
    rubrics.write_text(rubrics.read_text("utf-8").replace("after_seconds: 300", "after_seconds: 60"), "utf-8")
    with _edited(tenant / "flows" / "identify.yaml") as content:
        next(slot for slot in content["slots"] if slot["name"] == "postcode")["length"] = 16
    return tenant


@contextmanager
def _edited(path: Path) -> Iterator[dict[str, Any]]:
    """A file of YAML, changed and written back."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    yield content
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def settings(
    listeners: Listeners, carrier: CarrierServer, script: tuple[str, ...], scratch: Path, sip_port: int
) -> dict[str, str]:
    """What the gateway is started with; it listens for SIP where there is a stack for it. All that it lays aside for a
    while goes into ``scratch``."""
    sip = {
        "AICC_SIP_UDP": f"127.0.0.1:{sip_port}",
        "AICC_SIP_HEADERS": "X-Customer",
        "AICC_SIP_RTP_PORTS": "31000-31099",
        "AICC_SIP_MAX_CALLS": "5",
    }
    return {
        "AICC_STT_ENGINE": "scripted",
        "AICC_STT_SCRIPT": "|".join(script),
        "AICC_GATEWAY_NODE": "canary",
        "AICC_GATEWAY_LOG_LEVEL": "debug",
        "AICC_GATEWAY_MAX_LOOP_LAG": "5.0",  # whether a busy machine refuses calls is not what is tried here
        "AICC_GATEWAY_MAX_RECOGNITION_WAIT": "30",
        "AICC_RAW_JAMBONZ_WEBHOOK_SECRET": SECRET,
        "AICC_LLM_ENGINE": "openai",
        "AICC_LLM_URL": f"{listeners.url}/v1",
        "AICC_LLM_MODEL": "canary",
        "AICC_TRACES_ENDPOINT": f"{listeners.url}/v1/traces",
        "AICC_WEBHOOKS_SECRETS": f"crm={WRITTEN}",
        "AICC_WEBHOOKS_PRIVATE_NETWORKS": "127.0.0.0/8",
        "AICC_WEBHOOKS_INTERVAL": "0.5",
        "AICC_OUTBOUND_DIALER": "twilio",
        "AICC_OUTBOUND_INTERVAL": "0.5",
        "AICC_TELEPHONY_TWILIO_ACCOUNT_SID": ACCOUNT,
        "AICC_TELEPHONY_TWILIO_AUTH_TOKEN": TOKEN,
        "AICC_TELEPHONY_TWILIO_API_URL": carrier.url,
        "AICC_TELEPHONY_PUBLIC_URL": PUBLIC,
        "TMPDIR": str(scratch),
        **(sip if HAS_SIP else {}),
    }


@asynccontextmanager
async def dialled(house: House, line: str, number: str, more: Mapping[str, str] | None = None) -> AsyncIterator[Caller]:
    """A call from ``number``, as Twilio brings it, with ``more`` of what the network said of it."""
    form = {"CallSid": new_call_sid(), "From": number, "To": line, "CallStatus": "ringing", **(more or {})}
    address = "/telephony/twilio/voice"
    signed = {TWILIO_HEADER: signature(TOKEN, PUBLIC + address, form.items())}
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        response = await client.post(house.url + address, data=form, headers=signed)
    async with connected(house.url, response.text, form["CallSid"], number, line) as caller:
        yield caller


@asynccontextmanager
async def connected(url: str, document: str, sid: str, ani: str, dnis: str) -> AsyncIterator[Caller]:
    """The far end of a call whose sound a document of ours leads to."""
    offer = read_twiml(document)
    async with Caller(
        offer.url.replace(PUBLIC.replace("https", "wss"), url.replace("http", "ws", 1)),
        ani=ani,
        dnis=dnis,
        parameters=offer.parameters,
        call_sid=sid,
        auth_token=TOKEN,
        signed_url=offer.url,
    ) as caller:
        yield caller


async def voice() -> tuple[bytes, int]:
    """What a caller sounds like."""
    return await asyncio.to_thread(read_audio, VOICE)
