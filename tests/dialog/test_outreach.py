"""Conversations that we begin, with the example tenant's flows: who, why, a good time, and then the errand itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dialog.actions.action import Succeeded
from dialog.errand import Disposition, Errand
from dialog.errors import DialogError
from dialog.outreach import machine_message
from dialog.releases.release import Release
from dialog.reply import Decision, EscalationReason, Expectation, Reply
from tests.dialog.surroundings import ScriptedBackEnd, Talk

Begin = Callable[..., Talk]
VISIT = {"visit_at": "2026-11-24T15:00", "phone": "01012345678"}
BOOKED = {"phone": "01012345678", "at": "2026-11-24T15:00", "people": 2}


class Book:
    """Keeps who refused, or fails to."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.words: list[str] = []

    async def refuse(self, words: str) -> None:
        if self.fails:
            raise DialogError("the database is away")
        self.words.append(words)


async def reach(
    talk: Talk, purpose: str = "visit_reminder", details: dict[str, str] | None = None, book: Book | None = None
) -> tuple[Reply, Reply]:
    errand = Errand(purpose, VISIT if details is None else details, (book or Book()).refuse)
    return await talk.manager.reach_out(talk.conversation, errand, recording_notice=True)


async def test_the_first_words_say_who_calls_that_a_machine_speaks_and_why(talk: Begin) -> None:
    talking = talk("en")
    greeting, question = await reach(talking)
    assert [sentence.text for sentence in greeting.sentences] == [
        "Hello, this is the automated assistant of Hanbit Store.",
        "This call is recorded to improve our service.",
        "I am calling to remind you that on Tuesday, November 24 at 3 p.m. you are expected at our Seoul store.",
    ]
    assert greeting.expects is Expectation.LISTENING
    assert (question.text, question.expects) == ("Do you have a moment for it?", Expectation.YES_NO)
    assert greeting.release == question.release == talking.manager.release.id
    await talking.conversation.scribe.settle()
    assert talking.payload("dialog.began")["purpose"] == "visit_reminder"


async def test_the_same_in_korean(talk: Begin) -> None:
    greeting, question = await reach(talk("ko"))
    assert greeting.text.startswith("안녕하세요, 한빛상점의 자동 안내 AI입니다.")
    assert greeting.disclosures == {
        "ko": greeting.disclosure,
        "en": "Hello, this is the automated assistant of Hanbit Store.",
    }
    assert "11월 24일" in greeting.text and "서울 매장 방문 예약을 알려 드리려고 전화드렸습니다." in greeting.text
    assert question.text == "잠시 통화하실 수 있으신가요?"


async def test_a_reason_is_given_also_where_nobody_said_more_about_it(talk: Begin) -> None:
    greeting, _ = await reach(talk("en"), details={})
    assert greeting.text.endswith("I am calling to remind you of your visit to our Seoul store.")


async def test_what_stands_is_kept(talk: Begin) -> None:
    talking = talk("en")
    await reach(talking)
    assert "Will you come as planned" in (await talking.one("yes")).text
    assert talking.manager.disposition(talking.conversation) is Disposition.UNSETTLED
    assert "We look forward to seeing you on Tuesday" in (await talking.one("keep it")).text
    assert talking.manager.disposition(talking.conversation) is Disposition.SETTLED


async def test_what_is_moved_is_read_back_and_confirmed_like_every_change(talk: Begin) -> None:
    moved = {**BOOKED, "at": "2026-11-25T16:00"}
    back_end = ScriptedBackEnd([Succeeded(moved), Succeeded(moved)])
    talking = talk("ko", back_end=back_end)
    await reach(talking)
    await talking.one("네")
    assert "언제로 바꿔 드릴까요" in (await talking.one("시간을 변경할게요")).text
    asked = await talking.one("11월 25일 오후 네 시요")
    assert "바꿀까요?" in asked.text and back_end.calls == []
    done = await talking.say("네")
    assert "바꾸었습니다" in " ".join(reply.text for reply in done)
    assert back_end.calls[0] == {"phone": "01012345678", "at": "2026-11-25T16:00"}


