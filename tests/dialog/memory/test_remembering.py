"""What is looked up, asked, kept and told; whole stories are in ``tests/dialogs_remembered``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from dialog.actions.action import Succeeded
from dialog.actions.rules import Identity
from dialog.conversation import CHAT
from dialog.escalation import Tried
from dialog.memory.memory import Agreement, Deed, Preferences
from dialog.memory.policy import Consent
from dialog.memory.remembering import wording
from dialog.releases.release import Release
from dialog.reply import Escalation, EscalationReason, Expectation
from dialog.turn import Speaker, Utterance
from infra.phone_numbers import NumberingPlan
from infra.telemetry.metrics import metrics
from tests.dialog.memory.surroundings import NUMBER, POLICY, BrokenMemory, Rememberer
from tests.dialog.surroundings import StoppedClock

AT_HOME, KOREA = "01055501234", NumberingPlan("82")
QUESTION = "포인트 유효 기간이 어떻게 되나요"
Make = Callable[..., Rememberer]


@pytest.fixture
def shop(release: Release) -> Make:
    def make(**more: object) -> Rememberer:
        return Rememberer(release, **more)  # type: ignore[arg-type]

    return make


def recalls(outcome: str) -> float:
    return metrics.value("aicc_memory_recalls_total", {"outcome": outcome})


class TestRecalling:
    async def test_a_stranger_is_served_as_anybody(self, shop: Make) -> None:
        here = shop()
        talk = await here.call("en")
        assert await here.manager.recall(talk.conversation) is None
        assert talk.conversation.language == "en"

    async def test_a_caller_who_agreed_is_greeted_in_their_language(self, shop: Make) -> None:
        here = shop()
        await here.agreed("ko")
        talk = await here.call("en")
        greeting = await here.manager.greet(talk.conversation)
        assert "안녕하세요" in greeting.text
        await talk.conversation.scribe.settle()
        assert talk.payload("memory.recalled")["contacts"] == 1

    async def test_a_caller_is_known_again_however_their_number_is_sent_also_from_before_that(self, shop: Make) -> None:
        before = shop()
        await before.agreed("ko", number=AT_HOME)
        here = shop(store=before.store, plan=KOREA)
        for number in (NUMBER, AT_HOME, f"00{NUMBER[1:]}"):
            assert (await here.call("en", number=number)).conversation.language == "ko"
        assert len((await here.found(number=NUMBER)).contacts) == 1
        assert (await before.found(number=AT_HOME)).agreement is None, "it has moved"

    async def test_a_memory_that_hangs_is_not_waited_for_and_counted(self, shop: Make) -> None:
        here = shop(store=BrokenMemory(hangs=True), within=0.01)
        before = recalls("missed")
        talk = await here.call("en")
        assert talk.conversation.language == "en"
        assert recalls("missed") == before + 1

    async def test_a_memory_that_fails_changes_nothing_and_nobody_is_asked(self, shop: Make) -> None:
        here = shop(store=BrokenMemory())
        talk = await here.call()
        await talk.one(QUESTION)
        goodbye = await talk.one("아니요 없어요")
        assert goodbye.expects is Expectation.NOTHING
        before = metrics.value("aicc_memory_not_kept_total")
        await here.end(talk)
        assert talk.payload("memory.missed") == {"why": "Down"}
        assert metrics.value("aicc_memory_not_kept_total") == before + 1

    async def test_what_has_expired_is_not_used(self, shop: Make) -> None:
        clock = StoppedClock()
        here = shop(clock=clock)
        await here.agreed("ko")
        clock.day = date(2026, 11, 21) + timedelta(days=91)
        talk = await here.call("en")
        assert talk.conversation.language == "en"
        assert talk.conversation.recollection.contacts == ()

    async def test_whoever_hides_their_number_is_nobody_in_particular(self, shop: Make) -> None:
        here = shop()
        talk = await here.call(number="anonymous")
        await talk.one(QUESTION)
        assert (await talk.one("아니요 없어요")).expects is Expectation.NOTHING
        assert talk.conversation.recollection.as_caller() == {"remembered_as": "nobody"}

    async def test_a_caller_of_one_tenant_is_unknown_to_another(self, shop: Make) -> None:
        here = shop()
        await here.agreed("ko")
        there = shop(store=here.store, tenant="bank")  # even where both are kept in one place
        talk = await there.call("en")
        assert talk.conversation.language == "en"
        assert talk.conversation.recollection.contacts == ()


class TestAsking:
    async def test_the_answer_stands_with_time_wording_and_contact(self, shop: Make) -> None:
        here = shop()
        talk = await here.call()
        await talk.one(QUESTION)
        asked = await talk.one("아니요 없어요")
        assert asked.expects is Expectation.YES_NO
        await talk.one("네")
        await here.end(talk)
        found = await here.found(number=NUMBER)
        assert found.agreement == Agreement(True, here.clock.now("UTC"), wording(asked), "call-1")
        assert wording(asked).startswith("ko:")
        assert talk.payload("consent.given")["purpose"] == "memory"

    async def test_other_words_are_another_version(self, shop: Make) -> None:
        here = shop()
        talk = await here.call("en")
        reply = await here.manager.greet(talk.conversation)
        other = replace(reply, sentences=reply.sentences[:1])
        assert wording(reply) != wording(other)
        assert wording(reply) == wording(replace(reply))

    async def test_who_hangs_up_without_an_answer_did_not_agree(self, shop: Make) -> None:
        here = shop()
        talk = await here.call()
        await talk.one(QUESTION)
        await talk.one("아니요 없어요")
        await here.end(talk)
        found = await here.found(number=NUMBER)
        assert found.agreement is not None
        assert not found.agreement.agreed
        assert found.contacts == ()

    async def test_nobody_is_asked_in_the_middle_or_after_silence(self, shop: Make) -> None:
        here = shop()
        talk = await here.call()
        said = [await talk.one(QUESTION)]
        said += [reply for _ in range(3) for reply in await talk.say(silent=True)]
        assert said[-1].expects is Expectation.NOTHING
        assert not any("기억" in reply.text for reply in said)

    async def test_a_chat_without_a_known_customer_is_not_asked(self, shop: Make) -> None:
        here = shop()
        talk = await here.call(number=None, channel=CHAT)
        await talk.one(QUESTION)
        assert (await talk.one("아니요 없어요")).expects is Expectation.NOTHING

    async def test_where_customers_agree_elsewhere_they_are_remembered_and_not_asked(self, shop: Make) -> None:
        here = shop(policy=replace(POLICY, consent=Consent.CUSTOMER_OPTED_IN))
        subject = here.memory.subjects.customer("C-1001")
        await here.store.agree(subject, Agreement(True, here.clock.now("UTC"), "web form 3"))
        talk = await here.call(customer="C-1001")
        await talk.one(QUESTION)
        assert (await talk.one("아니요 없어요")).expects is Expectation.NOTHING
        await here.end(talk)
        assert len((await here.found(customer="C-1001")).contacts) == 1
        assert (await here.found(number=NUMBER)).agreement is None


class TestKeeping:
    async def test_what_is_kept_is_typed_and_none_of_it_the_callers_words(self, shop: Make) -> None:
        here = shop()
        await here.agreed()
        found = await here.found(number=NUMBER)
        [contact] = found.contacts
        assert contact.done == (Deed(Tried.ANSWERED, "", "멤버십 질문"),)
        assert (contact.channel, contact.language, contact.unfinished) == ("phone", "ko", False)
        assert found.preferences == Preferences("ko", channel="phone")
        assert "유효" not in repr(found)

    async def test_wishes_for_another_voice_add_up_over_calls(self, shop: Make) -> None:
        here = shop()
        await here.agreed()
        for words in ("천천히 말씀해 주세요", "더 크게 말씀해 주세요"):
            talk = await here.call()
            await talk.one(QUESTION)
            await talk.say(words)
            await here.end(talk)
        liked = (await here.found(number=NUMBER)).preferences
        assert liked is not None
        assert (liked.slower, liked.louder) == (1, 1)

    async def test_a_verified_contact_belongs_to_the_customer_and_not_to_the_telephone(self, shop: Make) -> None:
        here = shop()
        await here.agreed(customer="C-1001")
        assert len((await here.found(customer="C-1001")).contacts) == 1
        by_number = await here.found(number=NUMBER)
        assert by_number.agreed
        assert by_number.contacts == ()
        assert by_number.preferences == Preferences("ko", channel="phone")

    async def test_who_said_no_as_a_customer_is_not_remembered_by_their_telephone_either(self, shop: Make) -> None:
        here = shop()
        await here.agreed()
        talk = await here.call(customer="C-1001")
        for words in (QUESTION, "아니요 없어요", "아니요"):
            await talk.say(words)
        await here.end(talk)
        for found in (await here.found(customer="C-1001"), await here.found(number=NUMBER)):
            assert not found.agreed
            assert (found.preferences, found.contacts) == (None, ())

    async def test_a_hand_over_is_remembered_with_its_reason_also_once_a_person_spoke(self, shop: Make) -> None:
        here = shop()
        await here.agreed()
        talk = await here.call()
        await talk.one(QUESTION)
        await talk.one("상담원 연결해 주세요")
        here.manager.heard(talk.conversation, Utterance(Speaker.AGENT, "네 상담원입니다", 2))
        await here.end(talk)
        latest = next(one for one in (await here.found(number=NUMBER)).contacts if one.contact == "call-2")
        assert latest.reason is EscalationReason.CALLER_ASKED
        assert latest.unfinished

    async def test_a_contact_of_several_customers_is_nobodys(self, shop: Make) -> None:
        here = shop()
        for customer in ("C-1001", "C-1002"):
            await here.agreed(customer=customer)
        talk = await here.call(customer="C-1001")
        talk.conversation.acquaintance.shown(Identity.KNOWLEDGE, "C-1002")
        await here.manager._remembering.after(talk.conversation, here.release.actions["check_owner"], Succeeded({}))
        await talk.one(QUESTION)
        await here.end(talk)
        for customer in ("C-1001", "C-1002"):
            names = [contact.contact for contact in (await here.found(customer=customer)).contacts]
            assert "call-3" not in names
            assert len(names) == 1

    async def test_a_flow_that_waits_already_is_gone_on_with_once(self, shop: Make) -> None:
        here = shop()
        await here.agreed(customer="C-1001")
        talk = await here.call(customer="C-1001")
        await talk.say("주문 취소해 주세요")
        here.clock.day += timedelta(days=1)
        await here.end(talk)
        talk = await here.call(customer="C-1001")
        await talk.say("주문 취소해 주세요")
        said = await talk.say("지난번에 문의한 건데요")
        assert "주문 취소에 대해 문의하셨는데, 끝까지 도와드리지 못했습니다" in said[-1].text
        assert talk.conversation.flow is not None
        assert talk.conversation.flow.flow == "cancel_order"
        assert talk.conversation.paused == ()

    async def test_a_call_in_which_nothing_was_wanted_is_no_contact(self, shop: Make) -> None:
        here = shop()
        await here.agreed()
        await here.end(await here.call())
        assert len((await here.found(number=NUMBER)).contacts) == 1


class TestTelling:
    async def test_whoever_takes_over_sees_earlier_contacts_of_who_agreed(self, shop: Make) -> None:
        here = shop()
        await here.agreed()
        talk = await here.call()
        reply = await talk.one("상담원 연결해 주세요")
        assert isinstance(reply.escalation, Escalation)
        summary = reply.escalation.summary
        assert summary.earlier == ("11월 21일 멤버십 질문 (멤버십 질문 안내로 답함)",)
        assert "이전 상담: 11월 21일 멤버십 질문" in summary.text
        assert "멤버십" not in reply.text

    async def test_of_who_did_not_agree_nobody_sees_anything(self, shop: Make) -> None:
        here = shop()
        talk = await here.call()
        for words in (QUESTION, "아니요 없어요", "아니요"):
            await talk.say(words)
        await here.end(talk)
        reply = await (await here.call()).one("상담원 연결해 주세요")
        assert reply.escalation is not None
        assert reply.escalation.summary.earlier == ()

    async def test_a_verified_customer_goes_on_with_the_topic_of_the_last_contact(self, shop: Make) -> None:
        here = shop()
        await here.agreed(customer="C-1001")
        talk = await here.call(customer="C-1001", number="+82215550000")
        reply = await talk.one("지난번에 문의한 건데요")
        assert "11월 21일에는 멤버십 질문에 대해" in reply.text
        assert talk.conversation.query == "멤버십 질문"
        assert talk.conversation.flow is None

    async def test_an_unverified_caller_hears_nothing_of_it(self, shop: Make) -> None:
        here = shop()
        await here.agreed()
        talk = await here.call()
        reply = await talk.one("지난번에 문의한 건데요")
        assert talk.conversation.flow is not None
        assert talk.conversation.flow.flow == "identify"
        assert "멤버십" not in reply.text

    async def test_the_tenant_may_ask_for_more_than_questions(self, shop: Make) -> None:
        here = shop(policy=replace(POLICY, identity=Identity.CODE))
        await here.agreed()
        talk = await here.call(customer="C-1001")
        assert talk.conversation.recollection.customer is None
        await talk.say("지난번에 문의한 건데요")
        assert talk.conversation.flow is not None
        assert talk.conversation.flow.flow == "identify_by_code"


class TestForgetting:
    async def test_a_no_to_the_read_back_leaves_everything(self, shop: Make) -> None:
        here = shop()
        await here.agreed()
        talk = await here.call()
        assert (await talk.one("제 정보 지워 주세요")).expects is Expectation.YES_NO
        await talk.one("아니요")
        await here.end(talk)
        assert (await here.found(number=NUMBER)).agreed

    async def test_after_a_yes_nothing_remains_nothing_is_used_and_nothing_is_kept(self, shop: Make) -> None:
        here = shop()
        await here.agreed(customer="C-1001")
        talk = await here.call(customer="C-1001")
        await talk.one("제 정보 지워 주세요")
        assert "지웠습니다" in (await talk.one("네")).text
        assert talk.conversation.recollection.contacts == ()
        await talk.one(QUESTION)
        await here.end(talk)
        for found in (await here.found(customer="C-1001"), await here.found(number=NUMBER)):
            assert (found.agreement, found.preferences, found.contacts) == (None, None, ())
            assert len(found.erasures) == 1
        assert talk.payload("memory.forgotten") == {"turn": 2}
        assert (await here.call("en")).conversation.language == "en"

    async def test_who_only_calls_from_a_customers_telephone_cannot_erase_the_customers_memory(
        self, shop: Make
    ) -> None:
        here = shop()
        await here.agreed(customer="C-1001")
        talk = await here.call()
        await talk.one("제 정보 지워 주세요")
        await talk.one("네")
        await here.end(talk)
        assert (await here.found(customer="C-1001")).agreed
        assert not (await here.found(number=NUMBER)).agreed

    async def test_what_is_still_kept_under_a_former_name_is_erased_with_the_rest(self, shop: Make) -> None:
        before = shop()
        await before.agreed("ko", number=AT_HOME)
        here = shop(store=before.store, plan=KOREA, within=0.0)  # so that it cannot be looked up, nor moved, in time
        talk = await here.call()
        await talk.one("제 정보 지워 주세요")
        assert "지웠습니다" in (await talk.one("네")).text
        assert (await before.found(number=AT_HOME)).agreement is None

    async def test_nobody_in_particular_is_told_so(self, shop: Make) -> None:
        here = shop()
        talk = await here.call(number=None)
        assert "기억해 둔 것이 없습니다" in (await talk.one("제 정보 지워 주세요")).text
        assert talk.conversation.flow is None

    async def test_a_memory_that_cannot_be_written_is_left_to_a_person_and_not_used_any_more(self, shop: Make) -> None:
        here = shop(store=BrokenMemory())
        talk = await here.call()
        await talk.one("제 정보 지워 주세요")
        reply = (await talk.say("네"))[-1]
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.ACTION_UNKNOWN
        assert talk.conversation.recollection.forgotten

    async def test_whoever_asks_for_a_person_gets_one(self, shop: Make) -> None:
        here = shop()
        talk = await here.call()
        reply = await talk.one("상담원 연결해서 제 정보 지워 주세요")
        assert reply.escalation is not None


async def test_where_nobody_is_remembered_nothing_of_it_is_there(shop: Make) -> None:
    here = shop(policy=replace(POLICY, consent=Consent.OFF))
    talk = await here.call()
    await talk.one(QUESTION)
    assert (await talk.one("아니요 없어요")).expects is Expectation.NOTHING
    assert "forget_me" not in here.release.flows
    await here.end(talk)
    assert (await here.found(number=NUMBER)).agreement is None
