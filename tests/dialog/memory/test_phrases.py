from __future__ import annotations

import pytest

from dialog.memory.phrases import Wish, spot

FORGET = {
    "ko": [
        "제 정보 지워 주세요",
        "제정보좀 삭제해주세요",
        "내 기록 다 지워줘",
        "저에 대한 기억 모두 삭제해 주세요",
        "상담원 말고 제 통화 기록을 지워 주실 수 있나요",
        "저를 잊어 주세요",
        "저기요 제 정보 다 지워 주세요",
        "결제는 됐고요 제정보 지워주세요",
        "저를 더 이상 기억하지 마세요",
        "기억하고 있는 거 전부 지워 주세요",
        "제 개인정보 저장하지 말아 주세요",
    ],
    "en": [
        "forget me",
        "Please forget me.",
        "can you forget everything you know about me",
        "delete my data please",
        "I'd like you to erase my personal information",
        "delete everything you have on me",
        "please remove what you remember about me",
        "stop remembering me",
        "don't remember my calls",
    ],
}
EARLIER = {
    "ko": [
        "지난번에 문의한 건데요",
        "저번에 전화드린 건 때문에요",
        "어제 상담했던 내용인데요",
        "지난번에 제가 말씀드린 거예요",
        "지난 통화 관련해서요",
        "저기요 전에 문의한 건데요",
        "이전에 상담한 내용인데요",
    ],
    "en": [
        "it's about my last call",
        "I'm calling about my previous enquiry",
        "this is regarding our last conversation",
        "It is what I asked about last time",
        "same problem as last time",
    ],
}
NEITHER = {
    "ko": [
        "개인정보는 어떻게 삭제하나요",
        "제 카드 정보 지워 주세요",
        "결제 정보 삭제해 주세요",
        "제 정보 지워 달라고 하면 며칠 걸려요",
        "안내 정보 지워 주세요",
        "어제 기록 지워 주세요",
        "하나에 대해서 지워 주세요",
        "회원 탈퇴하고 제 정보 삭제해 주세요",
        "지난주에 주문한 건데요",
        "어제 주문한 상품 취소해 주세요",
        "배송비가 얼마예요",
        "기억이 안 나요",
    ],
    "en": [
        "how do I delete my data",
        "don't forget me",
        "do not delete my data",
        "delete my account",
        "remove my card details from my account",
        "forget it",
        "I forgot my order number",
        "I ordered something last week",
        "where is my order from last time",
        "what did I order last time",
    ],
}


def every(said: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(code, text) for code, texts in said.items() for text in texts]


@pytest.mark.parametrize(("code", "text"), every(FORGET))
def test_who_wants_to_be_forgotten_is_understood(code: str, text: str) -> None:
    assert spot(text, code) is Wish.FORGET


@pytest.mark.parametrize(("code", "text"), every(EARLIER))
def test_who_means_an_earlier_contact_is_understood(code: str, text: str) -> None:
    assert spot(text, code) is Wish.EARLIER


@pytest.mark.parametrize(("code", "text"), every(NEITHER))
def test_what_is_about_something_else_is_left_alone(code: str, text: str) -> None:
    assert spot(text, code) is None


def test_a_long_story_says_itself_what_it_is_about() -> None:
    story = "so it's about my last call where I told you that the table that I bought in spring has a scratch on it"
    assert spot(story, "en") is None


def test_a_language_without_phrases_wants_nothing() -> None:
    assert spot("oubliez-moi", "fr") is None
