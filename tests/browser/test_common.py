"""The modules that all pages share, in a real browser, against a server that the test plays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from playwright.async_api import Page, expect

from gateway.pages.site import security_headers
from tests.browser.chromium import PATIENCE, Watch
from tests.browser.conftest import PageFor

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="module")]


class Server:
    """A small world with numbered events: what was asked, and streams that end when the test says so."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.watermark = 0
        self.events: list[tuple[int | None, str, Any]] = []
        self.failing = 0
        self.cut = asyncio.Event()
        self.signed_in = True

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.get("/v1/test/snapshot")
        async def snapshot() -> dict[str, Any]:
            self.asked.append("snapshot")
            if not self.signed_in:
                raise HTTPException(401, {"code": "signed_out", "message": "sign in first"})
            return {"watermark": self.watermark}

        @router.get("/v1/test/feed")
        async def feed(request: Request, after: int) -> StreamingResponse:
            last = request.headers.get("last-event-id")
            self.asked.append(f"feed after {after if last is None else last}")
            if not self.signed_in:
                raise HTTPException(401, "sign in first")
            # It goes back further than it was asked to, as a careless server would.
            return StreamingResponse(self._told(), media_type="text/event-stream")

        @router.api_route("/v1/test/shaky", methods=["GET", "POST"])
        async def shaky(request: Request) -> dict[str, bool]:
            self.asked.append(request.method)
            self.failing -= 1
            if self.failing >= 0:
                raise HTTPException(503, {"code": "starting", "message": "wait"})
            return {"well": True}

        @router.get("/v1/test/silent")
        async def silent() -> dict[str, bool]:
            self.asked.append("silent")
            await self.cut.wait()
            return {"well": True}

        @router.get("/v1/test/half")
        async def half() -> StreamingResponse:
            return StreamingResponse(self._half(), media_type="application/json")

        @router.get("/blank")
        def blank(request: Request) -> HTMLResponse:
            policy = security_headers(request.headers["host"])
            return HTMLResponse("<!doctype html><html lang=en><title>blank</title><body></body></html>", headers=policy)

        return router

    async def _half(self) -> AsyncIterator[str]:
        yield "[1,"
        await self.cut.wait()
        yield "2]"

    async def _told(self) -> AsyncIterator[str]:
        yield "retry: 50\n\n"
        told = 0
        while not self.cut.is_set():
            for seq, kind, data in self.events[told:]:
                number = "" if seq is None else f"id: {seq}\n"
                yield f"{number}event: {kind}\ndata: {json.dumps(data)}\n\n"
            told = len(self.events)
            await asyncio.sleep(0.01)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest_asyncio.fixture(loop_scope="module")
async def address(serve_pages: Callable[..., Awaitable[str]], server: Server) -> AsyncIterator[str]:
    yield await serve_pages(server.router())
    server.cut.set()


@pytest_asyncio.fixture(loop_scope="module")
async def page(page_for: PageFor, address: str, watch: Watch) -> AsyncIterator[Page]:
    """An empty page under the policy of ours, in English."""
    watch.expect("status of (401|404|503)")
    opened = await page_for(f"{address}/blank")
    await opened.evaluate("import('/static/common/i18n.js').then(({ startLocale }) => startLocale())")
    yield opened
    await opened.evaluate("globalThis.feed?.close()")


async def until(look: Callable[[], Any]) -> Any:
    async with asyncio.timeout(PATIENCE):
        while not (seen := look()):
            await asyncio.sleep(0.01)
        return seen


async def seen(page: Page, expression: str) -> None:
    """Wait until something is true in the page. (What waits within the page itself would need ``eval`` there.)"""
    async with asyncio.timeout(PATIENCE):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.02)


OPEN_FEED = """async () => {
  const { Feed } = await import("/static/common/feed.js");
  window.told = [];
  window.feed = new Feed({
    snapshot: "/v1/test/snapshot", stream: "/v1/test/feed", numbered: ["turn"], passing: ["partial"],
  });
  for (const type of ["snapshot", "delta", "state"]) {
    feed.addEventListener(type, ({ detail }) => told.push([type, detail]));
  }
  feed.addEventListener("refused", ({ detail }) => told.push(["refused", detail.code]));
  await feed.open();
}"""


