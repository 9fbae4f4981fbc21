"""Whoever works with past calls: a supervisor who searches, looks, judges and reveals, with words that should not be
kept; and what they may take along, which is looked at as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from gateway.access.identity import Role
from tests.integration.canary.agents import signed_in
from tests.integration.canary.house import PATH, House
from tests.integration.canary.planted import planted

JUDGED_WITHIN = 180.0
"""Seconds until the first contact is judged: a minute after its end, by a sweep every half minute."""


@dataclass
class Taken:
    """What was handed out, by what it is: masked, or without what is personal."""

    shown: list[bytes] = field(default_factory=list)
    vcons: list[bytes] = field(default_factory=list)
    metrics: bytes = b""


async def work_through(house: House) -> Taken:
    """Search for what callers gave away, look at every call by telephone, and judge one against what was found."""
    said = planted(5_000, "en")
    house.needles |= {needle for one in said for needle in one.needles}
    words = [one.turns[0] for one in said]
    taken = Taken()
    roles = (Role.SUPERVISOR, Role.ANALYST, Role.ADMIN)
    async with signed_in(house, "lee@shop.example", *roles) as browser:
        for word in words:
            await browser.get("/v1/calls", params={"text": word[:200]})
        for number in sorted(house.numbers)[:20]:
            await browser.get("/v1/calls", params={"caller": number[:40]})
        every = await house.ask("GET", "/calls", params={"limit": 500})
        calls = [one["call"] for one in every if one["channel"] == "voice"]
        for call in calls:
            await _look(browser, call, words[0], taken)
        await _judge(house, browser, words)
    async with house.process.gateway.client() as client:
        taken.metrics = (await client.get("/metrics")).content
        taken.shown.append((await client.get(f"{PATH}/handoffs")).content)
    return taken


async def _look(browser: httpx.AsyncClient, call: str, why: str, taken: Taken) -> None:
    for path in ("", "/events", "/quality"):
        taken.shown.append((await browser.get(f"/v1/calls/{call}{path}")).content)
    taken.vcons.append((await browser.get(f"/v1/calls/{call}/vcon")).content)
    await browser.post("/v1/reveals", json={"call": call, "field": "caller", "reason": f"she said {why}"})


async def _judge(house: House, browser: httpx.AsyncClient, words: Sequence[str]) -> None:
    """Override a verdict, with a reason that holds what it should not."""
    async with asyncio.timeout(JUDGED_WITHIN):
        while not (found := await _judged(house, browser)):
            await asyncio.sleep(1.0)
    call, rubric, criterion, verdict = found
    other = "missed" if verdict == "met" else "met"
    decided = {"criterion": criterion, "verdict": other, "reason": f"the caller said {words[1]} and {words[2]}"}
    response = await browser.post(f"/v1/calls/{call}/quality/{rubric}/overrides", json=decided)
    assert response.status_code == 200, response.text


async def _judged(house: House, browser: httpx.AsyncClient) -> tuple[str, str, str, str] | None:
    """A criterion by which one of the first contacts was judged."""
    every = await house.ask("GET", "/calls", params={"limit": 500})
    for one in every[-20:]:
        response = await browser.get(f"/v1/calls/{one['call']}/quality")
        rubrics = response.json()["rubrics"] if response.status_code == 200 else ()
        for rubric in rubrics:
            return one["call"], rubric["rubric"], rubric["criteria"][0]["id"], rubric["criteria"][0]["verdict"]
    return None
