"""Actions depend on who calls: with the example shop's real service, up to the moment of the deed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from dialog.actions.http_actions import HttpActions
from dialog.actions.rules import Identity
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.models.language_model import LanguageModel
from dialog.models.scripted_generator import ScriptedGenerator
from dialog.releases.release import Release
from dialog.reply import Entry
from dialog.settings import LanguageModelSettings
from dialog.turn import MASK, Speaker
from tests.dialog.surroundings import SmallSearch, StoppedClock, Talk
from tests.dialogs.shop import Shop, shop


@pytest.fixture
async def calling(release: Release) -> AsyncIterator[tuple[Talk, Shop]]:
    with shop() as services:
        actions = HttpActions(services.urls, jitter=lambda: 0.0)
        manager, journal = DialogueManager(release, SmallSearch(), actions, StoppedClock()), MemoryJournal()
        conversation = manager.begin(call_id="call", language="ko", caller=None, journal=journal)
        yield Talk(manager, conversation, journal, "ko"), services
        await manager.finish(conversation)
        await actions.close()


async def test_what_was_given_in_confidence_stands_nowhere(calling: tuple[Talk, Shop]) -> None:
    talk, _ = calling
    await talk.say("주문 취소해 주세요")
    await talk.say("이공이육 일이공삼")
    await talk.say("공사오이사")
    await talk.manager.finish(talk.conversation)
    written = json.dumps(talk.journal.events, ensure_ascii=False, default=str) + str(talk.conversation.history)
    written += str(talk.manager.summary(talk.conversation))
    assert "04524" not in written
    assert "공사오이사" not in written
    assert "caller.identified" in talk.kinds()


async def test_small_talk_leaves_what_is_asked_for_a_secret(calling: tuple[Talk, Shop]) -> None:
    talk, _ = calling
    await talk.say("주문 취소해 주세요")
    await talk.say("이공이육 일이공삼")
    await talk.say("안녕하세요")
    assert talk.conversation.last is not None
    assert talk.conversation.last.entry == Entry(5, secret=True)


async def test_an_order_number_is_no_secret_beside_one(calling: tuple[Talk, Shop]) -> None:
    talk, _ = calling
    await talk.say("주문 취소해 주세요")
    await talk.say("이공이육 일이공삼")
    await talk.say(digits="11111")  # wrong, so that all is asked for once more
    await talk.say("이공이육 일이공삼")
    await talk.manager.finish(talk.conversation)
    assert talk.conversation.confided is False
    assert [line.text for line in talk.conversation.history if line.speaker is Speaker.CALLER][1:] == [
        "이공이육 일이공삼",
        MASK,
        "이공이육 일이공삼",
    ]
    assert "20261203" in json.dumps(talk.payload("turn.understood"), default=str)


@pytest.mark.parametrize("odd", ["well you know that place is 04524 or so", "how long does delivery to 04524 take"])
async def test_no_model_hears_a_turn_that_holds_a_secret(release: Release, odd: str) -> None:
    generator, journal = ScriptedGenerator(lambda messages: '{"commands": []}'), MemoryJournal()
    model = LanguageModel(generator, LanguageModelSettings(), "scripted:1")
    with shop() as services:
        actions = HttpActions(services.urls, jitter=lambda: 0.0)
        manager = DialogueManager(release, SmallSearch(), actions, StoppedClock(), model=model)
        talk = Talk(manager, manager.begin(call_id="c", language="en", caller=None, journal=journal), journal, "en")
        await talk.say("i want to cancel my order")
        await talk.say("20261203")
        generator.asked.clear()
        await talk.say(odd)
        await manager.finish(talk.conversation)
        await actions.close()
    assert generator.asked == []
    told = json.dumps(journal.events, ensure_ascii=False, default=str)
    assert "04524" not in told + talk.conversation.query + str(talk.conversation.asked)


async def test_who_calls_is_known_to_whoever_takes_over(calling: tuple[Talk, Shop]) -> None:
    talk, _ = calling
    await talk.say("주문 취소해 주세요")
    await talk.say("이공이육 일이공삼")
    await talk.say(digits="11111")
    summary = talk.manager.summary(talk.conversation)
    assert summary.known["본인 확인"] == "본인이라고 하나 확인되지 않음"
    assert summary.wish == "주문 취소"
    await talk.say(digits="20261203")
    await talk.say(digits="04524")
    assert talk.conversation.acquaintance.identity is Identity.KNOWLEDGE
    summary = talk.manager.summary(talk.conversation)
    assert (summary.known["본인 확인"], summary.known["고객 번호"]) == ("질문으로 확인됨", "C-1001")


async def test_an_order_that_changed_hands_between_the_read_back_and_the_yes_is_not_touched(
    calling: tuple[Talk, Shop],
) -> None:
    talk, services = calling
    await talk.say("주문 취소해 주세요")
    await talk.say("이공이육 일이공삼")
    (asked,) = await talk.say("공사오이사")
    assert "취소할까요" in asked.text
    services.orders["20261203"]["customer_id"] = "C-1002"
    (answer,) = await talk.say("네")
    assert "취소해 드릴 수 없습니다" in answer.text
    assert services.orders["20261203"]["status"] == "preparing"


@pytest.mark.parametrize("number", ["20261203", "20269999"])
async def test_the_same_is_said_whether_the_order_or_the_answer_was_wrong(
    calling: tuple[Talk, Shop], number: str
) -> None:
    talk, _ = calling
    await talk.say("주문 취소해 주세요")
    await talk.say("이공이육 일이공삼")
    await talk.say(digits="11111")
    await talk.say(digits=number)
    (answer,) = await talk.say(digits="22222" if number == "20261203" else "04524")
    assert answer.text.startswith("말씀하신 내용이 등록된 정보와 맞지 않습니다.")
