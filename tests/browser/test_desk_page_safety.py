"""Hostile words at the desk's page: whatever a caller says or a document holds is text, and nothing but text."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from typing import Any

import pytest
from fastapi import FastAPI, Response
from playwright.async_api import expect

from tests.browser.desk_calls import Call, korean_call
from tests.browser.desk_room import LINES, desk_room
from tests.browser.desk_stand_in import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

CORPUS = (
    "<script>window.struck=1</script>",
    "<img src=x onerror=window.struck=1>",
    "<svg onload=window.struck=1>",
    "<svg><script>window.struck=1</script></svg>",
    "\"><img src=x onerror='window.struck=1'>",
    "'-window.struck=1-'",
    "javascript:window.struck=1",
    "<a href=javascript:window.struck=1>눌러 주세요</a>",
    "<iframe srcdoc='<script>parent.struck=1</script>'></iframe>",
    "<body onload=window.struck=1>",
    "<details open ontoggle=window.struck=1>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.struck=1>",
    "<style>*{display:none}</style>",
    "</p></div><h1>속임</h1>",
    "{{constructor.constructor('window.struck=1')()}}",
    "${window.struck=1}",
    "&lt;img src=x onerror=window.struck=1&gt;",
    "<template><img src=x onerror=window.struck=1></template>",
    "<desk-board></desk-board>",
    "\u202e<img src=x onerror=window.struck=1>\u202c",
    "__proto__",
)

FOREIGN = (
    "img:not([src='/static/common/mark.svg']), iframe, svg, math, #page script, #page style, a[href^=java], h1 + h1"
)


async def unharmed(page: Any) -> None:
    assert await page.evaluate("window.struck") is None
    assert await page.locator(FOREIGN).count() == 0
    assert await page.locator("desk-board").count() == 1


async def test_the_corpus_as_speech_is_shown_as_it_was_said(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        partial = room.page.locator("desk-transcript .partials .said")
        for text in CORPUS:
            call.partial(text)
            call.partial(text, who="agent")
        await expect(partial).to_have_text([CORPUS[-1]] * 2)
        for text in CORPUS:
            call.says(text)
            call.says(text, who="agent", language=text)
            call.happens("agent.joined", agent=text, role=text)
        call.says("여기까지입니다")  # stands nowhere else in the transcript, its notes included
        await room.see("여기까지입니다", LINES)
        said = await room.page.locator(f"{LINES} .said").all_text_contents()
        assert said[-1 - 2 * len(CORPUS) : -1] == [text for text in CORPUS for _ in (0, 1)]
        await unharmed(room.page)


def hostile_call() -> Call:
    """Every text of the corpus in every place that holds words."""
    call = korean_call()
    everything = " ".join(CORPUS)
    call.card |= {
        "caller": everything,
        "queue": everything,
        "reason": everything,
        "line": {"name": everything, "number": everything},
        "live_summary": everything,
        "sentiment": {"label": "negative", "why": everything},
        "slots": {text: text for text in CORPUS},
        "script": [{"id": text, "text": text, "said": False} for text in CORPUS],
        "actions": [
            {"name": text, "title": {"ko": text, "en": text}, "arguments": {"properties": {text: {}}}}
            for text in CORPUS
        ],
        "parties": [{"who": text, "role": "agent"} for text in CORPUS],
    }
    call.card["summary"] |= {"wish": everything, "tried": CORPUS, "promised": CORPUS, "earlier": CORPUS}
    return call


async def test_the_corpus_as_everything_else_is_text(page_for):
    """As the caller's name, what is known, the script, an action, a card, and what a search finds."""
    everything = " ".join(CORPUS)
    sources = [{"title": text, "document": text, "excerpt": text, "effective_from": None} for text in CORPUS]
    async with desk_room(page_for) as room:
        room.center.search_results = sources
        page, call = room.page, await room.ring(hostile_call(), wish=everything)

        async def texts(where: str) -> list[str]:
            return await page.locator(where).all_text_contents()

        assert await texts("desk-offer .who") == await texts("desk-offer .wish") == [everything]
        await page.click("desk-offer .button.primary")
        await room.in_call(call)
        for place in (
            "desk-controls .caller",
            "desk-hand-over .reason",
            "desk-hand-over .wish",
            "desk-hand-over .summary",
        ):
            assert await texts(place) == [everything]
        for place in (
            "desk-hand-over ol li",
            "desk-hand-over .promises li",
            "desk-script .line",
            "desk-actions .action-list button",
        ):
            assert await texts(place) == list(CORPUS)
        for text, source in zip(CORPUS, sources, strict=True):
            call.stream.tell(
                "card", {"card": text, "kind": "answer", "text": text, "source": source, "confidence": 0.5}
            )
        await room.until(f"document.querySelector('desk-assist .advice').textContent === {json.dumps(CORPUS[-1])}")
        assert await texts("desk-assist cite") == await texts("desk-assist blockquote") == [CORPUS[-1]]
        await page.fill("#search-box", everything[:200])
        await page.keyboard.press("Enter")
        await page.wait_for_selector("desk-search .found li")
        assert await texts("desk-search blockquote") == await texts("desk-search cite") == list(CORPUS)
        for i in range(len(CORPUS)):
            await page.locator("desk-actions .action-list button").nth(i).click()
            await page.locator("desk-actions form").get_by_role("button", name="취소").click()
        await unharmed(page)


