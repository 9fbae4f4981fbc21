"""Promises of agents, in both languages."""

from __future__ import annotations

import pytest

from dialog.assist.promises import promised
from dialog.errors import LanguageNotSpoken


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ko", "확인하고 오늘 안에 연락드리겠습니다"),
        ("ko", "내일까지 문자 보내 드릴게요"),
        ("ko", "환불 처리해 드리겠습니다"),
        ("ko", "담당 부서에 전달하겠습니다"),
        ("en", "I will call you back this afternoon"),
        ("en", "we'll send you a new one tomorrow"),
        ("en", "you will receive an email within the hour"),
        ("en", "i'm going to look into that"),
    ],
)
def test_what_an_agent_says_they_will_do_is_a_promise(code: str, text: str) -> None:
    assert promised(text, code) == (text,)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ko", "주문번호를 말씀해 주시겠어요"),
        ("ko", "고객님이 확인해 주셔야 합니다"),
        ("en", "will you call us back"),
        ("en", "you have to send it back"),
        ("en", "i will need your order number"),
    ],
)
def test_what_the_caller_is_to_do_is_none(code: str, text: str) -> None:
    assert promised(text, code) == ()


def test_only_the_sentence_that_promises_is_kept() -> None:
    assert promised("I see. We will refund it today. Anything else?", "en") == ("We will refund it today.",)


def test_a_language_that_nobody_wrote_down_is_refused() -> None:
    with pytest.raises(LanguageNotSpoken):
        promised("ich rufe an", "de")
