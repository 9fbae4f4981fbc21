"""Questions why something was refused, and what only sounds like one."""

from __future__ import annotations

import pytest

from dialog.errors import LanguageNotSpoken
from dialog.parsers.why import asks_why

ASKED = {
    "en": (
        "Why?",
        "why not",
        "But why is that?",
        "why was that refused",
        "And why can't I?",
        "why can't you do that",
        "why am I not allowed to cancel my order",
        "why did you refuse my refund",
        "How come?",
        "how come I can't do it",
        "what's the reason?",
        "What is the reason for that",
        "on what grounds",
        "for what reason did you decide that",
        "who decided that?",
        "how was that decided",
        "could you explain that please",
        "explain your decision",
    ),
    "ko": (
        "왜요?",
        "왜 그렇게 됐나요",
        "왜 안 되나요?",
        "근데 왜 안 돼요",
        "왜 안 된다는 거예요?",
        "왜 취소할 수 없는지 이유가 뭐예요",
        "이유가 뭐죠?",
        "이유를 알려 주세요",
        "거절 이유가 무엇인가요",
        "무슨 근거로 그렇게 결정하셨어요",
        "어째서요?",
        "누가 결정한 거예요?",
        "어떻게 그렇게 결정된 건가요",
        "그 이유를 설명해 주세요",
        "왜 거절된 건가요",
    ),
}
NOT_ASKED = {
    "en": (
        "why is delivery so slow",
        "why don't you send me a new one",
        "the reason is that it was broken",
        "that is why I call",
        "because I changed my mind",
        "who are you",
        "explain how returns work",
        "yes",
        "",
    ),
    "ko": (
        "왜냐하면 물건이 안 왔거든요",
        "배송이 왜 이렇게 늦어요",
        "이유는 단순 변심이에요",
        "반품 방법을 설명해 주세요",
        "누구세요",
        "네",
        "",
    ),
}


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in ASKED.items() for text in texts])
def test_a_question_why_is_one(code: str, text: str) -> None:
    assert asks_why(text, code)


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in NOT_ASKED.items() for text in texts])
def test_what_asks_for_something_else_is_none(code: str, text: str) -> None:
    assert not asks_why(text, code)


def test_a_language_without_tables_is_refused() -> None:
    with pytest.raises(LanguageNotSpoken):
        asks_why("pourquoi", "fr")
