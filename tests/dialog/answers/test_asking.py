"""How a question asks, and what answers it in that way."""

from __future__ import annotations

import pytest

from dialog.answers.asking import Form, fits, forms
from dialog.errors import LanguageNotSpoken


@pytest.mark.parametrize(
    ("asked", "code", "form"),
    [
        ("배송비가 얼마예요", "ko", Form.AMOUNT),
        ("환불은 얼마나 걸려요", "ko", Form.DURATION),
        ("매장은 몇 시까지 해요", "ko", Form.TIME),
        ("한 번에 몇 개까지 살 수 있나요", "ko", Form.COUNT),
        ("부산 매장은 어디에 있어요", "ko", Form.PLACE),
        ("결제가 왜 안 돼요", "ko", Form.REASON),
        ("반품은 어떻게 신청해요", "ko", Form.STEPS),
        ("비회원도 주문할 수 있나요", "ko", Form.DECISION),
        ("How much is gift wrapping?", "en", Form.AMOUNT),
        ("how long does a refund take", "en", Form.DURATION),
        ("until when is the store open", "en", Form.TIME),
        ("how many coupons can i use", "en", Form.COUNT),
        ("where is the store in busan", "en", Form.PLACE),
        ("who pays the customs duties", "en", Form.PERSON),
        ("why did my payment fail", "en", Form.REASON),
        ("how do i return a product", "en", Form.STEPS),
        ("can i order as a guest", "en", Form.DECISION),
    ],
)
def test_the_words_tell_what_is_wanted(asked: str, code: str, form: Form) -> None:
    assert form in forms(asked, code)


@pytest.mark.parametrize(
    ("asked", "code"), [("is it free and how long does it take", "en"), ("가능한지 언제인지 알려 줄 수 있나요", "ko")]
)
def test_a_yes_or_no_is_wanted_only_where_nothing_else_is(asked: str, code: str) -> None:
    assert Form.DECISION not in forms(asked, code)


@pytest.mark.parametrize(
    ("form", "code", "fitting", "other"),
    [
        (Form.AMOUNT, "ko", "배송비는 3,000원입니다.", "배송은 문 앞까지 합니다."),
        (Form.DURATION, "ko", "배송은 2일에서 3일 걸립니다.", "배송비가 붙습니다."),
        (Form.TIME, "ko", "평일 오전 10시에 엽니다.", "매장이 넓습니다."),
        (Form.STEPS, "ko", "반품 신청을 눌러 주세요.", "반품은 무료입니다."),
        (Form.AMOUNT, "en", "Delivery costs 3,000 won.", "Delivery is to the door."),
        (Form.DURATION, "en", "It takes two business days.", "It is expensive."),
        (Form.PERSON, "en", "The prize went to Marie Curie.", "The prize was given away."),
        (Form.REASON, "en", "It fails because the limit is exceeded.", "It fails now and then."),
    ],
)
def test_a_text_that_answers_in_that_way_is_told_from_one_that_does_not(
    form: Form, code: str, fitting: str, other: str
) -> None:
    assert fits(frozenset({form}), fitting, code) == 1.0
    assert fits(frozenset({form}), other, code) == -1.0


def test_where_nothing_certain_is_wanted_anything_will_do() -> None:
    assert fits(frozenset(), "Anything.", "en") == 0.0
    assert fits(frozenset({Form.DECISION}), "Anything.", "en") == 0.0


def test_a_language_that_nobody_wrote_down_is_refused() -> None:
    with pytest.raises(LanguageNotSpoken, match="'fr'"):
        forms("combien", "fr")
