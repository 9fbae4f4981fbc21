"""A desk with an agent at it, for tests: the stand-in is served, the page is open, and both are put away in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import BrowserContext, Page, Route

from tests.browser.chromium import PATIENCE
from tests.browser.desk_calls import Call, korean_call
from tests.browser.desk_stand_in import COOKIE, Center, application, serving

CONNECTED = "[data-part=phone][data-state=live]"
LINES = "desk-transcript [role=log] .utterance"


@dataclass
class Room:
    """What a test has in its hands."""

    center: Center
    base: str
    page: Page

    async def ring(self, call: Call | None = None, **how: Any) -> Call:
        """A call rings, and the page shows it."""
        call = call or korean_call()
        self.center.ring(call, **how)
        await self.page.wait_for_selector("desk-offer .offer")
        return call

    async def take(self, call: Call | None = None) -> Call:
        """A call rings and is taken."""
        call = await self.ring(call)
        await self.page.click("desk-offer .button.primary")
        await self.in_call(call)
        return call

    async def in_call(self, call: Call) -> None:
        """Wait until a call that was accepted is there: its sound, its card, and what passes in it."""
        await self.page.wait_for_selector(CONNECTED)
        await self.page.wait_for_selector("desk-hand-over .reason")
        await settle(lambda: bool(call.stream.onlookers))

    async def commanded(self, name: str, count: int = 1) -> dict[str, Any]:
        """What came with the command, once it has come so many times."""
        async with asyncio.timeout(PATIENCE):
            while len(found := [body for said, body in self.center.commands if said == name]) < count:
                await asyncio.sleep(0.01)
        return found[-1]

    async def held_back(self, address: str) -> asyncio.Event:
        """What the page asks of such an address is answered once the event is set."""
        answered = asyncio.Event()

        async def late(route: Route) -> None:
            await answered.wait()
            await route.continue_()

        await self.page.route(address, late)
        return answered

    async def lines(self) -> list[str]:
        """The final lines on the page."""
        return await self.page.locator(f"{LINES} .said").all_inner_texts()

    async def until(self, script: str, within: float = PATIENCE) -> None:
        """Wait until a script says so. (Playwright's own way evaluates text in the page, which our policy forbids.)"""
        async with asyncio.timeout(within):
            while not await self.page.evaluate(script):
                await asyncio.sleep(0.02)

    async def see(self, text: str, where: str = "#page") -> None:
        """Wait until it stands there."""
        await self.page.locator(where).filter(has_text=text).first.wait_for()


async def settle(condition: Callable[[], bool], within: float = PATIENCE) -> None:
    """Wait until something outside the page has come about."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def desk_room(
    page_for: Any,
    *,
    center: Center | None = None,
    call: Call | None = None,
    signed_in: bool = True,
    embed_origins: tuple[str, ...] = (),
    address: str = "/desk",
    script: str = "",
    **options: Any,
) -> AsyncIterator[Room]:
    """The desk of one agent; with ``call`` they are in it already, as after loading the page again. ``script`` runs
    before the page's own."""
    center = center or Center()
    if call is not None:
        center.connect(call)
    async with serving(application(center, embed_origins)) as base:

        async def sign_in(context: BrowserContext) -> None:
            if script:
                await context.add_init_script(script)
            if signed_in:
                await context.add_cookies([{"name": COOKIE, "value": "x", "url": base}])

        page = await page_for(f"{base}{address}", sign_in=sign_in, **{"locale": "ko-KR", **options})
        if signed_in:
            await page.wait_for_selector("[data-part=link][data-state=live]")
        try:
            yield Room(center, base, page)
        finally:
            await page.context.close()
