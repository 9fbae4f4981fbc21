"""Whether somebody asks, without question marks, in both languages."""

from __future__ import annotations

import pytest

from dialog.assist.questions import asks
from dialog.errors import LanguageNotSpoken

ASKED = {
    "ko": [
        "배송비가 얼마예요",
        "환불은 언제 되나요",
        "제주도도 배송되나요",
        "반품하려면 어떻게 해야 돼요",
        "이거 교환 가능한가요",
        "매장이 몇 시에 여는지 궁금해서요",
        "포인트 쓰는 방법 좀 알려 주세요",
        "주말에도 상담하는지 확인해 주세요",
        "진짜 무료예요?",
        "그 정책은 어때요",
    ],
    "en": [
        "how much is delivery",
        "can i return it without the box",
        "so is it free for members",
        "i was wondering whether you ship to jeju",
        "could you tell me your opening hours",
        "the refund when does it arrive",
        "you deliver on sundays?",
    ],
}
TOLD = {
    "ko": [
        "어제 주문했어요",
        "카드로 결제했습니다",
        "시간이 없습니다",
        "네 알겠습니다",
        "주문번호 불러 드릴게요",
        "좀 도와주세요",
    ],
    "en": [
        "i ordered it yesterday",
        "my parcel is broken",
        "okay thank you",
        "it is two zero two six",
        "please help me",
    ],
}


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in ASKED.items() for text in texts])
def test_a_question_is_one_without_a_question_mark(code: str, text: str) -> None:
    assert asks(text, code)


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in TOLD.items() for text in texts])
def test_what_is_told_is_no_question(code: str, text: str) -> None:
    assert not asks(text, code)


@pytest.mark.parametrize(
    ("code", "text", "asked"),
    [
        ("ko", "그럼 제주도는요", True),
        ("ko", "주말에도요", True),
        ("en", "and to jeju", True),
        ("en", "okay then on sundays", True),
        ("en", "i already did that", False),
        ("en", "and i paid for it", False),
    ],
)
def test_what_follows_a_question_asks_it_of_something_else(code: str, text: str, asked: bool) -> None:
    assert asks(text, code, follows=True) is asked
    assert not asks(text, code)


def test_a_language_that_nobody_wrote_down_is_refused() -> None:
    with pytest.raises(LanguageNotSpoken):
        asks("wo ist es", "de")
