"""A caller, an agent and a supervisor, each in a browser of their own, with a real gateway between them.

The caller's microphone plays a recording: a question, then what nobody understands; the agent's plays another. Nothing
of the gateway is replaced: recognizer, dialog, queue, desk, sockets and recording are those that serve.
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile
import yaml
from playwright.async_api import Page, WebSocket, expect

from gateway.commands.gateway_process import GatewayProcess, gateway_process
from infra.audio import Resampler
from tests.browser.chromium import Watch, chromium, keep_picture, keep_text, serious
from tests.house import ROOT, small_tenant

pytestmark = [pytest.mark.xdist_group("whole call"), pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(900)]

TENANT = "hanbit-store"
DOCUMENTS = ("en/delivery/standard-delivery.md", "en/services/gift-wrapping.md", "en/returns/refund-times.md")
VOICES = ROOT / "tests" / "calls" / "audio"
RATE = 48_000
SKILLS = ("--skill", "orders", "--skill", "billing")
PATIENCE = 60_000
"""Milliseconds: the caller speaks in real time, and the machine may be busy."""


def microphone(path: Path, *parts: float | str) -> Path:
    """A recording of seconds of silence and of people speaking, as a microphone gives it."""
    sound = b""
    for part in parts:
        if isinstance(part, float):
            sound += bytes(2 * int(part * RATE))
            continue
        spoken, rate = soundfile.read(VOICES / f"{part}.wav", dtype="int16")
        sound += Resampler(rate, RATE).process(spoken.tobytes())
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(sound)
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    described = small_tenant(folder, DOCUMENTS) / "tenant.yaml"
    tenant = yaml.safe_load(described.read_text())
    del tenant["hours"]  # people answer at any time of the day that a test runs
    described.write_text(yaml.safe_dump(tenant, allow_unicode=True))
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(place: Path) -> AsyncIterator[GatewayProcess]:
    async with gateway_process(place / "data", [place / TENANT], {"AICC_GATEWAY_NODE": "desk"}) as process:
        yield process


async def account(data: Path, login: str, *options: str) -> str:
    """Somebody who may sign in; their password."""
    command = (sys.executable, "-m", "gateway", "user", "add", login, "--generate", "--data", str(data), *options)
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=ROOT
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 120)
    found = re.search(r"password: (\S+)", printed.decode())
    assert found is not None, printed.decode()
    return found[1]


async def open_page(stack: AsyncExitStack, watch: Watch, address: str, sound: Path | None = None) -> Page:
    """A page in a browser of its own, whose microphone plays ``sound``."""
    browser = await stack.enter_async_context(chromium(sound))
    context = await browser.new_context(
        locale="en-US", viewport={"width": 1360, "height": 860}, permissions=["microphone"]
    )
    context.set_default_timeout(PATIENCE)
    await watch.over(context)
    page = await context.new_page()
    await page.goto(address)
    return page


def line_of(page: Page) -> list[bytes]:
    """The sound that a page gets over its telephone lines, frame by frame."""
    frames: list[bytes] = []

    def opened(line: WebSocket) -> None:
        line.on("framereceived", lambda payload: frames.append(payload) if isinstance(payload, bytes) else None)

    page.on("websocket", opened)
    return frames


def loud(frames: list[bytes]) -> int:
    """How many frames carry a voice."""
    return sum(float(np.sqrt(np.mean(np.frombuffer(frame, "<i2").astype(float) ** 2))) > 300 for frame in frames)


async def sign_in(page: Page, login: str, password: str) -> None:
    await page.fill("#sign-in-login", login)
    await page.fill("#sign-in-password", password)
    await page.keyboard.press("Enter")


async def test_a_caller_is_handed_over_helped_listened_to_taken_over_and_filed(
    house: GatewayProcess, place: Path, watch: Watch, tmp_path: Path
) -> None:
    watch.expect("401")  # a page asks who is there before anybody has signed in
    base = house.gateway.url
    kim = await account(
        place / "data", "kim@shop.example", "--name", "Kim", "--role", "agent", "--language", "en", *SKILLS
    )
    lee = await account(place / "data", "lee@shop.example", "--name", "Lee", "--role", "supervisor", "--language", "en")
    caller_says = microphone(
        tmp_path / "caller.wav",
        14.0,
        "rms-how-much-does-gift-wrapping-cost",
        8.0,
        "rms-what-is-the-weather-like-on-the-moon",
        5.0,
        "rms-gloop-frabble-snorf",
        20.0,
        *("rms-how-long-standard-delivery-takes", 6.0) * 9,
    )
    agent_says = microphone(tmp_path / "agent.wav", 2.0, *("rms-how-much-does-gift-wrapping-cost", 4.0) * 12)
    async with AsyncExitStack() as stack:
        desk = await open_page(stack, watch, f"{base}/desk?tenant={TENANT}", agent_says)
        agent_hears = line_of(desk)
        await sign_in(desk, "kim@shop.example", kim)
        await desk.select_option("#presence", "available/")
        wall = await open_page(stack, watch, f"{base}/wall?tenant={TENANT}")
        await sign_in(wall, "lee@shop.example", lee)
        await expect(wall.locator(".agent", has_text="Kim")).to_be_visible(timeout=PATIENCE)

        caller = await open_page(stack, watch, f"{base}/call", caller_says)
        await caller.locator("input[value='+18005550100']").check()
        await caller.locator("[data-action=call]").click()
        await expect(caller.locator("[data-speaker=caller] .said").first).not_to_be_empty(timeout=PATIENCE)
        await keep_picture(caller, "call-en")

        await desk.wait_for_selector("desk-offer button", timeout=PATIENCE * 2)
        await keep_picture(desk, "desk-offer-en")
        await desk.locator("desk-offer").get_by_role("button").first.click()
        asked = await caller.locator("[data-speaker=caller] .said").first.inner_text()
        await expect(desk.locator("body")).to_contain_text(asked, timeout=PATIENCE)
        await expect(caller.locator(".badge")).not_to_have_text("Talking with the voice assistant", timeout=PATIENCE)
        await expect(desk.locator("desk-assist, .assist").first).to_be_visible()

        [record] = await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls")
        call = record["call"]
        await until(house, call, "agent.turn", beyond=1)
        await until(house, call, "assist.shown", beyond=1)
        async with asyncio.timeout(20):
            while loud(agent_hears) <= 50:  # more than a second of the caller's voice comes to the agent's browser
                await asyncio.sleep(0.2)
        await keep_picture(desk, "desk-call-en")
        assert await serious(desk) == []

        await wall.locator(f"[data-call='{call}'] [data-way=listen]").click()
        await expect(wall.locator("wall-monitor section")).to_be_visible()
        await until(house, call, "agent.joined", beyond=2)
        await keep_picture(wall, "wall-en")
        assert await serious(wall) == []
        take = wall.locator(f"[data-call='{call}'] [data-way=take-over], wall-monitor [data-act=take-over]").last
        await take.click()
        await take.click()
        await until(house, call, "control.changed", beyond=2)
        await caller.locator("[data-action=hang-up]").click()
        await until(house, call, "call.ended", beyond=1)

        await desk.wait_for_selector("desk-wrap-up textarea", timeout=PATIENCE)
        await expect(desk.locator("desk-wrap-up textarea").first).not_to_have_value("", timeout=PATIENCE)
        await keep_picture(desk, "desk-wrap-up-en")
        await desk.locator("desk-wrap-up select").select_option(index=1)
        await desk.locator("desk-wrap-up button[type=submit]").click()
        await until(house, call, "wrap_up.done", beyond=1)
        keep_text("latency.txt", await measured(house))

    events = await events_of(house, call)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    kinds = [event["kind"] for event in events]
    for before, after in (
        ("reply.decided", "handoff.queued"),
        ("handoff.queued", "handoff.offered"),
        ("handoff.accepted", "agent.joined"),
        ("call.ended", "wrap_up.done"),
    ):
        assert kinds.index(before) < kinds.index(after)
    payloads = [event["payload"] for event in events]
    owners = [payload["owner"] for payload, kind in zip(payloads, kinds, strict=True) if kind == "control.changed"]
    assert owners == ["agent", "supervisor"]
    shown = [payload for payload, kind in zip(payloads, kinds, strict=True) if kind == "assist.shown"]
    assert any("delivery" in source["document"] for card in shown for source in card["sources"])
    said = [payload["text"] for payload, kind in zip(payloads, kinds, strict=True) if kind == "agent.turn"]
    assert any("cost" in text for text in said)
    both_are_on_the_recording(events, await recording(house, call))


async def recording(house: GatewayProcess, call: str) -> bytes:
    async with asyncio.timeout(20), house.gateway.client() as client:
        while (answer := await client.get(f"/v1/tenants/{TENANT}/calls/{call}/recording")).status_code != 200:
            await asyncio.sleep(0.2)
        return answer.content


def both_are_on_the_recording(events: list[dict], sound: bytes) -> None:
    """While the agent had the call, each channel carries its own side's voice."""
    with wave.open(io.BytesIO(sound)) as file:
        rate = file.getframerate()
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    began = next(event["at"] for event in events if event["kind"] == "recording.started")
    joined = next(event["at"] for event in events if event["kind"] == "agent.joined")
    since = (datetime.fromisoformat(joined) - datetime.fromisoformat(began)).total_seconds() + 1.0
    with_agent = sound[int(since * rate) :]
    loudness = np.sqrt(np.mean(with_agent**2, axis=0))
    assert loudness[0] > 100, "the caller is on the left"
    assert loudness[1] > 100, "the agent is on the right"
    likeness = np.corrcoef(with_agent[:, 0], with_agent[:, 1])[0, 1]
    assert abs(likeness) < 0.3, "each is on their own channel"


async def measured(house: GatewayProcess) -> str:
    """What the pages measured of their delays."""
    async with house.gateway.client() as client:
        metrics = (await client.get("/metrics")).text
    return "\n".join(line for line in metrics.splitlines() if line.startswith("aicc_desk_latency"))


async def events_of(house: GatewayProcess, call: str) -> list[dict]:
    return await house.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls/{call}/events", params={"limit": 1000})


async def until(house: GatewayProcess, call: str, kind: str, *, beyond: int, within: float = 90.0) -> None:
    """Wait until the call's record holds so many events of a kind."""
    async with asyncio.timeout(within):
        while sum(event["kind"] == kind for event in await events_of(house, call)) < beyond:
            await asyncio.sleep(0.5)