def parent_page(address: str) -> FastAPI:
    """A CRM that shows the desk in a frame, greets it, and keeps what it is told."""
    app = FastAPI()

    @app.get("/")
    def page() -> Response:
        return Response(
            f"""<!doctype html><title>CRM</title><link rel=icon href="data:,">
            <iframe id=desk src="{address}/desk" allow="microphone" width=1000 height=700></iframe><script>
            window.told = [];
            addEventListener("message", (event) => told.push([event.origin, event.data]));
            setInterval(() => document.getElementById("desk").contentWindow.postMessage({{type: "aicc.desk.hello"}},
              "{address}"), 100);
            </script>""",
            media_type="text/html",
        )

    return app


async def test_the_page_that_embeds_the_desk_is_told_what_happens_and_nothing_that_was_said(page_for):
    async with AsyncExitStack() as stack:
        parent = FastAPI()
        outside = await stack.enter_async_context(serving(parent))
        room = await stack.enter_async_context(desk_room(page_for, embed_origins=(outside,)))
        parent.mount("/", parent_page(room.base))
        page = room.page
        await page.goto(outside)
        desk = page.frame_locator("#desk")
        await desk.locator("[data-part=link][data-state=live]").wait_for()
        await room.until("told.length > 0")
        room.center.ring(korean_call())
        await desk.locator("desk-offer .button.primary").click()
        await desk.locator("[data-part=phone][data-state=live]").wait_for()
        room.center.hang_up()
        await desk.locator("desk-wrap-up button[type=submit]").click()
        await room.until("told.some(([, message]) => message.type === 'aicc.desk.ended')")
        told = await page.evaluate("told.filter(([, message]) => message.type !== 'aicc.desk.ready')")
        assert {origin for origin, _ in told} == {room.base}
        assert [message for _, message in told] == [
            {"type": "aicc.desk.offer", "offer": "offer-1", "item": "item-1", "queue": "orders", "language": "ko",
             "reason": "low_confidence"},
            {"type": "aicc.desk.accepted", "item": "item-1", "call": "call-1"},
            {"type": "aicc.desk.ended", "call": "call-1"},
        ]  # fmt: skip


async def test_no_other_page_can_embed_the_desk(page_for, watch):
    watch.expect("frame-ancestors|ERR_BLOCKED_BY_RESPONSE|postMessage|target origin")
    async with AsyncExitStack() as stack:
        room = await stack.enter_async_context(desk_room(page_for, embed_origins=("https://crm.example",)))
        address = await stack.enter_async_context(serving(parent_page(room.base)))
        async with room.page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            await room.page.goto(address)
        assert await room.page.evaluate("told.filter(([, message]) => message.type.startsWith('aicc'))") == []
        await room.page.goto("about:blank")


async def test_a_greeting_from_a_window_that_is_not_the_parent_gets_no_answer(page_for):
    async with desk_room(page_for) as room:
        await room.page.evaluate("window.told = []; addEventListener('message', (event) => told.push(event.data))")
        await room.page.evaluate("window.postMessage({type: 'aicc.desk.hello'}, '*')")
        await room.ring()
        told = await room.page.evaluate("told")
        assert told == [{"type": "aicc.desk.hello"}]


async def test_the_desk_asks_nobody_but_its_own_server(page_for):
    asked: set[str] = set()
    async with desk_room(page_for) as room:
        room.page.on("request", lambda request: asked.add(request.url.split("/")[2]))
        await room.page.reload()
        await room.page.wait_for_selector("desk-queues")
        await room.take()
        assert asked == {room.base.removeprefix("http://")}
