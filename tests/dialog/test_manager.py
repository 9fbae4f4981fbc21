"""Whole short dialogs by text, Korean and English, with a real order service and a small knowledge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dialog.actions.action import Succeeded
from dialog.answers.confidence import Thresholds
from dialog.command import AskKnowledge, Evidence, SetSlot, Source
from dialog.journal import MemoryJournal
from dialog.reply import Decision, EscalationReason, Expectation, Manner
from dialog.settings import DialogSettings
from dialog.tenant import AfterSilence
from dialog.turn import CallerTurn, Speaker, Utterance
from dialog.understanding.understander import Listening, Understanding
from knowledge.errors import KnowledgeUnavailable
from tests.dialog.surroundings import (
    KNOWLEDGE,
    ORDERS,
    FailingJournal,
    OrderService,
    ScriptedBackEnd,
    SmallSearch,
    Talk,
    passage,
)

Begin = Callable[..., Talk]


class TestGreeting:
    async def test_a_machine_says_that_it_is_one_before_anything_else(self, talk: Begin) -> None:
        korean, english = talk("ko"), talk("en")
        for talking, words in ((korean, "AI 상담원"), (english, "AI assistant")):
            reply = await talking.manager.greet(talking.conversation)
            assert words in reply.sentences[0].text
            assert reply.decision is Decision.CONVERSE

    async def test_it_knows_how_the_other_languages_say_so(self, talk: Begin) -> None:
        talking = talk("ko")
        reply = await talking.manager.greet(talking.conversation)
        assert reply.disclosure == reply.disclosures["ko"] == reply.sentences[0].text
        assert reply.disclosures["en"] == "Hello, this is the AI assistant of Hanbit Store."

    async def test_every_reply_names_the_release_that_decided_it(self, talk: Begin) -> None:
        talking = talk("en")
        greeting = await talking.manager.greet(talking.conversation)
        said = await talking.one("how long are points valid")
        handed_over = await talking.manager.escalate(talking.conversation, EscalationReason.NO_INPUT)
        assert {reply.release for reply in (greeting, said, handed_over)} == {talking.manager.release.id}

    async def test_recording_is_announced_as_the_tenant_or_the_call_wants_it(self, talk: Begin) -> None:
        talking = talk("ko")
        by_policy = await talking.manager.greet(talking.conversation)
        without = await talking.manager.greet(talking.conversation, recording_notice=False)
        assert "녹음" in by_policy.text
        assert "녹음" not in without.text


class TestKoreanDialogs:
    async def test_a_question_is_answered_with_its_source_then_the_caller_is_done(self, talk: Begin) -> None:
        talking = talk("ko")
        answer = await talking.one("포인트 유효 기간이 어떻게 되나요")
        assert answer.decision is Decision.ANSWER
        assert "24개월" in answer.text
        (citation,) = answer.citations
        assert citation.document == "ko/membership.csv"
        assert citation.quote in KNOWLEDGE[5].text
        thanks = await talking.one("네 감사합니다")
        assert thanks.decision is Decision.CONVERSE
        bye = await talking.one("안녕히 계세요")
        assert bye.expects is Expectation.NOTHING

    async def test_an_order_is_found_by_its_spoken_number(self, talk: Begin, orders: OrderService) -> None:
        talking = talk("ko")
        asked = await talking.one("제 주문 어디까지 왔어요")
        assert (asked.decision, asked.expects) == (Decision.ACT, Expectation.DICTATING)
        told = await talking.one("이공이육 일일팔칠이요")
        assert "무선 이어폰 외 1건은" in told.text
        assert "11월 24일" in told.text
        assert told.sentences[0].action == "order_status"
        assert orders.asked == ["/orders/20261187"]
        done = await talking.one("아니요 없어요")
        assert done.expects is Expectation.NOTHING

    async def test_a_badly_heard_number_is_read_back_and_corrected(self, talk: Begin, orders: OrderService) -> None:
        talking = talk("ko")
        await talking.one("배송 조회요")
        back = await talking.one("이공이육 일일팔칠", confidence=0.4)
        assert back.expects is Expectation.YES_NO
        assert "2 0 2 6, 1 1 8 7" in back.text
        assert orders.asked == []
        again = await talking.one("아니요 일일팔팔이요", confidence=0.9)
        assert "2 0 2 6, 1 1 8 8" in again.text
        told = await talking.one("네 맞아요")
        assert "원목 식탁" in told.text
        assert orders.asked == ["/orders/20261188"]

    async def test_a_wish_for_a_person_is_granted_in_the_middle_of_an_action(self, talk: Begin) -> None:
        talking = talk("ko")
        await talking.one("주문 조회하고 싶어요")
        reply = await talking.one("아 그냥 상담원 연결해 주세요")
        assert reply.decision is Decision.ESCALATE
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.CALLER_ASKED
        assert reply.escalation.queue == "orders"
        assert reply.escalation.skills[0] == "ko"
        assert "주문 조회" in reply.escalation.summary.text
        assert reply.escalation.summary.known["발신 번호"] == "+821012345678"

    async def test_a_sensitive_topic_goes_to_a_person_whatever_the_documents_say(self, talk: Begin) -> None:
        talking = talk("ko")
        reply = await talking.one("주전자가 폭발했어요 배송비가 얼마예요")
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.SENSITIVE_TOPIC

    async def test_what_no_document_answers_goes_to_a_person(self, talk: Begin) -> None:
        talking = talk("ko")
        reply = await talking.one("삼성전자 주가 얼마야")
        assert reply.escalation is not None
        assert reply.escalation.reason in {EscalationReason.NO_ANSWER, EscalationReason.LOW_CONFIDENCE}
        assert "삼성전자" in reply.escalation.summary.text

    async def test_two_topics_that_compete_are_offered_and_one_is_chosen(self, talk: Begin) -> None:
        rivals = (
            passage("ko/a.md", "ko", "정수기 대여", "위약금", "정수기 대여를 해지하시면 위약금이 있습니다."),
            passage("ko/b.md", "ko", "침대 대여", "위약금", "침대 대여를 해지하시면 위약금이 없습니다."),
        )
        talking = talk("ko", search=SmallSearch(rivals))
        asked = await talking.one("대여를 해지하시면 위약금이 있나요")
        assert asked.decision is Decision.CLARIFY
        assert "정수기 대여" in asked.text
        assert "침대 대여" in asked.text
        answer = await talking.one("침대요")
        assert answer.decision is Decision.ANSWER
        assert answer.citations[0].document == "ko/b.md"
        assert answer.confidence.value > asked.confidence.value
        assert answer.confidence.signals["chosen"] == 1.0

    async def test_a_digression_is_answered_and_the_number_asked_for_again(self, talk: Begin) -> None:
        talking = talk("ko")
        await talking.one("주문 조회하고 싶어요")
        digression = await talking.one("그런데 포인트 유효 기간이 어떻게 되나요")
        assert "24개월" in digression.text
        assert digression.sentences[-1].text.startswith("주문번호 여덟 자리")
        assert digression.expects is Expectation.DICTATING
        told = await talking.one("20261187이요")
        assert "무선 이어폰" in told.text

    async def test_a_follow_up_leans_on_the_question_before(self, talk: Begin) -> None:
        search = SmallSearch()
        talking = talk("ko", search=search)
        await talking.say("반품 기간이 며칠이에요")
        await talking.say("그럼 교환은요")
        first, second = search.asked
        assert (first.text, first.context) == ("반품 기간이 며칠이에요", ())
        assert (second.text, second.context) == ("반품 기간이 며칠이에요 그럼 교환은요", ("반품 기간이 며칠이에요",))
        assert {(query.audience, query.channel) for query in search.asked} == {("customer", "phone")}


class TestEnglishDialogs:
    async def test_a_condition_is_not_left_out_of_an_answer(self, talk: Begin) -> None:
        talking = talk("en")
        answer = await talking.one("can i return an unused item")
        assert "within 7 days" in answer.text
        assert "does not apply to assembled furniture" in answer.text

    async def test_keys_are_taken_at_any_time(self, talk: Begin, orders: OrderService) -> None:
        talking = talk("en")
        asked = await talking.one("where is my order")
        assert asked.expects is Expectation.DICTATING
        told = await talking.one(digits="20261187#")
        assert "wireless earbuds and 1 more" in told.text
        assert "November 24" in told.text
        unasked = await talking.one(digits="20261188")
        assert "oak table" in unasked.text
        assert orders.asked == ["/orders/20261187", "/orders/20261188"]

    async def test_a_number_in_two_breaths(self, talk: Begin, orders: OrderService) -> None:
        talking = talk("en")
        await talking.one("track my order please")
        rest = await talking.one("two zero two six")
        assert "2 0 2 6" in rest.text
        assert rest.expects is Expectation.DICTATING
        await talking.one("one one eight seven")
        assert orders.asked == ["/orders/20261187"]

    async def test_an_order_that_is_not_there_is_asked_for_once_more_then_a_person_helps(self, talk: Begin) -> None:
        talking = talk("en")
        await talking.one("where is my order")
        missing = await talking.one("nine nine nine nine nine nine nine nine")
        assert missing.escalation is None
        assert "9 9 9 9, 9 9 9 9" in missing.text
        again = await talking.one("nine nine nine nine nine nine nine eight")
        assert again.escalation is not None
        assert again.escalation.reason is EscalationReason.ACTION_FAILED
        assert again.escalation.summary.known["order number"] == "99999998"

    async def test_a_back_end_that_does_not_answer_in_time_leads_to_a_person(
        self, talk: Begin, orders: OrderService
    ) -> None:
        orders.behave = lambda path, turn: (503, 0.0, b"{}")
        talking = talk("en")
        await talking.one("where is my order")
        reply = await talking.one("two zero two six one one eight seven")
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.ACTION_FAILED
        assert len(orders.asked) == 2

    async def test_a_caller_without_the_number_is_not_asked_again(self, talk: Begin) -> None:
        talking = talk("en")
        await talking.one("where is my order")
        reply = await talking.one("i don't have my order number")
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.NO_PROGRESS

    async def test_an_action_can_be_dropped(self, talk: Begin, orders: OrderService) -> None:
        talking = talk("en")
        await talking.one("where is my order")
        dropped = await talking.one("never mind")
        assert dropped.escalation is None
        assert talking.conversation.flow is None
        answer = await talking.one("how long is the warranty on a television")
        assert "two years" in answer.text
        assert orders.asked == []

    async def test_what_was_said_is_repeated_whole(self, talk: Begin) -> None:
        talking = talk("en")
        answer = await talking.one("how long is the warranty on a television", heard="The warranty")
        repeated = await talking.one("sorry what did you say")
        assert repeated.text == answer.text
        assert repeated.citations == answer.citations

    async def test_instructions_inside_a_document_stay_text(self, talk: Begin, orders: OrderService) -> None:
        talking = talk("en")
        reply = await talking.one("how long is a gift card valid")
        assert reply.escalation is None
        assert all(sentence.citation is not None for sentence in reply.sentences)
        assert "five years" in reply.text
        assert orders.asked == []
        assert talking.conversation.flow is None

    async def test_small_talk_and_the_question_whether_a_person_speaks(self, talk: Begin) -> None:
        talking = talk("en")
        hello = await talking.one("hello")
        asked = await talking.one("are you a real person")
        assert hello.decision is asked.decision is Decision.CONVERSE
        assert "AI assistant" in asked.text
        wait = await talking.one("one moment please")
        assert wait.expects is Expectation.THINKING

    async def test_one_topic_in_doubt_is_asked_about_and_a_no_is_taken(self, talk: Begin) -> None:
        careful = Thresholds(clarify=0.01, answer=0.999, sure=0.9999)
        for word, decision in (("yes", Decision.ANSWER), ("no", Decision.ESCALATE)):
            talking = talk("en", thresholds=careful, search=SmallSearch(KNOWLEDGE[10:11]))
            asked = await talking.one("how long is the warranty on a television")
            assert (asked.decision, asked.expects) == (Decision.CLARIFY, Expectation.YES_NO)
            assert "How long is the warranty on a television" in asked.text
            assert (await talking.one(word)).decision is decision


class TestPatience:
    async def test_what_was_badly_heard_is_asked_for_once_more_before_a_person_is_troubled(self, talk: Begin) -> None:
        talking = talk("en")
        first = await talking.one("purple monkey dishwasher", confidence=0.2)
        assert first.decision is Decision.CLARIFY
        second = await talking.one("monkey purple garden", confidence=0.2)
        assert second.escalation is not None

    @pytest.mark.parametrize("then", list(AfterSilence))
    async def test_silence_is_borne_twice_then_the_tenant_decides(self, talk: Begin, then: AfterSilence) -> None:
        talking = talk("ko", after_silence=then)
        first = await talking.one(silent=True)
        second = await talking.one(silent=True)
        third = await talking.one(silent=True)
        assert first.escalation is second.escalation is None
        assert first.text != second.text
        if then is AfterSilence.PERSON:
            assert third.escalation is not None
            assert third.escalation.reason is EscalationReason.NO_INPUT
        else:
            assert third.escalation is None
            assert third.expects is Expectation.NOTHING

    async def test_silence_in_an_action_asks_again_and_a_word_begins_patience_anew(self, talk: Begin) -> None:
        talking = talk("ko")
        await talking.one("배송 조회요")
        silent = await talking.one(silent=True)
        assert "주문번호 여덟 자리" in silent.text
        assert silent.expects is Expectation.DICTATING
        await talking.one("잠깐만요")
        assert talking.conversation.progress.no_input == 0

    async def test_keys_that_mean_nothing_are_asked_about(self, talk: Begin) -> None:
        talking = talk("en")
        assert (await talking.one(digits="55")).decision is Decision.CLARIFY

    async def test_the_hand_over_key(self, talk: Begin) -> None:
        talking = talk("en")
        reply = await talking.one(digits="0")
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.CALLER_ASKED


class TestHistory:
    async def test_it_holds_what_was_heard_not_what_was_generated(self, talk: Begin) -> None:
        talking = talk("en")
        await talking.one("how long is the warranty on a television", heard="The warranty on a")
        assert [(line.speaker, line.text) for line in talking.conversation.history] == [
            (Speaker.CALLER, "how long is the warranty on a television"),
            (Speaker.BOT, "The warranty on a"),
        ]

    async def test_keys_stand_in_it_and_silence_does_not(self, talk: Begin) -> None:
        talking = talk("en")
        await talking.say(silent=True, heard="")
        await talking.say(digits="20261187", heard="")
        assert [line.text for line in talking.conversation.history] == ["[20261187]"]

    async def test_a_barge_in_cuts_speech_and_not_what_was_committed(self, talk: Begin) -> None:
        back_end = ScriptedBackEnd([Succeeded(ORDERS["20261187"])])
        back_end.gate.clear()
        talking = talk("en", back_end=back_end, settings=DialogSettings(filler_after=0.0))
        await talking.say("where is my order")
        replies = talking.manager.respond(talking.conversation, CallerTurn(9, "", "en", digits="20261187"))
        filler = await anext(replies)
        assert filler.expects is Expectation.LISTENING
        await replies.aclose()  # type: ignore[attr-defined]
        back_end.gate.set()
        told = await talking.say("hello are you there")
        assert "wireless earbuds" in told[0].text
        assert back_end.calls == [{"order_number": "20261187"}]
        assert "action.succeeded" in talking.kinds()


class TestHandOver:
    async def test_it_is_decided_once(self, talk: Begin) -> None:
        talking = talk("en")
        first = await talking.one("let me talk to a person")
        second = await talking.one("hello i want an agent")
        assert first.escalation is not None
        assert second.escalation is None
        assert second.expects is Expectation.LISTENING

    async def test_while_a_human_is_on_the_way_questions_are_still_answered(self, talk: Begin) -> None:
        talking = talk("en")
        await talking.one("let me talk to a person")
        for _ in range(3):
            waiting = await talking.one("purple monkey dishwasher")
            assert waiting.escalation is None
        answer = await talking.one("how long is the warranty on a television")
        assert "two years" in answer.text

    async def test_the_session_can_decide_it_for_its_own_reasons(self, talk: Begin) -> None:
        talking = talk("ko")
        reply = await talking.manager.escalate(talking.conversation, EscalationReason.LANGUAGE_NOT_HEARD)
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.LANGUAGE_NOT_HEARD

    async def test_once_a_human_has_spoken_not_a_word_more_comes_out(self, talk: Begin) -> None:
        talking = talk("en")
        await talking.one("agent please")
        talking.manager.heard(talking.conversation, Utterance(Speaker.AGENT, "Hello, this is Mina.", 1))
        assert await talking.say("how long is the warranty on a television") == []
        [asked] = [reply async for reply in talking.manager.take_up(talking.conversation, "")]
        assert asked.text == "How can I help you?"
        assert await talking.say("how long is the warranty on a television")

    async def test_a_conversation_given_back_does_what_the_human_says_which_are_not_the_callers_words(
        self, talk: Begin
    ) -> None:
        talking = talk("en")
        await talking.one("agent please")
        talking.manager.heard(talking.conversation, Utterance(Speaker.AGENT, "Hello, this is Mina.", 1))
        taken_up = talking.manager.take_up(talking.conversation, "how long is the warranty on a television")
        [answer] = [reply async for reply in taken_up]
        assert "two years" in answer.text
        assert answer.citations
        heard = [line.text for line in talking.conversation.history if line.speaker is Speaker.CALLER]
        assert "how long is the warranty on a television" not in heard

    async def test_the_summary_tells_wish_known_and_tried_in_the_language_of_the_call(self, talk: Begin) -> None:
        talking = talk("ko")
        await talking.one("포인트 유효 기간이 어떻게 되나요")
        await talking.one("배송 조회요")
        await talking.one("20261187")
        summary = talking.manager.summary(talking.conversation)
        assert summary.wish == "주문 조회"
        assert summary.known["주문번호"] == "20261187"
        assert any("멤버십 질문" in tried for tried in summary.tried)
        assert any("발송되었습니다" in tried and "shipped" not in tried for tried in summary.tried)
        assert "고객 요청" in summary.text


class TestFailures:
    async def test_knowledge_that_is_down_leads_to_a_person(self, talk: Begin) -> None:
        talking = talk("en", search=SmallSearch(failure=KnowledgeUnavailable("down")))
        reply = await talking.one("how much is delivery")
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.DIALOG_FAILED

    async def test_knowledge_that_hangs_is_not_waited_for(self, talk: Begin) -> None:
        talking = talk("en", search=SmallSearch(hangs=True), settings=DialogSettings(retrieval_timeout=0.01))
        reply = await talking.one("how much is delivery")
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.DIALOG_FAILED

    @pytest.mark.parametrize("kind", ["action.proposed", "action.started"])
    async def test_nothing_leaves_the_house_before_its_record_stands(
        self, talk: Begin, orders: OrderService, kind: str
    ) -> None:
        talking = talk("en", journal=FailingJournal(refuses=frozenset({kind})))
        reply = await talking.one("where is order two zero two six one one eight seven")
        assert orders.asked == []
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.ACTION_FAILED

    async def test_what_was_done_but_not_recorded_is_not_told_as_done(self, talk: Begin, orders: OrderService) -> None:
        talking = talk("en", journal=FailingJournal(refuses=frozenset({"action.succeeded"})))
        reply = await talking.one("where is order two zero two six one one eight seven")
        assert orders.asked == ["/orders/20261187"]
        assert "earbuds" not in reply.text
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.ACTION_UNKNOWN

    async def test_a_ledger_that_refuses_notes_does_not_stop_a_conversation(self, talk: Begin) -> None:
        refuses = frozenset({"turn.understood", "retrieval.done", "flow.moved", "dialog.began"})
        talking = talk("en", journal=FailingJournal(refuses=refuses))
        assert "two years" in (await talking.one("how long is the warranty on a television")).text
        await talking.conversation.scribe.settle()
        assert talking.conversation.scribe.dropped == 2

    async def test_a_language_without_intents_leads_to_a_person(self, talk: Begin) -> None:
        talking = talk("en")
        turn = CallerTurn(1, "bonjour", "fr")
        (reply,) = [reply async for reply in talking.manager.respond(talking.conversation, turn)]
        assert reply.escalation is not None
        assert reply.escalation.reason is EscalationReason.LANGUAGE_NOT_HEARD


class TestRecord:
    async def test_an_action_leaves_its_trail_in_order(self, talk: Begin) -> None:
        talking = talk("en")
        await talking.one("where is order two zero two six one one eight seven")
        kinds = [kind for kind in talking.kinds() if kind.startswith("action.")]
        assert kinds == ["action.proposed", "action.started", "action.succeeded"]
        assert talking.payload("action.proposed")["arguments"] == {"order_number": "20261187"}

    async def test_a_question_leaves_what_was_understood_and_found(self, talk: Begin) -> None:
        talking = talk("ko")
        await talking.one("포인트 유효 기간이 어떻게 되나요")
        await talking.conversation.scribe.settle()
        assert talking.payload("turn.understood")["intent"] == "membership"
        found = talking.payload("retrieval.done")
        assert found["query"] == "포인트 유효 기간이 어떻게 되나요"
        assert found["passages"]

    async def test_every_reply_says_how_sure_it_is_and_how_long_it_took(self, talk: Begin) -> None:
        talking = talk("en")
        for text in ("hello", "how long is the warranty on a television", "where is my order"):
            reply = await talking.one(text)
            assert 0.0 <= reply.confidence.value <= 1.0
            assert reply.confidence.signals
            assert "understand" in reply.timings

    async def test_a_filler_is_said_when_an_action_takes_long(self, talk: Begin) -> None:
        back_end = ScriptedBackEnd([Succeeded(ORDERS["20261187"])])
        back_end.gate.clear()
        talking = talk("ko", back_end=back_end, settings=DialogSettings(filler_after=0.0))
        await talking.say("배송 조회요")
        replies = talking.manager.respond(talking.conversation, CallerTurn(9, "", "ko", digits="20261187"))
        filler = await anext(replies)
        assert filler.expects is Expectation.LISTENING
        back_end.gate.set()
        told = await anext(replies)
        assert "무선 이어폰" in told.text
        assert [reply async for reply in replies] == []
        repeated = await talking.one("다시 말씀해 주세요")
        assert repeated.text == told.text


class TestModelsThatInvent:
    async def test_a_slot_value_that_was_not_said_does_not_stand(
        self, talk: Begin, orders: OrderService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        talking = talk("en")
        await talking.one("where is my order")

        async def invent(turn: CallerTurn, listening: Listening) -> Understanding:
            evidence = Evidence(turn.text, 0, len(turn.text))
            made_up = SetSlot(
                slot="order_number", value="20261187", confidence=1.0, evidence=evidence, source=Source.MODEL
            )
            asked = AskKnowledge(query=turn.text, confidence=0.0, evidence=evidence, source=Source.MODEL)
            return Understanding((made_up, asked))

        monkeypatch.setattr(talking.manager.release.understander, "understand", invent)
        reply = await talking.one("i think it begins with a two")
        assert orders.asked == []
        assert reply.expects is Expectation.DICTATING


class TestHeadsThatWereTaught:
    async def test_conversations_keep_who_they_began_with(self, talk: Begin) -> None:
        before = talk("en")
        manager, heads = before.manager, before.manager.release.understander
        manager.renew(replace(manager.release, understander=Deaf()))
        after = manager.begin(call_id="later", language="en", caller=None, journal=MemoryJournal())
        assert isinstance(after.understander, Deaf)
        assert before.conversation.understander is heads
        answer = await before.one("how long does standard delivery take")
        assert answer.decision is Decision.ANSWER

    async def test_another_release_is_refused(self, talk: Begin) -> None:
        manager = talk("en").manager
        with pytest.raises(ValueError, match="another release"):
            manager.renew(replace(manager.release, id="other"))


class Deaf:
    async def understand(self, turn: CallerTurn, listening: Listening) -> Understanding:
        return Understanding(())


class TestForesight:
    async def test_what_was_searched_ahead_is_used_when_the_question_is_the_same(self, talk: Begin) -> None:
        search = SmallSearch()
        talking = talk("en", search=search)
        await talking.manager.foresee(talking.conversation, CallerTurn(1, "how long does standard delivery take", "en"))
        answer = await talking.one("how long does standard delivery take")
        assert len(search.asked) == 1
        assert answer.decision is Decision.ANSWER
        await talking.conversation.scribe.settle()
        assert talking.payload("retrieval.done")["foreseen"] is True

    async def test_and_thrown_away_when_it_is_another(self, talk: Begin) -> None:
        search = SmallSearch()
        talking = talk("en", search=search)
        await talking.manager.foresee(talking.conversation, CallerTurn(1, "how long does", "en"))
        answer = await talking.one("how long does standard delivery take")
        assert len(search.asked) == 2
        assert answer.decision is Decision.ANSWER
        assert talking.conversation.foreseen is None

    async def test_nothing_follows_from_what_is_only_foreseen(self, talk: Begin) -> None:
        talking = talk("ko")
        before = (talking.conversation.turn, talking.conversation.query, list(talking.conversation.history))
        for text in ("배송 조회요", "상담원 바꿔 주세요", "배송은 얼마나 걸려요"):
            await talking.manager.foresee(talking.conversation, CallerTurn(1, text, "ko"))
        after = (talking.conversation.turn, talking.conversation.query, list(talking.conversation.history))
        assert before == after
        assert talking.conversation.flow is None
        assert talking.conversation.handed is None
        assert talking.journal.events == []


class TestManner:
    @pytest.mark.parametrize(
        ("text", "code", "manner"),
        [
            ("could you speak a little slower please", "en", Manner.SLOWER),
            ("can you speak up", "en", Manner.LOUDER),
            ("천천히 말씀해 주세요", "ko", Manner.SLOWER),
            ("크게 말씀해 주세요", "ko", Manner.LOUDER),
            ("say that again", "en", None),
        ],
    )
    async def test_slower_and_louder_say_the_last_words_again_in_that_manner(
        self, talk: Begin, text: str, code: str, manner: Manner | None
    ) -> None:
        talking = talk(code)
        said = await talking.manager.greet(talking.conversation)
        again = await talking.one(text)
        assert again.text == said.text
        assert again.manner is manner


class TestContinuedTurns:
    async def test_a_turn_that_goes_on_takes_the_place_of_its_beginning(self, talk: Begin) -> None:
        talking = talk("en")
        await talking.one("how long does")
        continued = CallerTurn(talking.conversation.turn + 1, "how long does delivery take", "en", continues=True)
        async for _ in talking.manager.respond(talking.conversation, continued):
            pass
        said = [line.text for line in talking.conversation.history if line.speaker is Speaker.CALLER]
        assert said == ["how long does delivery take"]


class TestEntries:
    async def test_a_question_for_digits_says_how_many(self, talk: Begin) -> None:
        talking = talk("ko")
        asked = await talking.one("배송 조회요")
        assert asked.entry is not None
        assert asked.entry.length == 8
        rest = await talking.one("이공이육")
        assert rest.entry is not None
        assert rest.entry.length == 4
