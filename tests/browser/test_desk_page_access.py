"""The desk's page for everybody: by keyboard alone, under an input method, enlarged, in both languages and themes."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.desk_calls import ANSWER, korean_call
from tests.browser.desk_room import LINES, desk_room, settle

pytestmark = pytest.mark.asyncio(loop_scope="module")

OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_keeps_people_out(page_for, axe, watch, locale, scheme):
    watch.expect("401")
    async with desk_room(page_for, locale=locale, scheme=scheme) as room:
        assert await axe(room.page) == []  # between two calls
        call = await room.ring()
        assert await axe(room.page) == []  # it rings
        await room.page.keyboard.press("Alt+a")
        await room.in_call(call)
        call.stream.tell("card", ANSWER)
        call.partial("그럼 언제쯤")
        await room.page.wait_for_selector("desk-assist .source")
        await room.page.click("desk-actions .action-list button")
        await room.page.keyboard.press("Alt+t")
        assert await axe(room.page) == []  # a call, with everything open
        await room.page.keyboard.press("Alt+Slash")
        assert await axe(room.page) == []  # the list of keys
        await room.page.keyboard.press("Escape")
        room.center.hang_up()
        await room.page.wait_for_selector("#wrap-summary")
        assert await axe(room.page) == []  # the wrap-up
        await room.page.get_by_role("button", name=re.compile("로그아웃|Sign out")).click()
        await room.page.wait_for_selector("desk-sign-in")
        assert await axe(room.page) == []  # signing in


@pytest.mark.parametrize("width", [640, 320], ids=["200 % of 1280", "400 % of 1280"])
async def test_enlarged_nothing_scrolls_sideways(page_for, watch, width):
    watch.expect("401")
    async with desk_room(page_for, size=(width, 400)) as room:
        assert not await room.page.evaluate(OVERFLOWS)
        call = await room.ring()
        assert not await room.page.evaluate(OVERFLOWS)
        await room.page.keyboard.press("Alt+a")
        await room.in_call(call)
        call.stream.tell("card", ANSWER)
        call.says("가" * 300)
        await room.page.wait_for_selector("desk-assist .source")
        await room.page.click("desk-actions .action-list button")
        await room.page.keyboard.press("Alt+t")
        assert not await room.page.evaluate(OVERFLOWS)
        room.center.hang_up()
        await room.page.wait_for_selector("#wrap-summary")
        assert not await room.page.evaluate(OVERFLOWS)


async def test_a_whole_call_by_keyboard_alone(page_for):
    async with desk_room(page_for) as room:
        keys = room.page.keyboard
        await keys.press("Alt+s")
        await keys.press("ArrowDown")  # away
        await room.commanded("presence")
        await keys.press("ArrowUp")
        assert await room.commanded("presence", 2) == {"presence": "available"}
        call = await room.ring()
        await keys.press("Alt+a")
        await room.in_call(call)
        await keys.press("Alt+m")
        await room.commanded("mute")
        await keys.press("Alt+m")
        await room.commanded("unmute")
        call.stream.tell("card", ANSWER)
        await room.page.wait_for_selector("desk-assist .source")
        await keys.press("Alt+e")
        await keys.type(" ")
        await keys.press("Tab")
        await keys.press("Enter")
        await room.commanded("card edited")
        await keys.press("Alt+u")
        await room.commanded("card used")
        await keys.press("Alt+k")
        await keys.type("delay")
        await keys.press("Enter")
        assert (await room.commanded("search"))["q"] == "delay"
        await keys.press("Alt+p")
        await keys.press("Enter")  # the first action
        await keys.press("Tab")
        await keys.press("ArrowDown")
        await keys.press("Tab")
        await keys.press("Tab")
        await keys.press("Enter")
        await room.commanded("propose")
        await room.page.wait_for_selector("desk-actions .read-back:focus")
        await keys.press("Alt+y")
        await room.commanded("confirm")
        await room.see("R-77", "desk-actions")
        await keys.press("Alt+l")
        await keys.press("Home")
        await keys.press("Alt+j")
        await keys.press("Alt+t")
        assert await room.page.evaluate("document.activeElement.id") == "transfer-queue"
        await keys.press("Escape")
        assert await room.page.evaluate("document.activeElement.dataset.shortcut") == "call.transfer"
        await keys.press("Alt+q")
        await keys.press("Alt+q")
        await room.commanded("hang-up")
        await room.see("미리 적어 두었습니다", "desk-wrap-up")
        await keys.press("Alt+Enter")
        await room.commanded("wrap-up")
        await room.page.wait_for_selector("desk-queues")


async def test_nothing_takes_the_focus_from_who_is_writing(page_for):
    async with desk_room(page_for) as room:
        await room.page.focus("#search-box")
        call = await room.ring()
        room.center.accept(room.center.offer["offer"])
        await room.page.wait_for_selector("desk-hand-over .reason")
        await settle(lambda: bool(call.stream.onlookers))
        call.says("말하는 중이에요")
        call.stream.tell("card", ANSWER)
        await room.page.wait_for_selector("desk-assist .source")
        assert await room.page.evaluate("document.activeElement.id") == "search-box"


async def test_an_answer_that_comes_late_takes_the_focus_from_nobody(page_for):
    async with desk_room(page_for) as room:
        await room.take()
        answered = await room.held_back("**/actions/*/confirm")
        await room.page.get_by_role("button", name="재발송 요청").click()
        await room.page.get_by_role("button", name="확인 문구 보기").click()
        await expect(room.page.locator("desk-actions .read-back")).to_be_focused()
        await room.page.keyboard.press("Alt+y")
        await room.page.keyboard.press("Alt+k")
        await room.page.keyboard.type("배송")
        answered.set()
        await room.see("R-77", "desk-actions")
        await room.page.keyboard.type(" 지연")
        await expect(room.page.locator("#search-box")).to_have_value("배송 지연")


async def test_composing_korean_is_no_shortcut_and_sends_nothing(page_for):
    async with desk_room(page_for) as room:
        await room.ring()
        await room.page.focus("#search-box")
        devtools = await room.page.context.new_cdp_session(room.page)
        struck = {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process"}
        for composed in ("ㅂ", "바", "반"):
            await devtools.send("Input.dispatchKeyEvent", {**struck, "code": "KeyA", "modifiers": 1})
            await devtools.send("Input.imeSetComposition", {"text": composed, "selectionStart": 1, "selectionEnd": 1})
        await devtools.send("Input.dispatchKeyEvent", {**struck, "code": "Enter", "key": "Enter"})
        await expect(room.page.locator("#search-box")).to_have_value("반")
        assert room.center.commands == []
        await devtools.send("Input.insertText", {"text": "반품"})
        await expect(room.page.locator("#search-box")).to_have_value("반품")
        await room.page.keyboard.press("Enter")
        assert (await room.commanded("search"))["q"] == "반품"
        assert not [name for name, _ in room.center.commands if name == "accept"]
        await room.page.keyboard.press(
            "Alt+a"
        )  # the composition is over: the key is a shortcut again, even from the box
        await room.commanded("accept")


async def test_a_letter_alone_is_never_a_shortcut_and_keys_can_be_changed(page_for):
    async with desk_room(page_for) as room:
        page = room.page
        await page.keyboard.press("Alt+Slash")
        accept = page.locator("dialog.settings li").filter(has_text="전화 받기").get_by_role("button")
        await accept.click()
        await page.keyboard.press("g")
        await room.see("함께 눌러 주세요", "dialog.settings")
        await accept.click()
        await page.keyboard.press("Alt+h")
        await room.see("이미 쓰이고 있습니다", "dialog.settings")
        await accept.click()
        await page.keyboard.press("Alt+g")
        await expect(accept).to_have_text("Alt+G")
        await page.keyboard.press("Escape")
        await page.reload()
        await page.wait_for_selector("[data-part=link][data-state=live]")
        await room.ring()
        assert await page.inner_text("desk-offer .button.primary kbd") == "Alt+G"
        await page.keyboard.press("Alt+a")
        await page.keyboard.press("Alt+g")
        await room.commanded("accept")
        assert [name for name, _ in room.center.commands].count("accept") == 1


async def test_who_reads_back_is_not_pulled_away_and_returns_with_one_press(page_for):
    call = korean_call()
    for i in range(400):
        call.says(f"{i}번째 말", who="agent" if i % 2 else "caller")
    async with desk_room(page_for, call=call) as room:
        page = room.page
        await room.see("399번째 말", LINES)
        assert await page.locator(LINES).count() <= 160
        await page.evaluate("document.querySelector('#transcript').scrollTop = 0")
        await page.wait_for_selector("desk-transcript .newest")
        assert await page.get_attribute("[role=log]", "aria-live") == "off"
        top = await page.evaluate(
            """() => { const box = document.querySelector("#transcript").getBoundingClientRect();
                 return [...document.querySelectorAll("[role=log] .utterance")]
                   .find((row) => row.getBoundingClientRect().bottom > box.top).textContent; }"""
        )
        call.says("그동안 온 말")
        await room.see("1", "desk-transcript .newest .badge")
        assert "그동안 온 말" not in await page.inner_text("[role=log]")
        assert top in await page.locator(LINES).all_text_contents()
        await page.focus("desk-transcript .earlier")
        for _ in range(6):  # each press brings sixty lines
            await page.keyboard.press("Enter")
        await expect(page.locator("#transcript")).to_be_focused()
        await room.see("주문한 청소기가", LINES)
        assert await page.locator(LINES).count() <= 160
        await page.keyboard.press("Alt+j")
        await room.see("그동안 온 말", LINES)
        assert await page.get_attribute("[role=log]", "aria-live") == "polite"
