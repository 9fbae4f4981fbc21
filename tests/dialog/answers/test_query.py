"""What is really asked."""

from __future__ import annotations

import pytest

from dialog.answers.query import leans_back, resolve, without_unknown


def test_hesitation_is_not_searched_for() -> None:
    assert resolve("음 저기요 배송비가 얼마예요", "ko").words == "배송비가 얼마예요"
    assert resolve("uh hello how much is delivery", "en").words == "how much is delivery"
    assert resolve("음", "ko").words == "음"


@pytest.mark.parametrize(
    ("before", "text", "code", "words"),
    [
        ("일반 배송은 며칠 걸려요?", "제주도는요?", "ko", "일반 배송은 며칠 걸려요 제주도는요?"),
        ("매장은 평일에 몇 시까지 해요", "그럼 주말에는요?", "ko", "매장은 몇 시까지 해요 그럼 주말에는요?"),
        ("신용카드 환불은 얼마나 걸려요", "체크카드는요", "ko", "환불은 얼마나 걸려요 체크카드는요"),
        ("새벽 배송은 어디까지 되나요", "그건 얼마예요?", "ko", "새벽 배송은 그건 얼마예요?"),
        ("가구 배송은 얼마나 걸리나요", "비용은요?", "ko", "가구 배송은 비용은요?"),
        (
            "can you tell me how long standard delivery takes",
            "and what is the fee",
            "en",
            "standard delivery and what is the fee",
        ),
        (
            "how late is the store open on weekdays",
            "and on weekends?",
            "en",
            "how late is the store open on and on weekends?",
        ),
        (
            "how long does a refund to a credit card take",
            "what about a debit card",
            "en",
            "how long does a refund to a card take what about a debit card",
        ),
        ("do you offer gift wrapping", "how much is it", "en", "offer gift wrapping how much is it"),
    ],
)
def test_a_follow_up_is_searched_for_with_what_still_counts_of_the_question_before(
    before: str, text: str, code: str, words: str
) -> None:
    asked = resolve(text, code, before=before)
    assert asked.words == words
    assert asked.topic == before


def test_without_a_question_before_it_stands_alone() -> None:
    assert resolve("그럼 주말에는요", "ko").words == "그럼 주말에는요"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("선물 포장은 얼마예요", "ko"),
        ("쿠폰 두 장 같이 쓸 수 있나요", "ko"),
        ("how much is gift wrapping", "en"),
        ("is there parking at the store", "en"),
        ("is it possible to change the delivery address", "en"),
    ],
)
def test_a_whole_question_does_not_lean_back(text: str, code: str) -> None:
    asked = resolve(text, code, before="earlier question")
    assert asked.words == text
    assert asked.topic == text


def test_an_answer_to_our_asking_back_adds_to_the_question() -> None:
    assert resolve("가구요", "ko", clarifies="배송비가 얼마예요").words == "배송비가 얼마예요 가구요"
    fresh = resolve("포인트 유효 기간이 어떻게 되나요", "ko", clarifies="배송비가 얼마예요")
    assert fresh.words == "포인트 유효 기간이 어떻게 되나요"


def test_what_is_long_says_what_it_means() -> None:
    assert not leans_back("and then i would also like to know how long all of that will take", "en")
    assert not leans_back("", "en")


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (
            "제가 지난주에 산 선풍기를 반품하려고 하는데 어떻게 하면 되나요?",
            "ko",
            "산 선풍기를 반품 어떻게 하면 되나요?",
        ),
        (
            "어제 앱에서 소파를 주문한 사람인데요 색깔이 마음에 안 들어서 혹시 배송 날짜를 바꿀 수 있는지 궁금해서요",
            "ko",
            "혹시 배송 날짜를 바꿀 수 있는지 궁금해서요",
        ),
        (
            "i ordered a sofa the other day and it is for my mother can you tell me how i change the delivery address",
            "en",
            "how i change the delivery address",
        ),
        (
            "hello i bought a fan last week and it is too loud so how do i send the product back please",
            "en",
            "how do i send the product back please",
        ),
    ],
)
def test_of_a_story_the_clause_that_asks_is_searched_for(text: str, code: str, words: str) -> None:
    assert resolve(text, code).words == words


@pytest.mark.parametrize(
    ("text", "code"), [("골드 회원이 되려면 얼마를 써야 해요", "ko"), ("what happens if the parcel is late", "en")]
)
def test_what_is_short_is_searched_for_as_it_is(text: str, code: str) -> None:
    assert resolve(text, code).words == text


@pytest.mark.parametrize(
    ("text", "code", "unknown", "known"),
    [
        (
            "산 선풍기를 반품 어떻게 하면 되나요",
            "ko",
            "반품 어떻게 하면 되나요",
            "선풍기는 반품하실 수 없습니다.",
        ),
        (
            "how do i return a fan i bought",
            "en",
            "how do i return the product",
            "Fans cannot be returned. A fan is loud.",
        ),
    ],
)
def test_what_was_bought_is_not_searched_for_where_no_document_names_it(
    text: str, code: str, unknown: str, known: str
) -> None:
    assert without_unknown(text, code, ["Something else.", "다른 글입니다."]) == unknown
    assert without_unknown(text, code, [known]) == text


@pytest.mark.parametrize("text", ["주문한 지 일주일 됐는데 안 와요", "주문한 상품이 안 와요", "산 걸 바꾸고 싶어요"])
def test_what_is_not_named_is_left_alone(text: str) -> None:
    assert without_unknown(text, "ko", []) == text
