"""The desk's page when the network, the session or somebody else gets in its way."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.desk_calls import ANSWER, korean_call
from tests.browser.desk_room import CONNECTED, LINES, desk_room, settle
from tests.browser.desk_stand_in import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUT = r"503|ERR_|net::"


async def test_a_cut_in_mid_call_loses_nothing_and_doubles_nothing(page_for, watch):
    watch.expect(CUT)
    async with desk_room(page_for) as room:
        call = await room.take()
        spoken = []
        for cut in range(3):
            for i in range(5):
                spoken.append(f"끊기기 전 {cut}-{i}")
                call.says(spoken[-1], who="agent" if i % 2 else "caller")
            room.center.lose_network()
            for i in range(5):
                spoken.append(f"끊긴 동안 {cut}-{i}")
                call.says(spoken[-1])
            await room.page.wait_for_selector("[data-part=link][data-state=reconnecting]")
            room.center.restore_network()
            await room.page.wait_for_selector("[data-part=link][data-state=live]")
            await room.see(spoken[-1], LINES)
        lines = await room.lines()
        assert lines[-len(spoken) :] == spoken
        assert len(set(lines)) == len(lines)


async def test_what_is_refused_again_and_again_is_said_once(page_for, watch):
    watch.expect(CUT)
    async with desk_room(page_for) as room:
        await room.take()
        room.center.lose_network()
        refused: list[str] = []
        room.page.on("response", lambda answer: refused.append(answer.url) if answer.url.endswith("/hold") else None)
        for _ in range(3):
            await room.page.click("[data-shortcut='call.hold']")
        await settle(lambda: len(refused) == 3)
        await room.see("서버에 연결할 수 없습니다", "desk-notices")
        await expect(room.page.locator("desk-notices .notice")).to_have_count(1)
        room.center.restore_network()
        await room.page.wait_for_selector("[data-part=link][data-state=live]")


async def test_a_feed_that_repeats_itself_is_not_believed_twice(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        call.says("한 번만 말했어요")
        for seq, kind, data in list(call.stream.events):  # the whole feed once more
            call.stream._show(seq, kind, data)
        call.says("그다음 말이에요")
        await room.see("그다음 말이에요", LINES)
        lines = await room.lines()
        assert lines.count("한 번만 말했어요") == 1
        assert len(set(lines)) == len(lines)


async def test_how_old_the_page_is_stands_there_while_it_is_cut_off(page_for, watch):
    watch.expect(CUT)
    async with desk_room(page_for, call=korean_call()) as room:
        room.center.lose_network()
        await room.see("초 전", "desk-link")
        assert await room.page.get_attribute("[data-part=link]", "data-state") == "reconnecting"
        room.center.restore_network()
        await room.page.wait_for_selector("[data-part=link][data-state=live]")
        assert "초 전" not in await room.page.inner_text("desk-link")


async def test_what_rang_while_the_network_was_away_rings_when_it_is_back(page_for, watch):
    watch.expect(CUT)
    async with desk_room(page_for) as room:
        room.center.lose_network()
        await room.page.wait_for_selector("[data-part=link][data-state=reconnecting]")
        room.center.ring(korean_call())
        room.center.restore_network()
        await room.page.wait_for_selector("desk-offer .offer")
        await room.page.click("desk-offer .button.primary")
        await room.page.wait_for_selector(CONNECTED)


async def test_a_command_from_an_earlier_epoch_is_refused_and_said(page_for, watch):
    watch.expect("409")
    async with desk_room(page_for) as room:
        call = await room.take()
        seen = call.card["epoch"]
        call.unheard = {"owner": "supervisor", "agent": "supervisor-1", "epoch": seen + 1}
        await room.page.click("[data-shortcut='call.hold']")
        assert (await room.commanded("hold"))["epoch"] == seen
        await room.see("그사이 통화를 진행하는 쪽이 바뀌어 실행하지 않았습니다", "desk-notices")
        await room.see("이하늘 진행 중", "desk-controls")
        await expect(room.page.locator("[data-shortcut='call.hold']")).to_have_attribute("aria-pressed", "false")
        await room.page.click("[data-shortcut='call.hold']")
        await room.see("보류 중", "desk-controls")


async def test_an_action_of_an_earlier_epoch_is_refused_and_keeps_what_was_written(page_for, watch):
    watch.expect("409")
    async with desk_room(page_for) as room:
        call = await room.take()
        await room.page.get_by_role("button", name="반품 접수").click()
        await room.page.select_option("[id='argument.reason']", "damaged")
        call.unheard = {"epoch": call.card["epoch"] + 1}
        await room.page.get_by_role("button", name="확인 문구 보기").click()
        await room.see("실행하지 않았습니다", "desk-notices")
        assert await room.page.input_value("[id='argument.reason']") == "damaged"


async def test_of_two_who_accept_the_second_is_told_and_goes_on_waiting(page_for, watch):
    watch.expect("409")
    async with desk_room(page_for) as room:
        await room.ring()
        room.center.taken_by_another = True
        room.center.me |= {"routing": "idle"}
        await room.page.keyboard.press("Alt+a")
        await room.see("이미 다른 상담원이 받았거나 끝났습니다", "desk-notices")
        assert not await room.page.locator("desk-controls").is_visible()
        assert await room.page.locator("[data-part=phone]").is_hidden()


async def test_a_session_that_ends_in_mid_call_is_renewed_and_the_call_goes_on(page_for, watch):
    watch.expect("401")
    async with desk_room(page_for) as room:
        call = await room.take()
        room.center.sessions_end = True
        await room.page.click("[data-shortcut='call.hold']")
        await room.see("다시 로그인하면 하던 일을 그대로", "dialog.again")
        assert await room.page.locator(CONNECTED).count() == 1
        call.says("여보세요?")
        await room.page.fill("dialog.again #sign-in-tenant", "hanbit")
        await room.page.fill("dialog.again #sign-in-login", "jieun")
        await room.page.fill("dialog.again #sign-in-password", PASSWORD)
        await room.page.keyboard.press("Enter")
        await room.page.wait_for_selector("dialog.again", state="detached")
        await room.see("여보세요?", LINES)
        call.says("네, 듣고 있어요", who="agent")
        await room.see("네, 듣고 있어요", LINES)


async def test_a_page_loaded_again_after_the_call_has_only_the_wrap_up_left(page_for, watch):
    watch.expect("404")
    async with desk_room(page_for, call=korean_call()) as room:
        room.center.hang_up()
        await room.see("미리 적어 두었습니다", "desk-wrap-up")
        room.center.forgotten.add("call-1")
        await room.page.reload()
        await room.see("미리 적어 두었습니다", "desk-wrap-up")
        await room.page.wait_for_selector("[data-part=link][data-state=live]")
        await room.page.click("desk-wrap-up button[type=submit]")
        await room.page.wait_for_selector("desk-queues")


async def test_a_desk_that_the_floor_has_given_up_says_so(page_for):
    async with desk_room(page_for) as room:
        await room.see("전화를 기다리고 있습니다", "desk-queues")
        room.center.me |= {"presence": "offline"}
        room.center.floor.tell("heartbeat", {})
        await room.see("오프라인입니다", "desk-queues")
        await room.page.get_by_role("button", name="전화 받기 시작").click()
        await room.see("전화를 기다리고 있습니다", "desk-queues")


async def test_sound_that_breaks_off_comes_back_by_itself_with_a_new_ticket(page_for):
    async with desk_room(page_for) as room:
        await room.take()
        await asyncio.gather(*(socket.close(1011) for socket in list(room.center.sockets)))
        assert await room.commanded("ticket", 2) == {"purpose": "softphone", "subject": "call-1"}
        await room.page.wait_for_selector(CONNECTED)
        before = room.center.sound_frames
        await settle(lambda: room.center.sound_frames > before)


async def test_a_microphone_that_cannot_be_used_gives_the_call_to_somebody_who_hears_it(page_for):
    deaf = """if (navigator.mediaDevices)
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));"""
    async with desk_room(page_for, script=deaf) as room:
        await room.ring()
        await room.page.click("desk-offer .button.primary")
        assert await room.commanded("device-error") == {"message": "microphone_missing"}
        await room.see("마이크", "desk-notices")


async def test_between_two_calls_nothing_of_the_first_is_left(page_for):
    async with desk_room(page_for) as room:
        first = await room.take()
        first.stream.tell("card", ANSWER)
        await room.see("배송 지연 안내", "desk-assist")
        room.center.hang_up()
        await room.see("미리 적어 두었습니다", "desk-wrap-up")
        await room.page.keyboard.press("Alt+Enter")
        await room.page.wait_for_selector("desk-queues")
        second = korean_call("call-2")
        second.stream.events.clear()
        second.card |= {"caller": "02-***-7788"}
        await room.take(second)
        await room.see("02-***-7788", "desk-controls")
        assert "배송 지연 안내" not in await room.page.inner_text("desk-assist")
        assert await room.lines() == []


async def test_a_desk_answers_each_heartbeat_of_its_feed_and_is_silent_when_none_comes(page_for):
    async with desk_room(page_for) as room:
        for beats in (1, 2):
            room.center.floor.tell("heartbeat", {})
            await settle(lambda beats=beats: room.center.heartbeats >= beats)
        await room.page.wait_for_timeout(300)
        assert room.center.heartbeats == 2


async def test_a_call_that_the_agent_may_not_see_any_more_is_not_asked_for_again_and_again(page_for, watch):
    watch.expect(CUT + "|403")
    async with desk_room(page_for) as room:
        call = await room.take()
        room.center.barred.add(call.card["call"])
        room.center.lose_network()
        room.center.restore_network()
        await settle(lambda: room.center.turned_away >= 3, within=30)  # the feed, the feed anew, and the card
        await room.page.wait_for_timeout(4_000)
        assert room.center.turned_away <= 4
