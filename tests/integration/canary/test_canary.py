"""Two hundred contacts, by text and by telephone, in both languages, each of which gives away identifiers of every
kind: afterwards no byte of what is kept or was sent holds one in the clear.

The files are those of the whole data directory: PostgreSQL's, Qdrant's, recordings, keys; and what the gateway said
(its log), prompts, traces, events, metrics, and exports in every format.
"""

from __future__ import annotations

import asyncio
import gzip
import shutil
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import pytest_asyncio
from rich.console import Console

from gateway.analytics.exports.formats import Format
from gateway.commands.custody import scan
from gateway.commands.export import Asked, export
from gateway.commands.gateway_process import GatewayProcess, gateway_process
from gateway.commands.place_call import place_call
from gateway.custody.scan import scan_files
from gateway.telephony.errors import CallRefused
from tests.house import EXAMPLE, small_tenant
from tests.integration.canary.listeners import Listeners, listening
from tests.integration.canary.planted import Planted, planted

pytestmark = [pytest.mark.xdist_group("canary"), pytest.mark.asyncio(loop_scope="module")]

TENANT = "hanbit-store"
LINES = {"ko": "+827080001000", "en": "+18005550100"}
DOCUMENTS = ("en/delivery/standard-delivery.md", "ko/delivery/standard-delivery.md")
PERSON = {"ko": "상담원 연결해 주세요", "en": "let me talk to a person"}
ASIDES = {"ko": "일반 배송은 며칠 걸려요", "en": "how long does standard delivery take"}

TEXTS = 60
"""Callers who write. What they give away gets them to a person soon, so that most of them come back several times."""

CALLS = 8
CONTACTS = 200
TEXTS_AT_ONCE, CALLS_AT_ONCE = 6, 8
CHATS = f"/v1/tenants/{TENANT}/chats"


@dataclass
class Canary:
    """What was planted, and where to look."""

    data: Path
    listeners: Listeners
    said: Path
    exported: Path
    needles: list[str] = field(default_factory=list)
    contacts: int = 0


def script() -> list[Planted]:
    """What every call by telephone says: the scripted recognizer hears the same in each."""
    return [*planted(7_000, "ko")[:3], *planted(7_000, "en")[:3]]


async def chat(process: GatewayProcess, seed: int, language: str) -> tuple[int, list[Planted]]:
    """Say all of it by text, in as many conversations as it takes (how many): one that is handed over is over, also in
    the middle of a number."""
    said, contacts, open_chat = planted(seed, language), 0, ""
    for turns in ((ASIDES[language],), *(one.turns for one in said), (PERSON[language],)):
        for turn in turns:
            if not open_chat:
                open_chat = (await process.gateway.ask("POST", CHATS, json={"language": language}))["chat"]
                contacts += 1
            told = await process.gateway.ask("POST", f"{CHATS}/{open_chat}/turns", json={"text": turn})
            if told["over"]:
                open_chat = ""
                break
    return contacts, said


async def call(process: GatewayProcess, number: str) -> tuple[int, list[Planted]]:
    """Say the script by telephone; whoever is told that there is no room dials again."""
    said = script()
    voice = str(EXAMPLE / "calls" / "delivery-time.wav")
    sounds = [voice] * sum(len(one.turns) for one in said)
    while True:
        try:
            await place_call(process.gateway, tenant=TENANT, number=number, audio=sounds, on_event=lambda event: None)
        except CallRefused:
            await asyncio.sleep(1.0)
        else:
            return 1, said


async def converse(canary: Canary, process: GatewayProcess) -> None:
    """All two hundred."""
    texts, calls = asyncio.Semaphore(TEXTS_AT_ONCE), asyncio.Semaphore(CALLS_AT_ONCE)

    async def text(seed: int) -> tuple[int, list[Planted]]:
        async with texts:
            return await chat(process, seed, "ko" if seed % 2 else "en")

    async def speak(number: int) -> tuple[int, list[Planted]]:
        async with calls:
            return await call(process, LINES["ko" if number % 2 else "en"])

    told = await asyncio.gather(*map(text, range(TEXTS)))
    told += await asyncio.gather(*map(speak, range(CALLS)))
    canary.contacts = sum(contacts for contacts, _ in told)
    said = [one for _, said in told for one in said]
    canary.needles = sorted({needle for one in said for needle in one.needles if len(needle) >= 7})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def canary(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Canary]:
    folder = tmp_path_factory.mktemp("canary")
    tenant = small_tenant(folder, DOCUMENTS)
    heard = [turn for one in script() for turn in one.turns]
    async with listening() as listeners:
        settings = {
            "AICC_STT_ENGINE": "scripted",
            "AICC_STT_SCRIPT": "|".join(heard),
            "AICC_GATEWAY_NODE": "canary",
            "AICC_LLM_ENGINE": "openai",
            "AICC_LLM_URL": f"{listeners.url}/v1",
            "AICC_LLM_MODEL": "canary",
            "AICC_TRACES_ENDPOINT": f"{listeners.url}/v1/traces",
            "AICC_GATEWAY_LOG_LEVEL": "debug",
        }
        data = folder / "data"
        canary = Canary(data, listeners, folder / "said", folder / "exported")
        async with gateway_process(data, [tenant], settings) as process:
            await converse(canary, process)
            async with process.gateway.client() as client:
                counted = (await client.get("/metrics")).text
            shutil.copy(process.output, canary.said)
        with canary.said.open("a", encoding="utf-8") as said:
            said.write(counted)
        yield canary


async def test_two_hundred_contacts_were_had(canary: Canary) -> None:
    assert canary.contacts >= CONTACTS
    assert len(canary.needles) > 800
    assert canary.listeners.told["prompts"], "no language model was asked anything: its prompts prove nothing"
    assert canary.listeners.told["traces"], "no traces were sent: they prove nothing"


async def test_nothing_that_is_kept_holds_an_identifier(canary: Canary) -> None:
    found = await scan(canary.data, EXAMPLE, canary.needles)
    assert [(trace.where, canary.needles[trace.needle]) for trace in found][:20] == []


async def test_nothing_that_was_said_or_sent_holds_an_identifier(canary: Canary) -> None:
    sent = [body for bodies in canary.listeners.told.values() for body in bodies]
    opened = b"\n".join(body if body[:2] != b"\x1f\x8b" else gzip.decompress(body) for body in sent)
    told = opened + canary.said.read_bytes()
    assert [needle for needle in canary.needles if needle.encode() in told] == []


@pytest.mark.parametrize("kind", list(Format))
async def test_no_export_holds_an_identifier(canary: Canary, kind: Format) -> None:
    out = canary.exported / kind.value
    assert await export(canary.data, EXAMPLE, Asked(str(out), kind), Console(quiet=True)) == 0
    plain = out / "plain"
    for file in list(out.rglob("*.parquet")):  # its pages are compressed: what is looked through is what a reader gets
        plain.mkdir(exist_ok=True)
        (plain / f"{zlib.crc32(str(file).encode())}.txt").write_text(str(pq.read_table(file).to_pylist()), "utf-8")
    assert sum(file.stat().st_size for file in out.rglob("*") if file.is_file()) > 100_000
    assert [(trace.where, canary.needles[trace.needle]) for trace in scan_files(out, canary.needles)] == []