@pytest.mark.parametrize(
    ("code", "words", "asks", "tells"),
    [
        ("en", ("yes", "please cancel it", "yes"), "Shall I cancel the visit", "has been cancelled"),
        ("ko", ("네", "예약 취소해 주세요", "네"), "예약을 취소할까요?", "예약을 취소했습니다"),
    ],
)
async def test_what_is_cancelled_is_the_visit_and_not_the_conversation(
    talk: Begin, code: str, words: tuple[str, str, str], asks: str, tells: str
) -> None:
    cancelled = {"phone": "01012345678", "status": "cancelled"}
    talking = talk(code, back_end=ScriptedBackEnd([Succeeded(cancelled), Succeeded({**BOOKED, **cancelled})]))
    await reach(talking)
    await talking.one(words[0])
    assert asks in (await talking.one(words[1])).text
    assert tells in " ".join(reply.text for reply in await talking.say(words[2]))


async def test_who_has_no_time_is_left_in_peace(talk: Begin) -> None:
    talking = talk("ko")
    await reach(talking)
    assert "방해하지 않겠습니다" in (await talking.one("아니요")).text


async def test_who_asked_to_be_called_back_gets_a_person_or_another_time(talk: Begin) -> None:
    talking = talk("en")
    greeting, _ = await reach(talking, "callback", {"phone": "01012345678"})
    assert "You asked us to call you back." in greeting.text
    handed = await talking.one("yes")
    assert handed.escalation is not None and handed.escalation.reason is EscalationReason.CALLER_ASKED
    assert talking.manager.disposition(talking.conversation) is Disposition.HANDED_OVER
    later = talk("en")
    await reach(later, "callback", {"phone": "01012345678"})
    assert "When shall we call again?" in (await later.one("no")).text
    assert "Shall we call you again on" in (await later.one("tomorrow at three in the afternoon")).text


async def test_repeating_says_who_calls_and_why_once_more(talk: Begin) -> None:
    talking = talk("en")
    await reach(talking)
    again = await talking.one("could you say that again")
    assert "automated assistant of Hanbit Store" in again.text and "remind you that on Tuesday" in again.text


@pytest.mark.parametrize(("code", "words"), [("ko", "다시는 전화하지 마세요"), ("en", "do not call me again")])
async def test_who_wants_no_calls_is_taken_at_their_word_at_any_time(talk: Begin, code: str, words: str) -> None:
    for before in ((), ("네" if code == "ko" else "yes",)):
        book = Book()
        talking = talk(code)
        await reach(talking, book=book)
        for said in before:
            await talking.say(said)
        reply = await talking.one(words)
        assert (reply.decision, reply.expects) == (Decision.ACT, Expectation.NOTHING)
        assert book.words == [words]
        await talking.conversation.scribe.settle()
        assert talking.payload("calls.refused") == {"turn": talking.turn, "words": words}
        assert talking.conversation.flow is None
        assert talking.manager.disposition(talking.conversation) is Disposition.REFUSED


async def test_a_refusal_that_cannot_be_kept_is_not_said_to_be_but_goes_to_a_person(talk: Begin) -> None:
    talking = talk("en")
    await reach(talking, book=Book(fails=True))
    reply = await talking.one("do not call me again")
    assert reply.escalation is not None
    assert talking.manager.disposition(talking.conversation) is not Disposition.REFUSED


async def test_who_has_called_us_himself_refuses_nothing_with_these_words(talk: Begin) -> None:
    talking = talk("en")
    await talking.manager.greet(talking.conversation)
    replies = await talking.say("do not call me again")
    assert all("will not call you again" not in reply.text for reply in replies)
    assert talking.manager.disposition(talking.conversation) is Disposition.UNSETTLED


async def test_what_is_no_flow_is_no_purpose(talk: Begin) -> None:
    with pytest.raises(KeyError):
        await reach(talk("en"), "selling")


def test_a_machine_is_told_who_called_and_nothing_of_why(release: Release) -> None:
    for code in ("ko", "en"):
        said = machine_message(release, code)
        assert release.tenant.name[code] in said
        assert "visit" not in said and "예약" not in said
