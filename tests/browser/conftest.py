"""Fixtures for tests of pages: a browser for a module, and pages of people, each with cookies of their own.

The tests of a module share one loop and one browser: ``pytestmark = pytest.mark.asyncio(loop_scope="module")``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Literal, Protocol

import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI
from playwright.async_api import Browser, BrowserContext, Page

from gateway.pages.site import pages_router
from tests.browser.chromium import PATIENCE, Watch, chromium, serious
from tests.web import served


class PageFor(Protocol):
    """Opens a page for somebody, in a browser context of its own; ``sign_in`` gives that context its cookies."""

    async def __call__(
        self,
        address: str,
        *,
        sign_in: Callable[[BrowserContext], Awaitable[None]] | None = None,
        locale: str = "en-US",
        scheme: Literal["light", "dark"] = "light",
        size: tuple[int, int] = (1280, 800),
    ) -> Page: ...


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser whose microphone beeps."""
    async with chromium() as opened:
        yield opened


@pytest.fixture
def watch() -> Watch:
    """What goes wrong in this test's pages; ``watch.expect`` what is meant to."""
    return Watch()


@pytest_asyncio.fixture(loop_scope="module")
async def page_for(browser: Browser, watch: Watch) -> AsyncIterator[PageFor]:
    """Opens pages; afterwards nothing may have gone wrong in any of them."""
    async with AsyncExitStack() as stack:

        async def open_page(
            address: str,
            *,
            sign_in: Callable[[BrowserContext], Awaitable[None]] | None = None,
            locale: str = "en-US",
            scheme: Literal["light", "dark"] = "light",
            size: tuple[int, int] = (1280, 800),
        ) -> Page:
            context = await browser.new_context(
                locale=locale,
                color_scheme=scheme,
                viewport={"width": size[0], "height": size[1]},
                timezone_id="Asia/Seoul",
                permissions=["microphone"],
            )
            stack.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE * 1000)
            await watch.over(context)
            if sign_in is not None:
                await sign_in(context)
            page = await context.new_page()
            await page.goto(address)
            return page

        yield open_page
    assert watch.wrong() == []


@pytest.fixture
def axe() -> Callable[[Page], Awaitable[list[dict[str, Any]]]]:
    """What axe finds that keeps people out of a page; an empty list is what a test wants."""
    return serious


@pytest_asyncio.fixture(loop_scope="module")
async def serve_pages() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Serves the pages together with routers of the test's own, which play the server; returns the address."""
    async with AsyncExitStack() as stack:

        async def serve(*routers: APIRouter) -> str:
            app = FastAPI()
            app.include_router(pages_router())
            for router in routers:
                app.include_router(router)
            return await stack.enter_async_context(served(app))

        yield serve
