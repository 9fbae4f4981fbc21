"""Passages that contradict one another are found, and those that only differ are not."""

from __future__ import annotations

from datetime import date

import pytest

from dialog.answers.conflicts import conflicts, contradicting
from dialog.answers.facts import Kind
from dialog.answers.grounding import Backing
from knowledge.document import Passage
from tests.dialog.surroundings import KNOWLEDGE, passage


def of(number: int, code: str, title: str, heading: str, sentence: str) -> Backing:
    return Backing.of_passage(number, passage(f"{number}.md", code, title, heading, sentence))


@pytest.mark.parametrize(
    ("code", "asked", "one", "other", "kind"),
    [
        ("ko", "배송비 얼마예요?", "기본 배송비는 3,000원입니다.", "기본 배송비는 2천5백 원입니다.", Kind.WON),
        ("ko", "반품 며칠까지 돼요?", "반품은 7일 안에 가능합니다.", "반품은 14일 안에 가능합니다.", Kind.DAY),
        ("en", "what does delivery cost", "Delivery costs 3,000 won.", "Delivery costs 2,500 won.", Kind.WON),
        ("en", "how long can I return it", "You can return it within 7 days.", "Return it within 30 days.", Kind.DAY),
    ],
)
def test_other_figures_for_the_same_thing_are_a_conflict(
    code: str, asked: str, one: str, other: str, kind: Kind
) -> None:
    evidence = (of(1, code, "Delivery", "Cost", one), of(2, code, "Delivery", "Cost", other))
    (found,) = conflicts(asked, evidence, code)
    assert (found.kind, found.first, found.second, found.sentences) == (kind, 1, 2, (one, other))


@pytest.mark.parametrize(
    ("code", "asked", "one", "other"),
    [
        ("ko", "배송비 얼마예요?", "기본 배송비는 3,000원입니다.", "기본 배송비는 3천 원입니다."),
        ("ko", "배송비 얼마예요?", "기본 배송비는 3,000원입니다.", "설치 상품의 방문 설치 비용은 20,000원입니다."),
        ("en", "when do you open", "Delivery costs 3,000 won.", "Delivery costs 2,500 won."),
        ("en", "how long is it", "The trial is two weeks long.", "The trial is 14 days long."),
    ],
)
def test_the_same_in_other_words_or_something_else_is_none(code: str, asked: str, one: str, other: str) -> None:
    evidence = (of(1, code, "Delivery", "Cost", one), of(2, code, "Delivery", "Cost", other))
    assert conflicts(asked, evidence, code) == ()


def test_what_stands_over_them_keeps_things_apart() -> None:
    evidence = (
        of(1, "en", "Standard delivery", "How long it takes", "It takes three business days at most."),
        of(2, "en", "Overseas parcels", "Duration abroad", "It takes ten business days at the most."),
    )
    assert conflicts("how many days does it take", evidence, "en") == ()


def test_knowledge_without_contradictions_has_none() -> None:
    for code, asked in (("ko", "배송비 얼마예요?"), ("en", "what does delivery cost?")):
        evidence = [Backing.of_passage(n, p) for n, p in enumerate(KNOWLEDGE, 1) if p.document.language == code]
        assert conflicts(asked, evidence, code) == ()


TODAY = date(2026, 11, 22)


def valid(document: str, sentence: str) -> Passage:
    return passage(document, "en", "Gift cards", "Validity", sentence)


def test_the_first_passage_that_contradicts_the_first_is_found() -> None:
    five = valid("a.md", "A gift card is valid for five years.")
    three = valid("b.md", "A gift card is valid for three years.")
    same = valid("c.md", "A gift card is valid for 5 years.")
    other = valid("d.md", "A gift card costs 10,000 won.")
    asked = "for how many years is a gift card valid"
    assert contradicting(asked, (five, same, three), "en", TODAY) == 2
    assert contradicting(asked, (five, same, other), "en", TODAY) is None
    assert contradicting(asked, (other, five, three), "en", TODAY) is None  # the first one is not in doubt
    assert contradicting(asked, (five,), "en", TODAY) is None
