"""Set phrases: what is one, and what only looks like one."""

from __future__ import annotations

import pytest

from dialog.errors import LanguageNotSpoken
from dialog.parsers.tables import Wish
from dialog.parsers.wishes import spot, wants_person


def wishes(text: str, code: str) -> set[Wish]:
    return {spotted.wish for spotted in spot(text, code)}


@pytest.mark.parametrize(
    "text",
    [
        "상담원 연결해 주세요",
        "상담원연결해주세요",
        "상담 원 연결 해주세요",
        "사람이랑 얘기하고 싶어요",
        "상담사 바꿔 주세요",
        "담당자랑 통화하고 싶은데요",
        "상담원이요",
        "로봇 말고 사람이요",
        "기계랑 얘기하기 싫어요",
        "진짜 사람 없어요",
        "사람이에요 아니면 사람 바꿔 주세요",
    ],
)
def test_a_korean_caller_who_wants_a_person_is_heard(text: str) -> None:
    assert Wish.HUMAN in wishes(text, "ko")


@pytest.mark.parametrize(
    "text",
    [
        "상담원 연결 시간이 어떻게 되나요",
        "상담 가능 시간이 언제예요",
        "다른 사람이 말하길 환불이 안 된대요",
        "매장 직원한테 말했는데 안 된대요",
        "상담원 말고 그냥 알려주세요",
        "직원 할인 되나요",
        "선물 받는 사람 주소로 보내 주세요",
        "진짜 사람 맞아요",
        "사람이세요 로봇이세요",
    ],
)
def test_korean_talk_about_people_is_not_the_wish_for_one(text: str) -> None:
    assert Wish.HUMAN not in wishes(text, "ko")


@pytest.mark.parametrize(
    "text",
    [
        "let me talk to a person",
        "Can I speak to someone, please?",
        "connect me to an agent",
        "operator please",
        "get me a real person",
        "transfer me to customer service",
        "put me through to somebody",
        "let me talk to person",
        "I don't want to talk to a robot",
        "i'd like to speak to a representative about my refund",
        "is this a robot i want to talk to a person",
    ],
)
def test_an_english_caller_who_wants_a_person_is_heard(text: str) -> None:
    assert Wish.HUMAN in wishes(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "what hours can i talk to an agent",
        "i don't want to talk to an agent",
        "can i give someone my points",
        "i want to return a gift someone gave me",
        "does a person need to sign for the parcel",
        "someone stole my parcel",
        "are you a real person",
        "am i speaking with a real human",
    ],
)
def test_english_talk_about_people_is_not_the_wish_for_one(text: str) -> None:
    assert Wish.HUMAN not in wishes(text, "en")


@pytest.mark.parametrize(
    ("text", "code", "wish"),
    [
        ("다시 한번 말해줘", "ko", Wish.REPEAT),
        ("잘 안 들려요", "ko", Wish.REPEAT),
        ("say that again", "en", Wish.REPEAT),
        ("sorry what was that", "en", Wish.REPEAT),
        ("천천히 좀 말씀해 주세요", "ko", Wish.SLOWER),
        ("말이 너무 빨라요", "ko", Wish.SLOWER),
        ("could you speak a bit slower", "en", Wish.SLOWER),
        ("you are talking too fast", "en", Wish.SLOWER),
        ("더 크게 말씀해 주세요", "ko", Wish.LOUDER),
        ("목소리가 너무 작아요", "ko", Wish.LOUDER),
        ("can you speak up please", "en", Wish.LOUDER),
        ("a little louder please", "en", Wish.LOUDER),
        ("감사합니다 수고하세요", "ko", Wish.GOODBYE),
        ("that's all thanks", "en", Wish.GOODBYE),
        ("그만할래요", "ko", Wish.CANCEL),
        ("never mind", "en", Wish.CANCEL),
        ("주문번호를 몰라요", "ko", Wish.UNKNOWN_VALUE),
        ("i don't have my order number", "en", Wish.UNKNOWN_VALUE),
    ],
)
def test_the_other_set_phrases(text: str, code: str, wish: Wish) -> None:
    assert wish in wishes(text, code)


@pytest.mark.parametrize(
    ("text", "code", "wish"),
    [
        ("주문 취소하고 싶어요", "ko", Wish.CANCEL),
        ("i want to cancel my order", "en", Wish.CANCEL),
        ("다시 배송해 주세요", "ko", Wish.REPEAT),
        ("천천히 배송해 주셔도 돼요", "ko", Wish.SLOWER),
        ("더 큰 사이즈로 바꾸고 싶어요", "ko", Wish.LOUDER),
        ("is there a faster delivery", "en", Wish.SLOWER),
        ("i will be out all day and that is all the more reason to deliver it in the evening", "en", Wish.GOODBYE),
    ],
)
def test_what_only_looks_like_a_set_phrase(text: str, code: str, wish: Wish) -> None:
    assert wish not in wishes(text, code)


def test_the_evidence_is_in_the_callers_own_words() -> None:
    text = "저기요, 상담원 좀 연결해 주세요!"
    (spotted,) = spot(text, "ko")
    assert text[spotted.start : spotted.end].startswith("상담원")


def test_a_language_without_tables_is_refused_by_name() -> None:
    with pytest.raises(LanguageNotSpoken, match="'fr'"):
        spot("bonjour", "fr")


@pytest.mark.parametrize(
    ("code", "text", "wanted"),
    [
        ("en", "no I want to talk to an agent", True),
        ("en", "no thank you", False),
        ("ko", "아니요 상담원 바꿔 주세요", True),
        ("ko", "아니요", False),
    ],
)
def test_a_person_is_asked_for_whatever_else_is_said(code: str, text: str, wanted: bool) -> None:
    assert wants_person(text, code) is wanted
