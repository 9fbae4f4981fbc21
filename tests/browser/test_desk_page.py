"""An agent's work at the desk's page, from signing in to the wrap-up, in real Chromium."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.desk_calls import ANSWER, korean_call
from tests.browser.desk_room import CONNECTED, LINES, desk_room, settle
from tests.browser.desk_stand_in import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTHING = {"card": "card-2", "kind": "nothing", "utterance": "u-10", "text": "해외 배송 관세"}


def action_card() -> dict:
    return {
        "card": "card-3",
        "kind": "action",
        "utterance": "u-11",
        "text": "",
        "action": {
            "name": "register_return",
            "title": {"ko": "반품 접수", "en": "Register a return"},
            "arguments": {"reason": "late"},
            "missing": [],
        },
    }


async def test_a_wrong_password_is_said_and_the_right_one_opens_the_desk(page_for, watch):
    watch.expect("401")
    async with desk_room(page_for, signed_in=False, address="/desk?tenant=hanbit") as room:
        assert await room.page.text_content("desk-sign-in .brand small") == "상담"
        await room.page.fill("#sign-in-login", "jieun")
        await room.page.fill("#sign-in-password", "wrong")
        await room.page.click("desk-sign-in button[type=submit]")
        await room.see("아이디 또는 비밀번호가 맞지 않습니다", ".notice.danger")
        await room.page.fill("#sign-in-password", PASSWORD)
        await room.page.keyboard.press("Enter")
        await room.page.wait_for_selector("desk-queues")
        await room.see("약 1분 35초 (최근 48건)", "desk-queues")
        await room.see("알 수 없음", "desk-queues")


async def test_the_directory_is_offered_where_the_tenant_has_one(page_for, watch):
    watch.expect("401")
    async with desk_room(page_for, signed_in=False) as room:
        link = room.page.locator("desk-sign-in a.button")
        await room.page.fill("#sign-in-tenant", "hanbit")
        await room.page.locator("#sign-in-tenant").blur()
        assert not await link.is_visible()
        await room.page.fill("#sign-in-tenant", "directory")
        await room.page.locator("#sign-in-tenant").blur()
        await link.wait_for()
        assert await link.get_attribute("href") == "/v1/sign-in/oidc?tenant=directory&next=%2Fdesk"


async def test_whoever_the_directory_sent_back_learns_why(page_for, watch):
    watch.expect("401")
    async with desk_room(page_for, signed_in=False, address="/desk?sign_in_error=no_role") as room:
        await room.see("회사 계정에 상담석 권한이 없습니다", "desk-sign-in")
        await expect(room.page).to_have_url(f"{room.base}/desk")


async def test_presence_has_reasons_and_during_a_call_it_is_the_next_one(page_for):
    async with desk_room(page_for) as room:
        await room.page.select_option("#presence", "away/break")
        assert await room.commanded("presence") == {"presence": "away", "reason": "break"}
        await room.page.select_option("#presence", "available/")
        await room.commanded("presence", 2)
        await room.see("전화를 기다리고 있습니다", "desk-queues")
        await room.take()
        await room.page.select_option("#presence", "away/meal")
        await room.see("통화 후: 식사", "desk-presence")


async def test_who_did_not_answer_says_that_they_are_back(page_for):
    async with desk_room(page_for) as room:
        await room.ring()
        room.center.offer_ends("timeout")
        await room.see("받지 않아 다른 상담원에게 넘어갔습니다", "desk-notices")
        await room.see("응답 없음", "desk-presence")
        await room.page.get_by_role("button", name="다시 받기").click()
        assert await room.commanded("presence") == {"presence": "available"}
        await room.see("대기", "desk-presence")


@pytest.mark.parametrize(
    ("how", "said"), [("rescinded", "다른 상담원이 받았습니다"), ("caller_gone", "고객이 먼저 끊었습니다")]
)
async def test_how_a_ringing_call_was_lost_is_said_in_words(page_for, how, said):
    async with desk_room(page_for) as room:
        await room.ring()
        room.center.offer_ends(how)
        await room.see(said, "desk-notices")
        assert not await room.page.locator("desk-offer").is_visible()


async def test_a_call_rings_counts_down_and_can_be_muted(page_for):
    async with desk_room(page_for) as room:
        page = room.page
        await page.evaluate(
            """() => { window.tones = 0; const start = OscillatorNode.prototype.start;
                 OscillatorNode.prototype.start =
                   function (...when) { window.tones += 1; return start.apply(this, when); }; }"""
        )
        await page.click(".waiting-state")  # the first press lets the page make sounds
        await room.ring(seconds=90)
        await room.see("배송이 늦어지는 이유를 알고 싶어요", "desk-offer")
        await room.see("답에 확신이 없었습니다", "desk-offer")
        await room.until("window.tones > 0")
        assert "전화가 왔습니다" in await page.title()
        before = int((await page.inner_text("desk-offer .left")).removesuffix("초"))
        await room.until(f"parseInt(document.querySelector('desk-offer .left').textContent) < {before}")
        await page.get_by_role("button", name="거절").click()
        assert await room.commanded("reject") == {"why": "declined"}
        await expect(page.locator("desk-offer")).to_be_hidden()
        await page.click("[data-shortcut='keys.show']")
        await page.uncheck("#ring")
        await page.keyboard.press("Escape")
        await page.evaluate("window.tones = 0")
        await room.ring()
        assert await page.evaluate("window.tones") == 0


async def test_who_takes_a_call_knows_everything_and_is_heard(page_for):
    async with desk_room(page_for) as room:
        await room.take()
        assert await room.commanded("ticket") == {"purpose": "softphone", "subject": "call-1"}
        for text in (
            "정보로 확인됨",
            "답에 확신이 없었습니다",
            "어제 왔어야 할 주문이 왜 늦는지",
            "오늘 안에 배송 상황을 알려 드리기",
            "배송 조회: ‘집하 완료’에서 멈춤",
            "2026-1182",
            "무선 청소기",
            "부정적",
            "‘너무 늦다’",
            "11월 18일",
        ):
            await room.see(text, "desk-hand-over")
        await room.see("010-****-4821", "desk-controls")
        await settle(lambda: room.center.sound_frames > 20)
        assert "처음 건 번호 02-1**-4567" in await room.page.text_content(".call-who")


async def test_what_is_said_stands_once_and_what_is_being_said_is_one_line_outside_the_log(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        partial = room.page.locator("desk-transcript .partials .said")
        for text in ("그럼", "그럼 언제쯤", "그럼 언제쯤 알 수"):
            call.partial(text)
        await room.see("그럼 언제쯤 알 수", "desk-transcript .partials")
        assert await partial.count() == 1
        assert await room.page.locator("[role=log] .partial").count() == 0
        assert await room.page.locator("desk-transcript .partials").evaluate("e => e.closest('[aria-live]')") is None
        call.says("그럼 언제쯤 알 수 있어요?")
        await room.see("그럼 언제쯤 알 수 있어요?", LINES)
        assert await partial.count() == 0
        call.says("Could you say that in English?", language="en")
        await room.see("Could you say that", LINES)
        said = room.page.locator(f"{LINES} .said")
        assert [await said.nth(i).get_attribute("lang") for i in (-2, -1)] == ["ko", "en"]
        assert await room.page.get_attribute("[role=log]", "aria-live") == "polite"


async def test_a_turn_that_goes_on_stays_one_line_and_of_a_reply_stands_what_was_heard(page_for):
    async with desk_room(page_for, call=korean_call()) as room:
        call = room.center.calls["call-1"]
        await room.see("벌써 세 번째예요", LINES)
        call.says("주소를")
        call.happens("caller.turn", text="주소를 바꾸고 싶어요", language="ko", continues=True, confidence=0.9)
        await room.see("주소를 바꾸고 싶어요", LINES)
        lines = await room.lines()
        assert "주소를" not in lines
        assert "어제 집하되었고, 보통 이틀" in lines
        assert "어제 집하되었고, 보통 이틀 안에 도착합니다." not in lines
        await room.see("끝까지 듣지 못함", LINES)


async def test_one_card_at_a_time_with_its_source_or_that_nothing_was_found(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        call.stream.tell("card", ANSWER)
        for text in ("배송 지연 안내", "48시간 동안", "2026. 9. 1.부터 적용", "확신 87%"):
            await room.see(text, "desk-assist")
        await room.page.get_by_role("button", name="사용", exact=False).first.click()
        assert await room.commanded("card used") == {"card": "card-1"}
        await room.see("사용함", "desk-assist")
        call.stream.tell("card", NOTHING)
        await room.see("‘해외 배송 관세’ — 승인된 자료에서 찾지 못했습니다", "desk-assist")
        assert await room.page.locator("desk-assist .source").is_hidden()
        assert await room.page.locator("desk-assist .advice").count() == 1
        await room.page.click("desk-assist [data-shortcut='card.dismiss']")
        assert await room.commanded("card dismissed") == {"card": "card-2"}


async def test_what_is_not_for_callers_says_so(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        source = {**ANSWER["source"], "internal": True, "effective_from": None}
        call.stream.tell("card", {**ANSWER, "card": "card-9", "source": source})
        await room.see("내부용: 고객에게 읽지 마세요", "desk-assist")
        await room.see("적용일 정보 없음", "desk-assist")


async def test_what_the_call_has_come_to_is_brought_up_to_date(page_for):
    told = {
        "live_summary": "반품하기로 함",
        "summary": {"known": {"amount": "35,000원"}},
        "sentiment": {"label": "positive", "why": "‘고맙습니다’"},
    }
    async with desk_room(page_for) as room:
        call = await room.take()
        call.comes_to(**told)
        for text in ("반품하기로 함", "35,000원", "긍정적", "2026-1182", "어제 왔어야 할 주문"):
            await room.see(text, "desk-hand-over")


async def test_words_that_the_agent_is_changing_are_not_taken_away(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        call.stream.tell("card", ANSWER)
        await room.see("배송 지연 안내", "desk-assist")
        await room.page.click("desk-assist [data-shortcut='card.edit']")
        await room.page.fill("#assist-words", "하루 안에 알려 드릴게요.")
        call.stream.tell("card", NOTHING)
        await room.see("새 카드가 기다리고 있습니다", "desk-assist")
        assert await room.page.input_value("#assist-words") == "하루 안에 알려 드릴게요."
        await room.page.get_by_role("button", name="저장").click()
        assert await room.commanded("card edited") == {"card": "card-1", "text": "하루 안에 알려 드릴게요."}
        await room.see("해외 배송 관세", "desk-assist")


async def test_an_action_is_proposed_read_back_and_confirmed(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        call.stream.tell("card", action_card())
        await room.see("제안: 반품 접수", "desk-assist")
        await room.page.click("desk-assist [data-shortcut='card.use']")
        form = room.page.locator("desk-actions form")
        await form.wait_for()
        assert await room.page.input_value("[id='argument.order_id']") == "2026-1182"
        assert await room.page.input_value("[id='argument.reason']") == "late"
        await room.page.check("[id='argument.pickup']")
        await form.get_by_role("button", name="확인 문구 보기").click()
        proposed = await room.commanded("propose")
        assert proposed == {
            "epoch": call.card["epoch"],
            "name": "register_return",
            "arguments": {"order_id": "2026-1182", "reason": "late", "pickup": True},
        }
        await room.see("주문 2026-1182의 반품을 접수합니다", "desk-actions .read-back")
        await room.page.click("desk-actions [data-shortcut='action.confirm']")
        assert (await room.commanded("confirm"))["proposal"] == "p-1"
        await room.see("R-77", "desk-actions")


async def test_what_an_action_still_needs_is_said_at_its_field(page_for):
    async with desk_room(page_for) as room:
        await room.take()
        await room.page.get_by_role("button", name="반품 접수").click()
        await room.see("아직 모릅니다. 고객에게 물어보세요", "desk-actions")
        await room.page.get_by_role("button", name="확인 문구 보기").click()
        assert not [name for name, _ in room.center.commands if name == "propose"]


async def test_required_lines_are_ticked_when_said(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        await room.see("3개 중 1개 안내함", "desk-script")
        call.stream.tell("script", {"id": "identity", "said": True})
        await room.see("3개 중 2개 안내함", "desk-script")
        await room.see("안내함:이름과 소속 밝히기", "desk-script li")


async def test_knowledge_is_searched_in_the_calls_language(page_for):
    async with desk_room(page_for) as room:
        await room.take()
        room.center.search_results = [{**ANSWER["source"], "score": 0.8}]
        await room.page.fill("#search-box", "배송 지연")
        await room.page.keyboard.press("Enter")
        assert await room.commanded("search") == {"q": "배송 지연", "language": "ko"}
        await room.see("1건을 찾았습니다", "desk-search")
        await room.see("집하 완료 후 48시간", "desk-search")
        room.center.search_results = []
        await room.page.fill("#search-box", "우주여행")
        await room.page.keyboard.press("Enter")
        await room.see("‘우주여행’에 관한 자료가 없습니다", "desk-search")


async def test_the_call_is_controlled(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        press = room.page.locator("desk-controls .call-buttons")
        await press.get_by_role("button", name="보류").click()
        assert await room.commanded("hold") == {"epoch": call.card["epoch"]}
        await room.see("보류 중", "desk-controls")
        await press.get_by_role("button", name="보류").click()
        await room.commanded("resume")
        await press.get_by_role("button", name="음소거").click()
        await room.commanded("mute")
        assert await press.get_by_role("button", name="음소거").get_attribute("aria-pressed") == "true"
        await press.get_by_role("button", name="함께 통화").click()
        await room.page.select_option("#conference-agent", "agent-7")
        await room.page.get_by_role("button", name="부르기").click()
        assert (await room.commanded("conference"))["agent"] == "agent-7"
        await expect(room.page.locator("#call-panel")).to_be_hidden()
        await press.get_by_role("button", name="넘기기").click()
        await room.page.select_option("#transfer-queue", "billing")
        await room.page.locator("#call-panel").get_by_role("button", name="넘기기").click()
        assert (await room.commanded("transfer"))["queue"] == "billing"
        await room.page.wait_for_selector("#wrap-summary")


async def test_what_is_open_stays_open_when_an_earlier_command_is_answered(page_for):
    async with desk_room(page_for) as room:
        await room.take()
        answered = await room.held_back("**/conference")
        press = room.page.locator("desk-controls .call-buttons")
        await press.get_by_role("button", name="함께 통화").click()
        await room.page.select_option("#conference-agent", "agent-7")
        await room.page.get_by_role("button", name="부르기").click()
        await press.get_by_role("button", name="넘기기").click()
        await room.page.select_option("#transfer-queue", "billing")
        answered.set()
        await expect(room.page.locator("#conference-agent")).to_have_value("")
        await expect(room.page.locator("#transfer-queue")).to_be_visible()
        await expect(room.page.locator("#transfer-queue")).to_have_value("billing")


async def test_a_call_is_sent_out_of_the_house(page_for):
    async with desk_room(page_for) as room:
        await room.take()
        await room.page.locator("desk-controls .call-buttons").get_by_role("button", name="넘기기").click()
        await room.page.select_option("#transfer-target", label="고객지원팀")
        await room.page.locator("#call-panel").get_by_role("button", name="넘기기").click()
        sent = await room.commanded("transfer")
        assert (sent["target"], sent.get("queue"), sent.get("agent")) == ("support-desk", None, None)


async def test_a_call_is_given_back_with_an_instruction(page_for):
    async with desk_room(page_for) as room:
        await room.take()
        await room.page.get_by_role("button", name="상담봇으로").click()
        await room.page.fill("#return-instruction", "배송 조회 결과를 다시 안내하기")
        await room.page.get_by_role("button", name="돌려주기").click()
        assert (await room.commanded("return"))["instruction"] == "배송 조회 결과를 다시 안내하기"
        await room.page.wait_for_selector("desk-queues")
        await expect(room.page.locator("[data-part=phone]")).to_be_hidden()


async def test_taking_over_and_hanging_up_take_two_presses(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        call.change_hands("supervisor")
        take_over = room.page.locator("[data-shortcut='call.take_over']")
        await take_over.click()
        await room.see("한 번 더 눌러 직접 받기", "desk-controls")
        assert not [name for name, _ in room.center.commands if name == "take-over"]
        await take_over.click()
        assert await room.commanded("take-over") == {"epoch": call.card["epoch"] - 1}
        await room.see("내가 진행 중", "desk-controls")
        hang_up = room.page.locator("[data-shortcut='call.hang_up']")
        await hang_up.click()
        assert not [name for name, _ in room.center.commands if name == "hang-up"]
        await hang_up.click()
        await room.commanded("hang-up")


async def test_the_wrap_up_is_prefilled_and_sent_as_the_agent_left_it(page_for):
    async with desk_room(page_for) as room:
        await room.take()
        room.center.hang_up()
        await room.see("미리 적어 두었습니다", "desk-wrap-up")
        assert await room.page.input_value("#wrap-disposition") == "callback"
        await room.page.fill("#wrap-note", "오후 3시 이후")
        await room.page.select_option("#wrap-disposition", "resolved")
        await room.page.click("desk-wrap-up button[type=submit]")
        assert await room.commanded("wrap-up") == {
            "summary": "주문 2026-1182 배송 지연 문의. 물류센터 확인 후 오늘 안에 연락하기로 함.",
            "disposition": "resolved",
            "note": "오후 3시 이후",
        }
        await room.page.wait_for_selector("desk-queues")
        await room.see("대기", "desk-presence")


async def test_a_page_loaded_again_in_mid_call_comes_back_to_it(page_for):
    untouched = "Object.defineProperty(navigator, 'userActivation', {value: {hasBeenActive: false}})"
    async with desk_room(page_for, call=korean_call(), script=untouched) as room:
        await room.see("벌써 세 번째예요", LINES)
        await room.see("전화 연결 필요", "desk-link")
        await room.page.get_by_role("button", name="전화 연결").click()
        await room.page.wait_for_selector(CONNECTED)


async def test_the_pages_language_is_the_agents_and_the_calls_stays_its_own(page_for):
    async with desk_room(page_for, call=korean_call()) as room:
        await room.see("인계 내용", "desk-hand-over")
        await room.page.get_by_role("button", name="English").click()
        await room.see("Hand-over", "desk-hand-over")
        await room.see("Korean", "desk-controls")
        assert await room.page.get_attribute("html", "lang") == "en"
        assert await room.page.locator(f"{LINES} .said").first.get_attribute("lang") == "ko"
        assert await room.commanded("locale") == {"locale": "en"}


async def test_the_customers_record_opens_with_the_call(page_for, watch):
    watch.expect("favicon")
    async with desk_room(page_for) as room:
        await room.page.click("[data-shortcut='keys.show']")
        await room.page.fill("#pop", "javascript:alert(1)")
        await room.page.locator("#pop").blur()
        await room.see("저장하지 않았습니다", "dialog.settings")
        await room.page.fill("#pop", f"{room.base}/static/common/mark.svg?order={{known.order_id}}&q={{queue}}")
        await room.page.locator("#pop").blur()
        await room.see("주소를 저장했습니다", "dialog.settings")
        await room.page.keyboard.press("Escape")
        async with room.page.context.expect_page() as opened:
            await room.take()
        record = await opened.value
        await expect(record).to_have_url(f"{room.base}/static/common/mark.svg?order=2026-1182&q=orders")
        assert await record.evaluate("window.opener") is None


async def test_who_signs_out_is_signed_off_first(page_for, watch):
    watch.expect("401")
    async with desk_room(page_for) as room:
        await room.page.get_by_role("button", name="로그아웃").click()
        await room.page.wait_for_selector("desk-sign-in")
        await room.commanded("sign-off")


async def test_a_call_on_another_platform_opens_by_itself_is_only_looked_at_and_closes_with_it(page_for):
    async with desk_room(page_for) as room:
        call = korean_call()
        room.center.overhear(call)
        await room.see("다른 플랫폼의 통화", "desk-controls")
        call.says("배송지를 바꾸고 싶어요")
        await room.see("배송지를 바꾸고 싶어요", LINES)
        for name in ("call.hold", "call.transfer", "call.hang_up"):
            assert not await room.page.locator(f"[data-shortcut='{name}']").is_visible()
        assert not any(said == "ticket" for said, _ in room.center.commands), "nobody comes in by a telephone"
        call.happens("call.ended", reason="caller_hung_up")
        room.center.overhear(None)
        await room.see("전화를 기다리고 있습니다", "desk-queues")


async def test_a_call_of_ours_goes_before_one_on_another_platform_which_comes_back_after_it(page_for):
    async with desk_room(page_for) as room:
        other = korean_call()
        other.card["call"] = "call-elsewhere"
        room.center.overhear(other)
        await room.see("다른 플랫폼의 통화", "desk-controls")
        await room.take()
        await room.see("통화 중", "desk-controls")
        room.center.hang_up()
        await room.see("미리 적어 두었습니다", "desk-wrap-up")
        room.center.finish()
        await room.see("다른 플랫폼의 통화", "desk-controls")


async def test_somebody_outside_is_asked_first_and_then_joined_with_the_caller(page_for):
    async with desk_room(page_for) as room:
        call = await room.take()
        asked = room.page.locator("[data-part=consulting]")
        assert not await asked.is_visible()
        await room.page.click("[data-shortcut='call.transfer']")
        await room.page.get_by_role("button", name="먼저 물어보기").click()
        await room.page.select_option("#transfer-target", label="고객지원팀")
        await room.page.get_by_role("button", name="먼저 물어보기").click()
        await room.commanded("consult")
        consulted = [body["target"] for said, body in room.center.commands if said == "consult"]
        assert consulted == ["support-desk"], "without a choice nobody is called"
        await room.see("고객지원팀에 전화하고 있습니다", "[data-part=consulting]")
        assert not await asked.get_by_role("button", name="고객과 연결").is_visible()
        call.card["consulting"]["state"] = "talking"
        call.happens("transfer.answered", target="support-desk", way="consult")
        await room.see("두 분의 말을 듣지 못합니다", "[data-part=consulting]")
        await asked.get_by_role("button", name="고객과 연결").click()
        assert (await room.commanded("transfer"))["target"] == "support-desk"


async def test_whoever_is_asked_first_is_let_go_again(page_for):
    async with desk_room(page_for) as room:
        await room.take()
        await room.page.click("[data-shortcut='call.transfer']")
        await room.page.select_option("#transfer-target", label="고객지원팀")
        await room.page.get_by_role("button", name="먼저 물어보기").click()
        await room.page.get_by_role("button", name="그만두기").click()
        await room.commanded("stop-consulting")
        await room.page.locator("[data-part=consulting]").wait_for(state="hidden")
