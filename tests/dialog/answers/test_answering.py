"""From hits to candidates, and which of them compete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dialog.answers.answering import Finding, Question, find, rivals, topic, weigh
from dialog.answers.confidence import Thresholds
from dialog.understanding.classifier import Judgement
from knowledge.document import Document, Hit
from knowledge.errors import KnowledgeUnavailable
from knowledge.query import Query
from tests.dialog.surroundings import KNOWLEDGE, SmallSearch, passage

TODAY = date(2026, 11, 21)
LOOSE = Thresholds(answer=0.2, clarify=0.01, sure=0.9, rival=1.0)


def question(words: str, code: str = "en", **more: object) -> Question:
    return Question(words, code, more.pop("recognition", 1.0), **more)  # type: ignore[arg-type]


async def hits(words: str, code: str = "en", search: SmallSearch | None = None) -> tuple[Hit, ...]:
    query = Query("t", code, words, on=TODAY)
    return await find(search or SmallSearch(), question(words, code), query, timeout=1.0)


async def test_the_most_probable_answer_comes_first_with_its_signals() -> None:
    asked = question("how long is the warranty on a television")
    best, *others = weigh(asked, await hits(asked.words))
    assert "two years" in best.extract.text
    assert all(best.confidence.value >= other.confidence.value for other in others)
    assert {"sentence", "overlap", "margin", "form", "question", "recognition"} <= set(best.confidence.signals)


async def test_the_source_own_question_speaks_for_its_answer() -> None:
    asked = question("포인트 유효 기간이 어떻게 되나요", "ko")
    best = weigh(asked, await hits(asked.words, "ko"))[0]
    assert best.confidence.signals["question"] == pytest.approx(1.0)


async def test_bad_hearing_and_being_out_of_scope_make_it_less_sure() -> None:
    asked = question("how much is delivery")
    found = await hits(asked.words)
    sure = weigh(asked, found)[0].confidence.value
    misheard = weigh(replace(asked, recognition=0.3), found)[0].confidence.value
    outside = weigh(replace(asked, judgement=Judgement((("delivery", 1.0),), 0.0)), found)[0].confidence.value
    assert misheard < sure
    assert outside < sure


@pytest.mark.parametrize(
    ("words", "code", "known"),
    [
        ("how long is the warranty on a television", "en", True),
        ("quiz about jazz", "en", False),
        ("서울 매장 주차 무료인가요", "ko", True),
        ("삼성전자 주가 얼마야", "ko", False),
    ],
)
async def test_it_is_known_whether_anything_was_there_to_be_found(words: str, code: str, known: bool) -> None:
    asked = question(words, code)
    found = await hits(words, code)
    assert Finding(words, weigh(asked, found), found, {}).related is known
    elsewhere = replace(asked, judgement=Judgement((("delivery", 1.0),), 0.0))
    assert not Finding(words, weigh(elsewhere, found), found, {}).related
    assert not Finding(words, (), (), {}).related


async def test_what_is_not_valid_today_is_not_said_even_if_it_was_found() -> None:
    sale = passage("en/sale.md", "en", "Sale", "Sale", "Delivery is free during the sale.")
    over = replace(sale, document=Document("en/sale.md", "Sale", "en", "0", valid_until=date(2026, 8, 31)))
    assert await hits("is delivery free during the sale", search=SmallSearch((over,))) == ()


async def test_a_search_that_hangs_is_given_up() -> None:
    with pytest.raises(KnowledgeUnavailable, match="did not answer"):
        await find(SmallSearch(hangs=True), question("x"), Query("t", "en", "x", on=TODAY), timeout=0.01)


async def test_answers_that_say_different_things_compete() -> None:
    one = passage("a.md", "en", "Water cooler", "Fee", "Ending the rental early costs a fee.")
    other = passage("b.md", "en", "Bed", "Fee", "Ending the rental early costs no fee.")
    asked = question("does ending the rental early cost a fee")
    candidates = weigh(asked, await hits(asked.words, search=SmallSearch((one, other))))
    assert [candidate.passage.id for candidate in rivals(candidates, LOOSE)] == [candidates[1].passage.id]


async def test_answers_that_say_the_same_do_not() -> None:
    one = passage("a.md", "en", "Delivery", "Fee", "Delivery costs 3,000 won.")
    other = passage("b.md", "en", "Questions", "Fee", "Delivery costs 3,000 won each.")
    asked = question("what does delivery cost")
    assert rivals(weigh(asked, await hits(asked.words, search=SmallSearch((one, other)))), LOOSE) == ()
    assert rivals((), LOOSE) == ()


def test_a_topic_is_named_so_that_it_differs() -> None:
    delivery, duration = KNOWLEDGE[0], KNOWLEDGE[1]
    assert topic(delivery) == "일반 배송"
    assert topic(delivery, duration) == "배송비"
    assert topic(duration, delivery) == "배송 기간"
    assert topic(KNOWLEDGE[5]) == "포인트 유효 기간이 어떻게 되나요"


async def test_what_the_caller_bought_is_a_product_where_no_document_names_it() -> None:
    general = passage("a.md", "en", "Returns", "How", "Return a product within seven days.")
    special = passage("b.md", "en", "Cosmetics", "Returns", "Opened cosmetics cannot be returned.")
    search = SmallSearch((general, special))
    fan = question("how do i return the fan i bought")
    best = weigh(fan, await hits(fan.words, search=search))[0]
    assert best.passage.id == general.id
    assert best.confidence.signals["overlap"] == pytest.approx(1.0)
    cosmetics = question("how do i return the cosmetics i bought")
    assert weigh(cosmetics, await hits(cosmetics.words, search=search))[0].passage.id == special.id
