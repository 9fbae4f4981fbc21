"""The caller's page in a real browser: choosing, calling, keys, marks, words, hanging up, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from gateway.session.records import EventKind
from gateway.telephony.leg import HangUpCause, HungUp, Refusal, RefusalReason
from tests.browser.callers import CallersHouse, LiveCall, callers_house, tone
from tests.browser.chromium import PATIENCE, Watch, keep_picture
from tests.browser.conftest import PageFor

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="module")]

Axe = Callable[[Page], Awaitable[list[dict[str, Any]]]]


@pytest_asyncio.fixture(loop_scope="module")
async def house() -> AsyncIterator[CallersHouse]:
    async with callers_house() as opened:
        yield opened


async def calling(house: CallersHouse, page: Page) -> LiveCall:
    """Press, and be connected."""
    await page.click("[data-action=call]")
    call = await house.arrived()
    await expect(page.locator("[data-action=hang-up]")).to_be_visible()
    return call


async def until(look: Callable[[], Any]) -> Any:
    async with asyncio.timeout(PATIENCE):
        while not (seen := look()):
            await asyncio.sleep(0.02)
        return seen


@dataclass(frozen=True)
class Words:
    """What the page and the two sides say in one language."""

    title: str
    with_bot: str
    waiting: str
    hung_up: str
    greeting: str
    partial: str
    question: str
    answer: str


WORDS = {
    "ko": Words(
        "한빛상점에 전화하기",
        "음성 상담봇과 통화 중",
        "상담원 연결 대기 중",
        "끊으셨습니다",
        greeting="안녕하세요, 한빛상점입니다. 무엇을 도와드릴까요?",
        partial="일반 배송은",
        question="일반 배송은 며칠 걸려요?",
        answer="일반 배송은 결제 후 2일에서 3일",
    ),
    "en": Words(
        "Call Hanbit Store",
        "With the assistant",
        "Waiting for a person",
        "You hung up",
        greeting="Hello, this is Hanbit Store. How can I help you?",
        partial="how long does",
        question="How long does standard delivery take?",
        answer="Standard delivery takes two to three",
    ),
}


@pytest.mark.parametrize(
    ("locale", "scheme", "line"), [("ko-KR", "light", "+827080001000"), ("en-US", "dark", "+18005550100")]
)
async def test_a_caller_chooses_a_line_in_their_language_and_talks(
    house: CallersHouse, page_for: PageFor, axe: Axe, locale: str, scheme: Literal["light", "dark"], line: str
) -> None:
    language = locale[:2]
    words = WORDS[language]
    page = await page_for(f"{house.address}/call", locale=locale, scheme=scheme)
    await expect(page.locator("h1").first).to_have_text(words.title)
    await expect(page.locator("input:checked")).to_have_value(line)
    assert await axe(page) == []
    await keep_picture(page, f"call-{language}-{scheme}")
    call = await calling(house, page)
    assert call.leg.info.dnis == line
    await expect(page.locator(".badge")).to_have_text(words.with_bot)
    await until(lambda: len(call.sound) > 16_000)
    call.log.append(EventKind.REPLY_STARTED, {"reply": 1})
    await call.play(0.5)
    call.log.append(EventKind.REPLY_HEARD, {"reply": 1, "text": words.greeting, "complete": True})
    await expect(page.locator("[role=log] [data-speaker=bot] .said")).to_have_text(words.greeting)  # the page looks on
    call.live.publish("partial", speaker="caller", utterance=1, text=words.partial)
    await expect(page.locator(".partial .said")).to_have_text(words.partial)
    call.log.append(EventKind.CALLER_TURN, {"turn": 1, "text": words.question, "language": language})
    await expect(page.locator("[role=log] [data-speaker=caller] .said")).to_have_text(words.question)
    await expect(page.locator(".partial")).to_have_count(0)
    call.log.append(EventKind.REPLY_HEARD, {"reply": 2, "text": words.answer, "complete": False})
    call.log.append(EventKind.HANDOFF_QUEUED, {"handoff": "h"})
    await expect(page.locator(".badge")).to_have_text(words.waiting)
    assert await axe(page) == []
    await keep_picture(page, f"call-talking-{language}-{scheme}")
    await page.click("[data-action=hang-up]")
    await until(call.over.is_set)
    assert call.events[-1] == HungUp("they hung up", HangUpCause.FAR_END)
    await expect(page.locator("[role=status]").filter(has_text=words.hung_up)).to_be_visible()
    assert await axe(page) == []
    await page.click("[data-action=again]")
    await expect(page.locator("[data-action=call]")).to_be_visible()


async def test_sound_goes_both_ways_without_gaps_and_marks_come_back_when_it_was_heard(
    house: CallersHouse, page_for: PageFor
) -> None:
    page = await page_for(f"{house.address}/call")
    call = await calling(house, page)
    begun, before = asyncio.get_running_loop().time(), len(call.sound)
    call.leg.mark("before")
    await call.play(1.0)
    call.leg.mark("after")
    await until(lambda: "before" in call.marks)
    await until(lambda: "after" in call.marks)
    assert call.marks == ["before", "after"]
    assert asyncio.get_running_loop().time() - begun > 0.95  # not when it arrived: when it was played
    await asyncio.sleep(1.0)
    wanted = asyncio.get_running_loop().time() - begun - 0.7
    await until(lambda: len(call.sound) - before > wanted * 16_000)
    assert (len(call.sound) - before) / 16_000 - (asyncio.get_running_loop().time() - begun) < 0.7
    assert np.abs(call.sound).max() > 1000  # Chromium's own microphone beeps
    codec = call.leg._codec  # type: ignore[attr-defined]
    assert (codec.gaps.lost_chunks, codec.gaps.jumps) == (0, 0)


async def test_a_clear_silences_what_waits_and_its_marks_come_back_at_once(
    house: CallersHouse, page_for: PageFor
) -> None:
    page = await page_for(f"{house.address}/call")
    call = await calling(house, page)
    begun = asyncio.get_running_loop().time()
    for frame in tone(9.0):
        call.leg.send(frame)
    call.leg.mark("never heard")
    await asyncio.sleep(0.3)
    call.leg.clear()
    await until(lambda: "never heard" in call.marks)
    assert asyncio.get_running_loop().time() - begun < 8.0  # played to its end it would have come later


async def test_keys_are_pressed_with_the_mouse_and_on_the_keyboard(house: CallersHouse, page_for: PageFor) -> None:
    page = await page_for(f"{house.address}/call")
    call = await calling(house, page)
    await page.click("[data-action=keypad]")
    for key in ("1", "#"):
        await page.click(f'[data-digit="{key}"]')
    await page.keyboard.press("7")
    await page.keyboard.press("Control+8")
    await page.keyboard.press("9")
    await until(lambda: call.keys.endswith("9"))
    assert call.keys == "1#79"


async def test_a_call_is_made_and_ended_with_the_keyboard_alone(house: CallersHouse, page_for: PageFor) -> None:
    page = await page_for(f"{house.address}/call")
    await expect(page.locator("[data-action=call]")).to_be_enabled()  # not before the lines are known
    await page.locator("[data-action=call]").focus()
    await page.keyboard.press("Enter")
    call = await house.arrived()
    await expect(page.locator("[data-action=mute]")).to_be_visible()
    await until(lambda: call.sound.size)
    for _ in range(3):
        await page.keyboard.press("Tab")
    await expect(page.locator("[data-action=hang-up]")).to_be_focused()
    await page.keyboard.press("Enter")
    await until(call.over.is_set)


async def test_muted_is_silent_and_the_line_stays_alive(house: CallersHouse, page_for: PageFor) -> None:
    page = await page_for(f"{house.address}/call")
    call = await calling(house, page)
    await page.click("[data-action=mute]")
    await expect(page.locator("[data-action=mute]")).to_have_attribute("aria-pressed", "true")
    begun = len(call.sound)
    # What was said before is still on its way. Chromium's own microphone beeps twice a second.
    await until(lambda: len(call.sound) > begun + 16_000 and not call.sound[-16_000:].any())
    silent = len(call.sound)
    await until(lambda: len(call.sound) > silent + 16_000)
    assert not call.sound[silent:].any()


async def test_hostile_words_stay_words(house: CallersHouse, page_for: PageFor) -> None:
    page = await page_for(f"{house.address}/call")
    call = await calling(house, page)
    said = "<img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}"
    call.log.append(EventKind.CALLER_TURN, {"turn": 1, "text": said, "language": '"><script>'})
    await expect(page.locator("[role=log] [data-speaker=caller] .said")).to_have_text(said)
    call.live.publish("partial", speaker="agent", utterance=2, text=said)
    await expect(page.locator(".partial .said")).to_have_text(said)
    assert await page.locator("main img, main script").count() == 0


async def test_a_turn_that_goes_on_takes_the_place_of_its_first_half(house: CallersHouse, page_for: PageFor) -> None:
    page = await page_for(f"{house.address}/call")
    call = await calling(house, page)
    call.log.append(EventKind.CALLER_TURN, {"turn": 1, "text": "I want to"})
    call.log.append(EventKind.CALLER_TURN, {"turn": 2, "text": "I want to return it", "continues": True})
    await expect(page.locator("[role=log] .said")).to_have_text(["I want to return it"])


async def test_the_house_ends_the_call_and_the_page_says_so(house: CallersHouse, page_for: PageFor) -> None:
    page = await page_for(f"{house.address}/call", scheme="dark")
    call = await calling(house, page)
    await call.leg.hang_up("the session is over")
    await expect(page.locator("[role=status]").filter(has_text="The call was ended")).to_be_visible()


async def test_when_all_lines_are_busy_it_says_so_and_can_be_tried_again(
    house: CallersHouse, page_for: PageFor
) -> None:
    house.reception.refusal = Refusal(RefusalReason.BUSY)
    page = await page_for(f"{house.address}/call", scheme="dark")
    await page.click("[data-action=call]")
    await expect(page.locator("[role=alert].notice")).to_have_text("All lines are busy. Please try again in a moment.")
    house.reception.refusal = None
    await calling(house, page)


async def test_where_pages_may_not_call_it_says_so(page_for: PageFor, watch: Watch, axe: Axe) -> None:
    watch.expect("403")
    async with callers_house(web_calls="off") as closed:
        page = await page_for(f"{closed.address}/call")
        await expect(page.locator("[role=alert].notice")).to_contain_text("not taken from your address")
        await expect(page.locator("[data-action=call]")).to_be_disabled()
        assert await axe(page) == []


async def test_without_a_microphone_it_says_what_to_do(house: CallersHouse, page_for: PageFor) -> None:
    page = await page_for(f"{house.address}/call")
    await page.evaluate(
        """() => { navigator.mediaDevices.getUserMedia =
                 async () => { throw new DOMException("no", "NotAllowedError"); }; }"""
    )
    await page.click("[data-action=call]")
    await expect(page.locator("[role=alert].notice")).to_contain_text("The microphone is blocked")


async def test_the_language_of_the_page_changes_while_talking(house: CallersHouse, page_for: PageFor) -> None:
    page = await page_for(f"{house.address}/call")
    await calling(house, page)
    await page.click("[data-locale=ko]")
    await expect(page.locator(".badge")).to_have_text("음성 상담봇과 통화 중")
    assert await page.evaluate("document.documentElement.lang") == "ko"
    await page.reload()
    await expect(page.locator("[data-action=call]")).to_have_text("전화 걸기")


@pytest.mark.parametrize("size", [(640, 400), (320, 640)], ids=["200 % zoom", "a narrow screen"])
async def test_nothing_is_cut_off_where_there_is_little_room(
    house: CallersHouse, page_for: PageFor, size: tuple[int, int]
) -> None:
    page = await page_for(f"{house.address}/call", size=size)
    await calling(house, page)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