async def told(page: Page, kind: str) -> list[Any]:
    seen = await page.evaluate("told")
    return [detail for type_, detail in seen if type_ == kind]


async def test_a_feed_loses_nothing_and_tells_nothing_twice_over_a_cut(page: Page, server: Server) -> None:
    server.watermark = 3
    server.events = [(2, "turn", "old"), (3, "turn", "in the snapshot"), (4, "turn", "new"), (None, "partial", "ne")]
    await page.evaluate(OPEN_FEED)
    await seen(page, "told.filter(([type]) => type === 'delta').length === 2")
    server.cut.set()
    server.events += [(5, "turn", "while it was cut")]
    await until(lambda: server.asked[-1] == "feed after 4")
    server.cut.clear()
    await seen(page, "told.filter(([type]) => type === 'delta').length >= 4")
    deltas = await told(page, "delta")
    numbered = [(delta["seq"], delta["data"]) for delta in deltas if delta["seq"] is not None]
    assert numbered == [(4, "new"), (5, "while it was cut")]
    assert deltas[1] == {"kind": "partial", "seq": None, "data": "ne"}
    assert (await told(page, "state"))[:3] == ["live", "reconnecting", "live"]
    assert server.asked[:2] == ["snapshot", "feed after 3"]


async def test_a_server_that_cannot_go_on_from_there_makes_it_begin_again(page: Page, server: Server) -> None:
    await page.evaluate(OPEN_FEED)
    server.watermark = 40
    server.events = [(None, "reset", {})]
    await until(lambda: server.asked.count("snapshot") >= 2)
    server.events = []
    await seen(page, "told.filter(([type]) => type === 'snapshot').length >= 2")
    assert (await told(page, "snapshot"))[-1] == {"watermark": 40}


async def test_who_is_signed_out_is_told_so_and_not_asked_for_again_and_again(page: Page, server: Server) -> None:
    await page.evaluate("document.addEventListener('signedout', () => { window.out = true; })")
    server.signed_in = False
    await page.evaluate(OPEN_FEED)
    await seen(page, "told.some(([type]) => type === 'refused')")
    assert await told(page, "refused") == ["signed_out"]
    assert await page.evaluate("[feed.state, window.out]") == ["refused", True]
    assert server.asked == ["snapshot"]


async def test_reading_is_tried_once_more_and_changing_never(page: Page, server: Server) -> None:
    server.failing = 1
    got = await page.evaluate("import('/static/common/api.js').then(({ get }) => get('/v1/test/shaky'))")
    assert got == {"well": True}
    server.failing = 1
    failed = """import('/static/common/api.js').then(({ post }) => post('/v1/test/shaky'))
                .catch(({ code, message, status }) => [code, message, status])"""
    assert await page.evaluate(failed) == ["starting", "wait", 503]
    assert server.asked == ["GET", "GET", "POST"]


async def test_who_asks_says_how_long_they_wait_for_an_answer(page: Page, server: Server) -> None:
    asked = """import('/static/common/api.js').then(({ get }) => get('/v1/test/silent', { patience: 500 }))
               .catch(({ code, status }) => [code, status])"""
    assert await page.evaluate(asked) == ["timeout", 0]
    server.cut.set()
    await until(lambda: server.asked)
    assert set(server.asked) == {"silent"}


async def test_an_answer_that_is_broken_off_is_none_and_not_an_empty_one(page: Page) -> None:
    await page.evaluate(
        """async () => {
          const { get } = await import("/static/common/api.js");
          const ask = window.fetch;
          window.fetch = async (...asked) => {
            const answer = await ask(...asked);
            window.begun = true;
            return answer;
          };
          window.stop = new AbortController();
          window.got = get("/v1/test/half", { signal: stop.signal }).then((told) => [told], ({ name }) => name);
        }"""
    )
    await seen(page, "window.begun === true")
    assert await page.evaluate("stop.abort(), got") == "AbortError"


async def test_an_error_without_a_code_gets_one(page: Page) -> None:
    missing = "import('/static/common/api.js').then(({ get }) => get('/v1/nowhere')).catch(({ code }) => code)"
    assert await page.evaluate(missing) == "http_404"


