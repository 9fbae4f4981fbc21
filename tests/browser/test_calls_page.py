"""The page of past calls in a real browser, against a server that speaks the contract."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.calls_stage import CallsStage, a_call
from tests.browser.chromium import Watch
from tests.browser.conftest import PageFor
from tests.browser.wall_stage import HOSTILE, empty_page

pytestmark = pytest.mark.asyncio(loop_scope="module")

expect.set_options(timeout=15_000)  # a machine that others use as well is slow, not wrong

OpenCalls = Callable[..., Awaitable[Page]]
Axe = Callable[[Page], Awaitable[list[dict[str, Any]]]]

ROWS = "call-list tbody tr"


@pytest.fixture
def stage() -> CallsStage:
    return CallsStage()


# The server is asked for first, so that the pages are gone before it is.
@pytest_asyncio.fixture(loop_scope="module")
async def calls(serve_pages: Any, page_for: PageFor, stage: CallsStage) -> OpenCalls:
    base = await serve_pages(stage.router)

    async def open_calls(query: str = "", **how: Any) -> Page:
        return await page_for(f"{base}/calls{query}", **how)

    return open_calls


async def until(page: Page, expression: str) -> None:
    """Wait until an expression is true; the pages forbid to be asked from within, for that makes scripts of strings."""
    async with asyncio.timeout(15):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.02)


async def at(page: Page, seconds: float) -> None:
    """Wait until the replay is at a place, give or take a little."""
    await until(page, f"Math.abs(document.querySelector('call-player')?.at - {seconds}) < 0.3")


async def opened(page: Page) -> None:
    """Wait until a call is shown: then its heading has the focus."""
    await expect(page.locator("call-replay h1")).to_be_focused()


async def test_the_list_says_of_each_call_what_it_came_to(calls: OpenCalls) -> None:
    page = await calls()
    rows = page.locator(ROWS)
    await expect(rows).to_have_count(4)
    for text in (
        "+821*****5678",
        "배송비가 얼마예요?",
        "김민지",
        "Orders and delivery",
        "Callback promised",
        "44%",
        "low",
    ):
        await expect(rows.nth(0)).to_contain_text(text)
    for text in ("Withheld", "Assistant", "Completed", "88%", "0:41"):
        await expect(rows.nth(1)).to_contain_text(text)
    await expect(rows.nth(2)).to_contain_text("+821*****0000")
    await expect(rows.nth(2)).to_contain_text("Nothing was said")
    await expect(rows.nth(3)).to_contain_text("Live")


async def test_a_search_asks_for_its_filters_and_stands_in_the_address(calls: OpenCalls, stage: CallsStage) -> None:
    page = await calls("?from=2026-11-20&to=2026-11-20&text=배송&queue=orders")
    await expect(page.get_by_label("Words")).to_have_value("배송")
    await expect(page.get_by_label("Queue")).to_have_value("orders")
    await page.wait_for_selector(ROWS)
    # Seoul is nine hours ahead, and the last day is included.
    assert stage.searches == [
        {"from": "2026-11-19T15:00:00.000Z", "to": "2026-11-20T15:00:00.000Z", "text": "배송", "queue": "orders"}
    ]
    await page.get_by_label("Agent", exact=True).fill("김민지")
    await page.get_by_label("Language", exact=True).select_option("ko")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator(ROWS)).to_have_count(4)
    assert {"agent": "김민지", "language": "ko"}.items() <= stage.searches[-1].items()
    await expect(page).to_have_url(re.compile("agent=%EA%B9%80"))
    await page.get_by_role("button", name="Show more").click()
    await expect(page.locator(ROWS)).to_have_count(5)
    assert stage.searches[-1]["before"] == "c4"
    await expect(page.get_by_role("button", name="Show more")).to_be_hidden()


async def test_a_search_that_is_refused_or_finds_nothing_says_so(
    calls: OpenCalls, stage: CallsStage, watch: Watch
) -> None:
    watch.expect("422")
    stage.calls = []
    page = await calls()
    await expect(page.locator("call-list")).to_contain_text("No calls fit")
    stage.refuse["search"] = (422, "search_too_wide")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("aicc-entrance")).to_contain_text("too much to search through")
    await expect(page.get_by_role("button", name="Search")).to_be_visible()


async def test_a_call_opens_under_an_address_of_its_own_and_back_leads_to_the_list(calls: OpenCalls) -> None:
    page = await calls("?text=배송")
    await page.locator(f"{ROWS} a").first.click()
    await opened(page)
    await expect(page).to_have_url(re.compile("text=.*call=c1"))
    await expect(page.locator("call-list")).to_be_hidden()
    await page.go_back()
    await expect(page.locator(ROWS)).to_have_count(4)
    await page.go_forward()
    await expect(page.locator(".said-row").first).to_be_visible()
    await page.get_by_role("link", name="Back to the list").click()
    await expect(page.locator(ROWS).first).to_be_visible()
    await expect(page).not_to_have_url(re.compile("call="))


async def test_the_transcript_follows_the_recording_and_leads_to_any_place_of_it(
    calls: OpenCalls, stage: CallsStage
) -> None:
    page = await calls("?call=c1")
    await opened(page)
    current = page.locator(".said-row[aria-current=true]")
    await expect(page.locator("[data-part=time]")).to_have_text("0:00 / 1:04")
    await page.locator(".said-row .said", has_text="배송비가 얼마예요?").click()
    await at(page, 5)
    await expect(current).to_contain_text("배송비가 얼마예요?")
    slider = page.get_by_role("slider")
    await slider.focus()
    await page.keyboard.press("ArrowRight")
    await at(page, 10)
    await expect(current).to_contain_text("5만 원 이상")
    await page.keyboard.press("End")
    await at(page, 64)
    await expect(current).to_contain_text("택배사에 확인해서")
    await page.keyboard.press("Home")
    await at(page, 0)
    box = await slider.bounding_box()
    assert box is not None
    await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
    await at(page, 32)
    await page.get_by_role("button", name="Go to 0:25").first.click()
    await at(page, 25)
    await page.keyboard.press("Alt+P")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await until(page, "document.querySelector('call-player').at > 25.4")
    await page.keyboard.press("Alt+P")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert all(asked and asked.startswith("bytes=") for asked in stage.ranges)


async def test_an_address_leads_to_what_an_event_of_the_call_tells(calls: OpenCalls, stage: CallsStage) -> None:
    answers = [event for event in stage.events["c1"] if event["kind"] == "reply.decided"]
    page = await calls(f"?call=c1&event={answers[1]['seq']}")
    await at(page, 9)
    await expect(page.locator(".said-row[aria-current=true]")).to_contain_text("5만 원 이상")
    page = await calls("?call=c1&event=drop")
    await opened(page)
    await expect(page.locator(".said-row").first).to_be_visible()
    await at(page, 0)


async def test_who_scrolls_is_not_pulled_back_until_they_ask(calls: OpenCalls) -> None:
    page = await calls("?call=c1", size=(1280, 640))
    await page.emulate_media(reduced_motion="reduce")  # it scrolls at once, or not at all
    await opened(page)
    follow = page.get_by_role("button", name="Follow")
    await expect(follow).to_have_attribute("aria-pressed", "true")
    await page.locator(".spoken").hover()
    await page.mouse.wheel(0, 200)
    await expect(follow).to_have_attribute("aria-pressed", "false")
    await page.get_by_role("slider").focus()
    await page.keyboard.press("End")
    await at(page, 64)
    await expect(page.locator(".said-row[aria-current=true]")).to_contain_text("택배사에 확인해서")
    end = "(list) => list.scrollTop + list.clientHeight > list.scrollHeight - 400"
    assert not await page.locator(".spoken").evaluate(end)
    await follow.click()
    await until(page, f"({end})(document.querySelector('.spoken'))")


async def test_every_decision_shows_its_confidence_signals_and_sources(calls: OpenCalls) -> None:
    page = await calls("?call=c1")
    row = page.locator(".said-row", has_text="5만 원 이상")
    await expect(row.locator("s")).to_have_text("그보다 적으면 3,000원입니다. 더 궁금하신 점이 있으신가요?")
    await expect(row.locator("summary")).to_contain_text("confidence 91%")
    await row.locator("summary").click()
    for text in (
        "배송비 안내",
        "5만 원 이상 주문은",
        "retrieval",
        "0.94",
        "end of turn 410 ms",
        "Release r-2026-11-18",
    ):
        await expect(row.locator("details")).to_contain_text(text)
    await page.get_by_role("button", name="Show all decisions").click()
    await expect(page.locator("details[open]")).to_have_count(3)
    await expect(page.locator(".said-row", has_text="일주일째")).to_contain_text("recognized with 52%")


async def test_hand_overs_actions_and_who_listened_are_told(calls: OpenCalls) -> None:
    page = await calls("?call=c1")
    details = page.locator("call-details")
    for text in (
        "김민지 took it after 10 sec",
        "고객은 일주일째",
        "오늘 안에 연락",
        "offered to jiu · no response",
        "look_up_order",
        "Failed",
        "the shop did not answer within 2 s",
    ):
        await expect(details).to_contain_text(text)
    supervisor = details.locator("article", has_text="Sooah Kim")
    await expect(supervisor).to_contain_text("Supervisor")
    await expect(supervisor.locator("li")).to_have_count(2)
    await expect(supervisor).to_contain_text("Listening")
    await expect(supervisor).to_contain_text("Whispering")
    notes = page.locator(".note-row")
    for text in (
        "Understood as: delivery (100%)",
        "The caller spoke over it",
        "Action started: look_up_order",
        "Waiting for a person: Orders and delivery",
    ):
        await expect(notes.filter(has_text=text)).to_have_count(1)
    await expect(notes.filter(has_text="Sooah Kim came in: Listening")).to_have_count(1)


async def test_a_hand_over_that_nobody_took_is_told_as_such_once_the_call_is_over(
    calls: OpenCalls, stage: CallsStage
) -> None:
    kept = {"call.offered", "handoff.queued", "handoff.offered", "call.ended"}
    stage.events["c1"] = [event for event in stage.events["c1"] if event["kind"] in kept]
    page = await calls("?call=c1")
    await expect(page.locator("call-details")).to_contain_text("Nobody took it")


async def test_a_number_is_shown_to_who_gives_a_reason(calls: OpenCalls, stage: CallsStage, watch: Watch) -> None:
    watch.expect("404")
    page = await calls("?call=c1")
    await page.get_by_role("button", name="Show the number").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Show").click()  # a reason is asked for by the field itself
    stage.refuse["reveal"] = (404, "nothing_to_reveal")
    await dialog.get_by_label("Reason").fill("고객 요청으로 회신")
    await dialog.get_by_role("button", name="Show").click()
    await expect(dialog).to_contain_text("no number that you may see")
    stage.refuse.clear()
    await dialog.get_by_role("button", name="Show").click()
    await expect(page.locator("call-details")).to_contain_text("+82 10-1234-5678")
    assert stage.reveals == [{"call": "c1", "field": "caller", "reason": "고객 요청으로 회신"}] * 2


async def test_a_call_without_a_recording_is_told_all_the_same(calls: OpenCalls, stage: CallsStage) -> None:
    stage.calls[0]["recorded"] = False
    stage.events["c1"] = [event for event in stage.events["c1"] if not event["kind"].startswith("recording.")]
    page = await calls("?call=c1")
    await opened(page)
    await expect(page.locator("call-player")).to_contain_text("This call was not recorded")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_hidden()
    await page.locator(".said-row .when").nth(3).click()
    await expect(page.locator(".said-row[aria-current=true]")).to_have_count(1)
    assert stage.ranges == []


async def test_hostile_words_stay_text(calls: OpenCalls, stage: CallsStage) -> None:
    stage.calls = [a_call("c1", opening=HOSTILE, agents=[HOSTILE], caller=HOSTILE, queue=HOSTILE)]
    for event in stage.events["c1"]:
        event["payload"] = {
            name: HOSTILE if isinstance(value, str) and name not in {"handoff", "agent", "action"} else value
            for name, value in event["payload"].items()
        }
    stage.events["c1"].append({**stage.events["c1"][-1], "seq": 999, "kind": HOSTILE})
    page = await calls()
    await expect(page.locator(ROWS)).to_contain_text("<img src=x")
    await page.locator(f"{ROWS} a").first.click()
    await expect(page.locator(".said-row").first).to_contain_text("<img src=x")
    await page.get_by_role("button", name="Show all decisions").click()
    await expect(page.locator(".note-row").last).to_contain_text("<script>")
    assert await page.locator("main :is(img, script, iframe)").count() == 0
    assert "broken" not in await page.title()


async def test_a_call_that_one_may_not_see_and_who_is_not_signed_in(
    calls: OpenCalls, stage: CallsStage, watch: Watch
) -> None:
    watch.expect("40[14]")
    stage.quick.clear()
    page = await calls("?call=nope")
    refused = page.locator("aicc-entrance").get_by_text("no such call that you may see")
    await expect(refused).to_be_visible()
    stage.quick.set()
    await expect(page.locator(ROWS)).to_have_count(4)
    await expect(refused).to_be_visible()
    stage.refuse["search"] = (401, "not_signed_in")
    page = await calls()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.locator("desk-sign-in .brand small")).to_have_text("Calls")
    await expect(page.locator("call-search")).to_be_hidden()


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_kept_out(calls: OpenCalls, axe: Axe, locale: str, scheme: str) -> None:
    page = await calls(locale=locale, scheme=scheme)
    await page.wait_for_selector(ROWS)
    assert await axe(page) == []
    await page.locator(f"{ROWS} a").first.click()
    await page.locator(".said-row summary").nth(1).click()
    assert await axe(page) == []


async def test_at_twice_the_size_everything_is_still_there(calls: OpenCalls) -> None:
    page = await calls("?call=c1", size=(640, 400), locale="ko-KR")  # 1280 × 800 at 200 %
    await expect(page.locator(".said-row").first).to_be_visible()
    await page.get_by_role("button", name="판단 근거 펼치기").click()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("link", name="목록").click()
    await page.wait_for_selector(ROWS)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_what_was_said_is_placed_by_recognized_words_or_by_its_length(
    serve_pages: Any, page_for: PageFor
) -> None:
    page = await page_for(f"{await serve_pages(empty_page())}/empty")
    told = await page.evaluate("""async () => {
      const { replay, saidAt } = await import('/static/calls/timeline.js');
      const log = [];
      const add = (at, kind, payload = {}) => log.push(
        {call: 'c', seq: log.length + 1, at: new Date(1e12 + at * 1000).toISOString(), kind, payload});
      add(0, 'call.offered');
      add(1, 'reply.decided', {reply: 1, text: 'Hello there.'});
      add(2, 'reply.started', {reply: 1});
      add(3, 'recording.started', {at: 100});
      add(4, 'reply.heard', {reply: 1, text: 'Hello', complete: false});
      add(8, 'transcript.final', {words: [{start: 101.5, end: 102}, {start: 102.5, end: 103}]});
      add(8.5, 'caller.turn', {text: 'good morning', language: 'en', confidence: 0.9});
      add(12, 'transcript.final', {words: [{start: 900, end: 901}]});
      add(12.5, 'caller.turn', {text: '네 맞아요', language: 'ko', confidence: 0.9});
      add(13, 'caller.turn', {text: '', silent: true});
      const told = replay(log);
      const rows = told.rows.map((row) => [row.type, row.seq, +row.from.toFixed(2), +row.until.toFixed(2)]);
      const heard = told.rows.find((row) => row.type === 'said' && row.speaker === 'bot');
      const at = [-5, 0, 1.7, 9.4].map((seconds) => saidAt(told.rows, seconds)?.seq ?? null);
      return { rows, at, heard: [heard.text, heard.unheard], empty: replay([]).rows, seconds: told.seconds };
    }""")
    assert told["rows"] == [
        ["said", 3, -1, 1],
        ["note", 4, 0, 0],
        ["said", 7, 1.5, 3],
        ["said", 9, 8.25, 9.1],  # words that cannot be this turn's are not believed
        ["note", 10, 10, 10],
    ]
    assert told["at"] == [None, 3, 7, 9]
    assert told["heard"] == ["Hello", "there."]
    assert (told["empty"], told["seconds"]) == ([], 10)


async def test_a_search_survives_its_address(serve_pages: Any, page_for: PageFor) -> None:
    page = await page_for(f"{await serve_pages(empty_page())}/empty")
    told = await page.evaluate("""async () => {
      const { fresh, fromAddress, toAddress, toQuery } = await import('/static/calls/filters.js');
      const now = new Date(2026, 2, 3, 12);
      const filters = {...fresh(now), text: '배송 & 100%', caller: ' 5678 '};
      const again = fromAddress(toAddress(filters, 'c 1'), now);
      return [fresh(now), again, toQuery(filters), fromAddress('', now).from, fromAddress('?text=a', now).from];
    }""")
    nothing = {"caller": "", "agent": "", "queue": "", "disposition": "", "language": "", "text": ""}
    assert told[0] == {**nothing, "from": "2026-02-25", "to": "2026-03-03"}
    assert told[1] == {**told[0], "text": "배송 & 100%", "caller": " 5678 "}
    assert told[2]["caller"] == "5678"
    assert (told[2]["from"], told[2]["to"]) == ("2026-02-24T15:00:00.000Z", "2026-03-03T15:00:00.000Z")
    assert told[3:] == ["2026-02-25", ""]


async def test_bars_of_a_waveform_keep_its_loudest_moments(serve_pages: Any, page_for: PageFor) -> None:
    page = await page_for(f"{await serve_pages(empty_page())}/empty")
    drawn = await page.evaluate("""async () => {
      const { bars } = await import('/static/calls/waveform.js');
      return [bars([], 3), bars([0, 1, 0, 0.5, 0.2, 0], 3), bars([0.3, 0.7], 4)];
    }""")
    assert drawn == [[], [1, 0.5, 0.2], [0.3, 0.3, 0.7, 0.7]]


async def test_what_comes_later_disturbs_nobody_who_has_begun_to_read(calls: OpenCalls, stage: CallsStage) -> None:
    stage.quick.clear()
    page = await calls("?call=c1")
    await opened(page)
    row = page.locator(".said-row", has_text="5만 원 이상")
    await row.locator("summary").click()
    await page.get_by_role("slider").focus()
    stage.quick.set()
    await expect(page.locator(".note-row", has_text="Waiting for a person: Orders and delivery")).to_have_count(1)
    await until(page, "document.querySelector('call-waveform').channels.length === 2")
    await expect(row.locator("details")).to_have_attribute("open", "")
    await expect(page.get_by_role("slider")).to_be_focused()


async def test_how_a_call_was_judged_stands_beside_it_with_the_places_that_show_it(calls: OpenCalls, axe: Axe) -> None:
    page = await calls("?call=c1")
    judged = page.locator("call-quality")
    for text in (
        "Agents' service",
        "Failed",
        "50",
        "2026-11",
        "No silence over ten seconds",
        "13.0 s",
        "Does not apply",
    ):
        await expect(judged).to_contain_text(text)
    await expect(judged).to_contain_text(HOSTILE)  # as text, and nothing else
    await judged.locator("li", has_text="Connected within 20 seconds").locator("button.when").click()
    await at(page, 35.0)  # somebody took it 36 s after the call began, which the recording did at 1 s
    assert await axe(page) == []


async def test_who_may_decides_otherwise_with_a_reason_and_the_score_follows(
    calls: OpenCalls, stage: CallsStage
) -> None:
    page = await calls("?call=c1")
    await page.get_by_role("button", name="Answer the objection to: No silence over ten seconds").click()
    await expect(page.get_by_label("Verdict")).to_have_value("met")
    await page.get_by_label("Reason, which is kept").fill("the caller looked for their card")
    await page.get_by_role("button", name="Keep it").click()
    judged = page.locator("call-quality")
    await expect(judged).to_contain_text("Passed")
    await expect(judged).to_contain_text("Missed → Met, by sooah: the caller looked for their card")
    assert stage.decisions == [
        {
            "call": "c1",
            "rubric": "agents",
            "criterion": "silence",
            "verdict": "met",
            "reason": "the caller looked for their card",
        }
    ]


async def test_a_decision_that_is_refused_says_why_and_is_not_lost(
    calls: OpenCalls, stage: CallsStage, watch: Watch
) -> None:
    watch.expect("409")
    stage.refuse["override"] = (409, "contact_still_open")
    page = await calls("?call=c1")
    await page.get_by_role("button", name="Answer the objection to: No silence over ten seconds").click()
    await page.get_by_label("Reason, which is kept").fill("because")
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.locator("call-quality dialog")).to_contain_text("Try again in a minute")
    await expect(page.get_by_label("Reason, which is kept")).to_have_value("because")


async def test_who_may_not_decide_and_calls_that_nobody_judged(calls: OpenCalls, stage: CallsStage) -> None:
    stage.judged["may"] = {"override": False, "appeal": False}
    page = await calls("?call=c1")
    await expect(page.locator("call-quality")).to_contain_text("Failed")
    await expect(page.get_by_role("button", name="Decide about")).to_have_count(0)
    await page.goto(page.url.replace("call=c1", "call=c2"))
    await expect(page.locator("call-details")).to_contain_text("41 sec")
    await expect(page.locator("call-quality section")).to_have_count(0)
