"""A caller with a browser and a recorded voice calls the whole house: both are heard, and the recording proves it.

The gateway is a real process; only its recognizer is scripted. Chromium's microphone plays a WAV file.
"""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import expect

from gateway.commands.audio import read_audio
from gateway.commands.gateway_process import GatewayProcess, gateway_process
from infra.audio import Resampler
from tests.browser.chromium import Watch, chromium, keep_picture, serious
from tests.house import EXAMPLE, small_tenant

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="module")]

TENANT = "hanbit-store"
RATE = 16_000
LEAD = 14.0
"""Seconds for which the caller listens first: the greeting is over by then, or they speak into it."""

DOCUMENTS = ("ko/delivery/standard-delivery.md", "en/delivery/standard-delivery.md")


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """Somebody speaks; the scripted recognizer does not listen to what they say."""
    pcm, rate = read_audio(EXAMPLE / "calls" / "delivery-time.wav")
    return np.frombuffer(Resampler(rate, RATE).process(pcm), "<i2").astype(float)


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory, voice: np.ndarray) -> Path:
    path = tmp_path_factory.mktemp("microphone") / "caller.wav"
    silence = np.zeros(int(LEAD * RATE))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate([silence, voice, silence]).astype("<i2").tobytes())
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GatewayProcess]:
    place = tmp_path_factory.mktemp("web-house")
    folder = small_tenant(place, DOCUMENTS)
    heard = {"AICC_STT_ENGINE": "scripted", "AICC_STT_SCRIPT": "일반 배송은 며칠 걸려요", "AICC_GATEWAY_NODE": "web"}
    async with gateway_process(place / "data", [folder], heard) as process:
        yield process


async def recording(http: httpx.AsyncClient, call: str) -> tuple[np.ndarray, int]:
    """Both channels of a call that has just ended, and their rate."""
    async with asyncio.timeout(20):
        while (answer := await http.get(f"/v1/tenants/{TENANT}/calls/{call}/recording")).status_code != 200:
            await asyncio.sleep(0.2)
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getnchannels() == 2
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.reshape(-1, 2).astype(float), file.getframerate()


async def events_to_the_end(http: httpx.AsyncClient, call: str) -> list[dict[str, Any]]:
    """All events of a call that ends: its recording is stored a moment before."""
    async with asyncio.timeout(20):
        while not of(events := (await http.get(f"/v1/tenants/{TENANT}/calls/{call}/events")).json(), "call.ended"):
            await asyncio.sleep(0.2)
    return events


def loudness(samples: np.ndarray, rate: int) -> np.ndarray:
    """How loud it is in each 20 ms, in dB, down to 40 dB below the loudest: a browser evens out what is loud."""
    size = rate // 50
    whole = samples[: len(samples) // size * size].reshape(-1, size)
    level = 10 * np.log10(np.maximum((whole**2).mean(axis=1), 1.0))
    return np.maximum(level, level.max() - 40)


def likeness(channel: np.ndarray, voice: np.ndarray) -> float:
    """How much of the voice's rise and fall is found somewhere in a channel: 1 is all of it."""
    wanted = voice - voice.mean()
    best = 0.0
    for start in range(len(channel) - len(wanted) + 1):
        window = channel[start : start + len(wanted)] - channel[start : start + len(wanted)].mean()
        size = float(np.linalg.norm(window) * np.linalg.norm(wanted))
        best = max(best, float(window @ wanted) / size if size else 0.0)
    return best


def of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event["payload"] for event in events if event["kind"] == kind]


async def test_a_caller_with_a_browser_is_heard_answered_and_recorded_on_both_sides(
    house: GatewayProcess, microphone: Path, voice: np.ndarray
) -> None:
    watch = Watch()
    async with chromium(microphone) as browser, house.gateway.client() as http:
        context = await browser.new_context(locale="ko-KR", permissions=["microphone"])
        await watch.over(context)
        page = await context.new_page()
        await page.goto(f"{house.gateway.url}/call")
        await page.click("[data-action=call]")
        answer = page.locator("[role=log] [data-speaker=bot] .said").filter(has_text="2일에서 3일")
        await expect(page.locator("[role=log] [data-speaker=caller] .said")).to_have_text(
            "일반 배송은 며칠 걸려요", timeout=60_000
        )
        await expect(answer).to_be_visible(timeout=60_000)
        assert await serious(page) == []
        await keep_picture(page, "call-house-ko")
        await page.click("[data-action=hang-up]")
        await expect(page.locator("[data-action=again]")).to_be_visible()
        [record, *_] = (await http.get(f"/v1/tenants/{TENANT}/calls")).json()
        samples, rate = await recording(http, record["call"])
        events = await events_to_the_end(http, record["call"])
    assert watch.wrong() == []
    answered = of(events, "call.answered")[0]
    assert (answered["protocol"], answered["rate"], rate) == ("softphone", RATE, RATE)
    # What was heard is known by marks that the page sends back once it has played what was before them.
    heard = [reply for reply in of(events, "reply.heard") if "2일에서 3일" in reply["text"]]
    assert [reply["complete"] for reply in heard] == [True]
    caller, ours = samples.T
    assert likeness(loudness(caller, rate), loudness(voice, RATE)) > 0.7
    assert likeness(loudness(ours, rate), loudness(voice, RATE)) < 0.6  # it is another voice
    assert np.abs(ours).max() > 3000
    assert of(events, "call.ended")[0]["reason"] == "caller_hung_up"
