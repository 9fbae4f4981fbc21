"""Yes and no are said where they are certain, and nowhere else."""

from __future__ import annotations

import pytest

from dialog.answers.polarity import decided


@pytest.mark.parametrize(
    ("asked", "sentence", "code", "said"),
    [
        ("상품권을 매장에서 사용할 수 있나요", "상품권은 모든 매장에서 사용하실 수 있습니다.", "ko", "네, "),
        ("멤버십 가입은 무료인가요", "멤버십 가입은 무료입니다.", "ko", "네, "),
        ("배터리를 해외로 보낼 수 있나요", "배터리는 해외로 보낼 수 없습니다.", "ko", "아니요, "),
        ("is membership free", "Membership is free of charge.", "en", "Yes. "),
        ("can batteries be sent overseas", "Batteries cannot be sent overseas.", "en", "No. "),
    ],
)
def test_a_sentence_that_says_just_that_decides(asked: str, sentence: str, code: str, said: str) -> None:
    assert decided(asked, sentence, code) == said


@pytest.mark.parametrize(
    ("asked", "sentence", "code"),
    [
        ("주문을 취소할 수 있나요", "상품을 준비하고 있는 동안에는 주문을 취소하실 수 있습니다.", "ko"),
        ("가구를 반품할 수 있나요", "조립한 가구는 마음이 바뀌었다는 이유로 반품하실 수 없습니다.", "ko"),
        ("향수를 반품할 수 있나요", "배터리는 해외로 보낼 수 없습니다.", "ko"),
        ("배송비가 안 드나요", "배송비는 무료입니다.", "ko"),
        ("배송비는 얼마예요", "배송비는 무료입니다.", "ko"),
        ("비회원도 주문할 수 있나요", "네, 비회원으로 주문하실 수 있습니다.", "ko"),
        ("can i return furniture", "Furniture that has been assembled cannot be returned because of that.", "en"),
        ("can i pay in cash", "Cash is accepted in our stores only.", "en"),
        ("is delivery free", "Delivery is free for orders of 50,000 won or more.", "en"),
        ("is gift wrapping not free", "Gift wrapping is free.", "en"),
        ("how much is membership", "Membership is free of charge.", "en"),
    ],
)
def test_conditions_other_matters_and_double_negations_decide_nothing(asked: str, sentence: str, code: str) -> None:
    assert decided(asked, sentence, code) == ""
