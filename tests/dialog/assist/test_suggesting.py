"""From a caller's words to one card or none, by the tenant's own understander, thresholds and documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dialog.assist.card import Card, CardKind
from dialog.assist.suggesting import Suggesting
from dialog.assist.thread import Thread
from dialog.errors import LanguageNotSpoken
from dialog.releases.release import Release
from dialog.settings import DialogSettings
from dialog.turn import CallerTurn
from knowledge.document import Passage
from knowledge.errors import KnowledgeUnavailable
from tests.dialog.surroundings import KNOWLEDGE, SmallSearch, StoppedClock, passage
from tests.house import example_release

OURS = ("agent",)


def for_agents(found: Passage) -> Passage:
    dated = replace(found.document, audience=OURS, valid_from=date(2026, 3, 1))
    return replace(found, document=dated)


INTERNAL = for_agents(
    passage("en/desk.md", "en", "Goodwill", "Goodwill limit", "Agents may grant a goodwill credit of up to 5,000 won.")
)


def suggesting(search: SmallSearch | None = None, release: Release | None = None) -> Suggesting:
    used = release or example_release()
    return Suggesting(lambda: used, search or SmallSearch((*KNOWLEDGE, INTERNAL)), DialogSettings(), StoppedClock())


def turn(text: str, code: str = "en", number: int = 1, **more: object) -> CallerTurn:
    return CallerTurn(number, text, code, **more)  # type: ignore[arg-type]


async def card_for(
    text: str, code: str = "en", thread: Thread | None = None, using: Suggesting | None = None
) -> tuple[Card | None, Thread]:
    using = using or suggesting()
    reading = await using.read(turn(text, code), thread or Thread())
    if reading.remark is None:
        return reading.card, reading.thread
    return await using.answer(reading.remark), reading.thread


@pytest.mark.parametrize(
    ("code", "text", "words", "title"),
    [
        ("ko", "포인트 유효 기간이 어떻게 되나요", "24개월", "멤버십 질문"),
        ("en", "how long is the warranty on a television", "two years", "Warranty questions"),
    ],
)
async def test_a_question_brings_the_answer_with_its_source(code: str, text: str, words: str, title: str) -> None:
    card, thread = await card_for(text, code)
    assert card is not None and card.source is not None
    assert (card.kind, card.source.title, card.source.internal) == (CardKind.ANSWER, title, False)
    assert words in card.text and words in card.source.excerpt
    assert example_release().policy.thresholds.answer <= card.confidence <= 1.0
    assert thread.asked == (text,)


async def test_documents_for_agents_are_found_for_them_and_marked() -> None:
    search = SmallSearch((INTERNAL,))
    card, _ = await card_for("what is the goodwill limit for a goodwill credit", using=suggesting(search))
    assert [query.audience for query in search.asked] == ["agent"]
    assert card is not None and card.source is not None
    assert (card.source.internal, card.source.effective_from) == (True, date(2026, 3, 1))


async def test_below_the_tenants_threshold_nothing_is_claimed() -> None:
    release = example_release()
    limits = replace(release.policy.thresholds, answer=0.999, sure=0.999)
    strict = suggesting(release=replace(release, policy=replace(release.policy, thresholds=limits)))
    card, _ = await card_for("how long is the warranty on a television", using=strict)
    assert card is not None and (card.kind, card.source) == (CardKind.NOTHING, None)


async def test_that_nothing_was_found_is_told_only_of_questions() -> None:
    empty = suggesting(SmallSearch(()))
    asked, _ = await card_for("can i pay with my card in monthly installments", using=empty)
    assert asked is not None and asked.kind is CardKind.NOTHING
    assert asked.text == "can i pay with my card in monthly installments"
    told, _ = await card_for("i have paid it with my card on monday", using=empty)
    assert told is None or told.kind is not CardKind.NOTHING


async def test_what_is_none_of_the_tenants_business_is_no_question_for_the_documents() -> None:
    card, _ = await card_for("what is the weather like today", using=suggesting(SmallSearch(())))
    assert card is None


async def test_a_follow_up_is_searched_for_with_what_it_leans_on() -> None:
    search = SmallSearch()
    _, thread = await card_for("how much is standard delivery", using=suggesting(search))
    await card_for("and to jeju", "en", thread, suggesting(search))
    assert search.asked[-1].context == ("how much is standard delivery",)
    assert "jeju" in search.asked[-1].text


@pytest.mark.parametrize(
    ("code", "wish", "number"),
    [
        ("ko", "주문을 취소하고 싶어요", "이공이육 일공사이요"),
        ("en", "i want to cancel my order", "it is 2 0 2 6 1 0 4 2"),
    ],
)
async def test_what_is_wanted_done_is_an_action_filled_in_as_values_are_given(
    code: str, wish: str, number: str
) -> None:
    card, thread = await card_for(wish, code)
    assert card is not None and card.action is not None
    assert (card.kind, card.action.name, card.action.missing) == (CardKind.ACTION, "cancel_order", ("order_number",))
    filled, thread = await card_for(number, code, thread)
    assert filled is not None and filled.action is not None
    assert (filled.action.name, filled.action.arguments) == ("cancel_order", {"order_number": "20261042"})
    assert thread.values == {"order_number": "20261042"}


async def test_what_agents_cannot_have_done_is_looked_up_in_the_documents() -> None:
    search = SmallSearch()
    card, thread = await card_for("please call me back tomorrow", using=suggesting(search))
    assert [query.text for query in search.asked] == ["please call me back tomorrow"]
    assert thread.flow is None
    assert card is None or card.kind is not CardKind.ACTION


async def test_a_wish_that_is_dropped_is_asked_about_no_more() -> None:
    thread = Thread(flow="book_visit")
    card, after = await card_for("cancel that please", "en", thread)
    assert (card, after.flow) == (None, None)


async def test_secrets_are_never_taken_along() -> None:
    _, thread = await card_for("my postcode is four eight zero five eight", "en", Thread(flow="identify"))
    assert "postcode" not in thread.values


@pytest.mark.parametrize("text", ["a person please", "okay thank you", "goodbye"])
async def test_politeness_and_the_wish_for_a_person_bring_no_card(text: str) -> None:
    assert (await card_for(text))[0] is None


@pytest.mark.parametrize(
    ("heard", "worth"),
    [
        (turn("네", "ko"), False),
        (turn("음 네네", "ko"), False),
        (turn("okay"), False),
        (turn("•••••"), False),
        (turn("", silent=True), False),
        (turn("wie geht es", "de"), False),
        (turn("", digits="20261042"), True),
        (turn("배송비 얼마예요", "ko"), True),
        (turn("two zero two six 1 0 4 2"), True),
    ],
)
def test_only_words_that_carry_something_are_looked_at(heard: CallerTurn, worth: bool) -> None:
    assert suggesting().worth(heard) is worth


async def test_instructions_to_programs_are_shown_to_nobody() -> None:
    card, _ = await card_for("how long is a gift card valid and what is a gift card worth")
    assert card is None or "Ignore" not in card.text


async def test_failures_are_the_askers_affair() -> None:
    failing = suggesting(SmallSearch(failure=KnowledgeUnavailable("down")))
    with pytest.raises(KnowledgeUnavailable):
        await card_for("how much is standard delivery", using=failing)
    with pytest.raises(LanguageNotSpoken):
        await suggesting().read(turn("wie geht es", "de"), Thread())


async def test_an_agents_own_search_shows_sources_best_first() -> None:
    found = await suggesting().look_up("goodwill credit", "en", channel="phone")
    assert found[0].source.title == "Goodwill" and found[0].source.internal
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