async def test_elements_hold_text_and_no_markup_code_or_style(page: Page) -> None:
    made = await page.evaluate(
        """async () => {
          const { h } = await import("/static/common/element.js");
          const hostile = "<img src=x onerror=alert(1)>";
          const refused = (name, value) => {
            try { h("a", { [name]: value }); return false; } catch (error) { return error instanceof TypeError; }
          };
          return [
            h("p", {}, hostile, null, false, 0).childElementCount,
            h("p", {}, hostile).textContent === hostile,
            h("a", { href: "javascript:alert(1)" }).hasAttribute("href"),
            h("a", { href: " java\\nscript:alert(1)" }).hasAttribute("href"),
            h("a", { href: "//evil.example" }).hasAttribute("href"),
            h("a", { href: "https://example.com/" }).getAttribute("href"),
            refused("onclick", "alert(1)"), refused("style", "color: red"), refused("srcdoc", "x"),
          ];
        }"""
    )
    assert made == [0, True, False, False, False, "https://example.com/", True, True, True]


async def test_a_list_that_changes_keeps_the_elements_and_the_focus_that_it_had(page: Page) -> None:
    kept = await page.evaluate(
        """async () => {
          const { h, reconcile, setText } = await import("/static/common/element.js");
          const list = h("ul");
          document.body.append(list);
          const show = (keys) => reconcile(list, keys, (key) => key, () => h("button"), setText);
          show(["a", "b", "c"]);
          const b = list.children[1];
          b.focus();
          show(["x", "c", "b"]);
          return [[...list.children].map((one) => one.textContent), list.children[2] === b];
        }"""
    )
    assert kept == [["x", "c", "b"], True]


PRESS = """async () => {
  const { Shortcuts } = await import("/static/common/keys.js");
  window.run = [];
  window.shortcuts = new Shortcuts([
    { id: "accept", keys: "Alt+A", label: "a", run: () => run.push("accept") },
    { id: "next", keys: "N", label: "n", run: () => run.push("next") },
    { id: "close", keys: "Escape", label: "e", run: () => run.push("close"), when: () => !window.never },
  ]);
  shortcuts.listen(new AbortController().signal);
  window.field = document.createElement("input");
  document.body.append(field);
  window.press = (target, options) =>
    target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, composed: true, cancelable: true, ...options }));
}"""


async def test_shortcuts_are_safe_while_korean_is_composed_and_while_text_is_written(page: Page) -> None:
    await page.evaluate(PRESS)
    for target, options, expected in (
        ("document.body", {"code": "KeyN", "key": "n"}, ["next"]),
        ("document.body", {"code": "KeyN", "key": "ㅜ"}, ["next"]),
        ("document.body", {"code": "KeyN", "key": "ㅜ", "isComposing": True}, []),
        ("document.body", {"code": "KeyN", "key": "Process", "keyCode": 229}, []),
        ("field", {"code": "KeyN", "key": "n"}, []),
        ("field", {"code": "KeyA", "key": "ㅁ", "altKey": True}, ["accept"]),
        ("field", {"code": "KeyA", "key": "ㅁ", "altKey": True, "isComposing": True}, []),
        ("field", {"code": "Escape", "key": "Escape"}, ["close"]),
        ("document.body", {"code": "KeyN", "key": "n", "repeat": True}, []),
    ):
        await page.evaluate(f"run.length = 0; press({target}, {json.dumps(options)})")
        assert await page.evaluate("run") == expected, options
    await page.evaluate("window.never = true; press(document.body, { code: 'Escape', key: 'Escape' })")
    assert await page.evaluate("run") == []


