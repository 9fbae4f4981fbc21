"""Documents that are told apart by a word of their titles."""

from __future__ import annotations

import pytest

from dialog.answers.siblings import meant
from knowledge.document import Passage
from tests.dialog.surroundings import passage

ENGLISH = (
    passage("standard.md", "en", "Standard delivery", "How long it takes", "It takes two to three business days."),
    passage("overseas.md", "en", "Overseas delivery", "Limits", "A parcel may weigh at most 20 kilograms."),
    passage("gifts.md", "en", "Gift wrapping", "What it costs", "Wrapping costs 2,000 won."),
)
KOREAN = (
    passage("standard.md", "ko", "일반 배송", "배송 기간", "배송은 영업일 기준 2일에서 3일 걸립니다."),
    passage("overseas.md", "ko", "해외 배송", "제한", "상자 하나는 20킬로그램까지 보내실 수 있습니다."),
    passage("gifts.md", "ko", "선물 포장", "가격", "선물 포장은 2,000원입니다."),
)


def documents(asked: str, code: str, passages: tuple[Passage, ...]) -> set[str]:
    kept = meant(asked, code, passages)
    return {one.document.id for one in passages if one.id in kept}


@pytest.mark.parametrize(
    ("asked", "code", "passages"),
    [("how long does overseas delivery take", "en", ENGLISH), ("해외배송은 며칠 걸려요?", "ko", KOREAN)],
)
def test_the_sibling_of_what_is_named_does_not_answer(asked: str, code: str, passages: tuple[Passage, ...]) -> None:
    assert documents(asked, code, passages) == {"overseas.md", "gifts.md"}


@pytest.mark.parametrize(
    ("asked", "code", "passages"),
    [
        ("how long does delivery take", "en", ENGLISH),
        ("is overseas delivery slower than standard delivery", "en", ENGLISH),
        ("how much is a gift card", "en", ENGLISH),
        ("배송은 며칠 걸려요?", "ko", KOREAN),
        ("선물도 배송되나요?", "ko", KOREAN),
        ("일반 배송하고 해외 배송이 어떻게 달라요?", "ko", KOREAN),
    ],
)
def test_where_none_or_both_are_named_all_may_answer(asked: str, code: str, passages: tuple[Passage, ...]) -> None:
    assert documents(asked, code, passages) == {"standard.md", "overseas.md", "gifts.md"}


def test_a_passage_that_speaks_of_it_may_answer_whatever_its_document_is_called() -> None:
    told = passage("standard.md", "en", "Standard delivery", "Abroad", "Overseas delivery has a page of its own.")
    assert documents("how long does overseas delivery take", "en", (told, *ENGLISH[1:])) >= {"standard.md"}
