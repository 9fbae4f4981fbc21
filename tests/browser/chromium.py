"""Real Chromium from the system, and what the tests of pages watch in it.

Every page is watched: a breach of the content security policy, an error in its console or an exception nobody caught
fails the test that looks at the watch (``page_for`` does so when the test is over).
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.clients import require

SERIOUS = {"serious", "critical"}
"""Impacts of axe's rules that no page may have."""

FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--no-sandbox",
)

PATIENCE = 15.0
"""Seconds for which something on a page is waited for; a machine may be busy with other things."""

expect.set_options(timeout=PATIENCE * 1000)

_DRAWN = """Promise.all(
  document.getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().endTime < Infinity)
    .map(({ finished }) => finished.catch(() => null)),
).then(() => null)"""

_COLLECT_BREACHES = """
addEventListener("securitypolicyviolation", (event) =>
  console.error("breach of the content security policy", event.violatedDirective, event.blockedURI, event.sample));
"""

_GIVEN_UP = re.compile(r"WebSocket is closed before the connection is established")
"""Chromium warns of it."""


@asynccontextmanager
async def chromium(microphone: Path | None = None) -> AsyncIterator[Browser]:
    """A browser; its microphone plays ``microphone`` (a WAV file) once, or beeps."""
    program = require("chromium", "chromium")
    played = [f"--use-file-for-fake-audio-capture={microphone}%noloop"] if microphone else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*FLAGS, *played])
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Watch:
    """What went wrong in a page, but for what was expected to: a page may give up a connection that it has begun."""

    expected: list[re.Pattern[str]] = field(default_factory=lambda: [_GIVEN_UP])
    _seen: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """A test that cuts the network, or asks for what is refused, expects the browser to say so."""
        self.expected.append(re.compile(pattern))

    def wrong(self) -> list[str]:
        """All that was not expected."""
        return [said for said in self._seen if not any(pattern.search(said) for pattern in self.expected)]

    async def over(self, context: BrowserContext) -> None:
        """Watch all pages of a browser's context."""
        await context.add_init_script(_COLLECT_BREACHES)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._seen.append(f"nobody caught: {error.error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._seen.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


async def serious(page: Page) -> list[dict[str, Any]]:
    """What axe finds in a page that keeps people out: rule, impact, where."""
    await page.evaluate(_DRAWN)  # a colour that is changing has no contrast to speak of
    results = await Axe().run(page)
    return [
        {"rule": found["id"], "impact": found["impact"], "where": [node["target"] for node in found["nodes"]]}
        for found in results.response["violations"]
        if found["impact"] in SERIOUS
    ]


async def keep_picture(page: Page, name: str) -> None:
    """Keep what a page looks like where ``AICC_TEST_PICTURES`` names a folder: to be looked at, and for the docs."""
    folder = os.environ.get("AICC_TEST_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png")


def keep_text(name: str, text: str) -> None:
    """Keep what was measured in the same place."""
    folder = os.environ.get("AICC_TEST_PICTURES")
    if folder:
        (Path(folder) / name).write_text(text, encoding="utf-8")