async def test_shortcuts_can_be_changed_and_are_remembered_but_never_shared(page: Page) -> None:
    await page.evaluate(PRESS)
    assert await page.evaluate("shortcuts.change('next', 'Alt+A')") == "accept"
    assert await page.evaluate("shortcuts.change('next', 'F2')") is None
    await page.evaluate(PRESS)
    await page.keyboard.press("F2")
    assert await page.evaluate("run") == ["next"]
    assert await page.evaluate("shortcuts.change('next', ''), shortcuts.keysOf('next')") == "N"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("ko", ["2분 5초", "1시간 1분", "1:02:05", "0:07", "82%", "–", "3분 전", "한국어", "마지막 수신 1초 전"]),
        (
            "en",
            "2 min 5 sec|1 hr 1 min|1:02:05|0:07|82%|–|3 minutes ago|Korean|Last heard of 1 second ago".split("|"),
        ),
    ],
)
async def test_numbers_times_and_plurals_are_those_of_the_pages_language(
    page: Page, locale: str, expected: list[str]
) -> None:
    written = await page.evaluate(
        """async (locale) => {
          const { setLocale, t } = await import("/static/common/i18n.js");
          const { ago, clock, duration, languageName, percent } = await import("/static/common/format.js");
          await setLocale(locale);
          return [
            duration(125), duration(3665), clock(3725), clock(7.9), percent(0.8249), percent(null),
            ago(new Date(0), 180_000), languageName("ko"), t("state.stale", { count: 1 }),
          ];
        }""",
        locale,
    )
    assert written == expected


async def test_a_text_that_is_missing_is_seen_and_places_are_filled_with_text(page: Page) -> None:
    texts = await page.evaluate(
        """import("/static/common/i18n.js").then(({ t, has }) =>
             [t("no.such"), has("no.such"), t("error.unknown", { message: "<b>{count}</b>" })])"""
    )
    assert texts == ["no.such", False, "Something went wrong: <b>{count}</b>"]


async def test_what_is_urgent_is_said_first_and_too_much_is_dropped_from_the_old_end(page: Page) -> None:
    await page.evaluate(
        """async () => {
          const { announce } = await import("/static/common/live-region.js");
          window.heard = [];
          new MutationObserver((changes) => {
            for (const { target } of changes) if (target.textContent) heard.push(target.textContent);
          }).observe(document.body, { subtree: true, childList: true });
          for (const text of ["first", "a", "b", "c", "d", "e", "f"]) announce(text);
          announce("fire", { urgent: true });
        }"""
    )
    await seen(page, "heard.includes('f')")
    assert await page.evaluate("heard.filter((text) => text.length < 6)") == ["first", "fire", "c", "d", "e", "f"]


async def test_theme_and_language_are_chosen_and_remembered(page_for: PageFor, address: str, watch: Watch) -> None:
    watch.expect("status of 404")  # nobody plays the lines that can be called
    page = await page_for(f"{address}/call")
    await page.click("[data-theme-toggle]")
    await page.click("[data-theme-toggle]")
    await page.click("[data-locale=ko]")
    await page.reload()
    await expect(page.locator("[data-theme-toggle]")).to_have_text("테마: 어둡게")
    assert await page.evaluate("[document.documentElement.dataset.theme, document.documentElement.lang]") == [
        "dark",
        "ko",
    ]


async def test_sound_keeps_its_pitch_and_loudness_at_another_rate_and_what_does_not_fit_is_gone(page: Page) -> None:
    measured = await page.evaluate(
        """async () => {
          const { Resampler } = await import("/static/common/resampler.js");
          const through = (from, to, hertz) => {
            const resampler = new Resampler(from, to);
            const made = [];
            const wave = (at) => Math.sin((2 * Math.PI * hertz * at) / from);
            for (let at = 0; at < from; at += 128) {
              made.push(...resampler.push(Float32Array.from({ length: 128 }, (_, n) => wave(at + n))));
            }
            const middle = made.slice(made.length / 4, (made.length * 3) / 4);
            const rms = Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length);
            const crossings = middle.filter((sample, n) => n && sample >= 0 !== middle[n - 1] >= 0).length;
            return [made.length / to, rms * Math.SQRT2, (crossings / middle.length) * to / 2];
          };
          return [through(48_000, 16_000, 1000), through(44_100, 16_000, 1000), through(16_000, 48_000, 3000),
                  through(16_000, 44_100, 3000), through(48_000, 16_000, 11_000)];
        }"""
    )
    for (seconds, loudness, pitch), wanted in zip(measured[:4], (1000, 1000, 3000, 3000), strict=True):
        assert seconds == pytest.approx(1.0, abs=0.02)
        assert loudness == pytest.approx(1.0, abs=0.02)
        assert pitch == pytest.approx(wanted, rel=0.01)
    assert measured[4][1] < 0.01


PLAYER = """async () => {
  // The worklet's own code outside of its thread, with a clock that the test turns on.
  window.now = 0;
  Object.defineProperty(globalThis, "currentTime", { get: () => now });
  globalThis.sampleRate = 48_000;
  window.marks = [];
  globalThis.AudioWorkletProcessor = class {
    port = { postMessage: (told) => told.type === "mark" && marks.push([told.name, Math.round(now * 100) / 100]) };
  };
  globalThis.registerProcessor = (name, made) => { window.player = new made(); };
  await import("/static/common/playback-worklet.js");
  window.tell = (data) => player.port.onmessage({ data });
  window.play = (seconds, loud) => {
    for (let frame = 0; frame < Math.round(seconds * 50); frame++) {
      tell({ type: "sound", pcm: Int16Array.from({ length: 320 }, (_, n) => loud * Math.sin(n / 8)).buffer });
    }
  };
  window.pass = (seconds) => {
    const peaks = [];
    for (const end = now + seconds; now < end; now += 128 / 48_000) {
      const channel = new Float32Array(128);
      player.process([], [[channel]]);
      peaks.push(Math.max(...channel.map(Math.abs)));
    }
    return peaks;
  };
}"""


async def test_marks_come_back_when_the_sound_before_them_was_played_or_cleared(page: Page) -> None:
    await page.evaluate(PLAYER)
    marks = await page.evaluate(
        """() => {
          tell({ type: "mark", name: "at once" });
          play(1, 9000);
          tell({ type: "mark", name: "played" });
          play(1, 9000);
          tell({ type: "mark", name: "cleared" });
          pass(1.5);
          tell({ type: "clear" });
          return [marks, Math.max(...pass(0.5))];
        }"""
    )
    assert marks == [[["at once", 0], ["played", pytest.approx(1.0, abs=0.03)], ["cleared", 1.5]], 0]


async def test_what_a_stall_left_over_is_caught_up_with_in_silences_and_never_in_words(page: Page) -> None:
    await page.evaluate(PLAYER)
    marks, counts = await page.evaluate(
        """() => {
          play(1, 9000); tell({ type: "mark", name: "words" });
          play(3, 0); tell({ type: "mark", name: "silence" });
          pass(3);
          return [marks, player.counts];
        }"""
    )
    assert [at for _, at in marks] == [pytest.approx(1.0, abs=0.03), pytest.approx(1.6, abs=0.05)]
    assert counts == {"dry": 0, "dropped": 0, "skipped": pytest.approx(120, abs=2)}


async def test_no_more_than_ten_seconds_wait_and_the_oldest_sound_is_dropped_with_its_marks_told(page: Page) -> None:
    await page.evaluate(PLAYER)
    seconds, dropped, marks = await page.evaluate(
        """() => {
          play(1, 9000); tell({ type: "mark", name: "dropped" }); play(11, 9000);
          return [player.seconds, player.counts.dropped, marks];
        }"""
    )
    assert (seconds, dropped, marks) == (pytest.approx(10), 100, [["dropped", 0]])


async def test_sound_that_comes_late_makes_the_cushion_larger_and_a_pause_makes_it_smaller(page: Page) -> None:
    await page.evaluate(PLAYER)
    cushions = await page.evaluate(
        """() => {
          const after = (pause) => { pass(0.2 + pause); play(0.1, 9000); return [player.counts.dry, player.cushion]; };
          play(0.1, 9000);
          return [after(0.05), after(0.05), after(1), after(1), after(1)];
        }"""
    )
    assert [dry for dry, _ in cushions] == [1, 2, 2, 2, 2]
    assert [cushion for _, cushion in cushions] == pytest.approx([0.08, 0.1, 0.08, 0.06, 0.06])


async def test_a_word_shorter_than_the_cushion_is_heard_all_the_same(page: Page) -> None:
    await page.evaluate(PLAYER)
    peaks = await page.evaluate("() => { play(0.02, 9000); return pass(0.2); }")
    assert max(peaks) > 0.2
