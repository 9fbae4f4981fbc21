"""Do not call me again: what means it, and what only sounds like it."""

from __future__ import annotations

import pytest

from dialog.parsers.opt_out import refuses_calls

FOR_GOOD = [
    ("ko", "다시는 전화하지 마세요"),
    ("ko", "앞으로 전화하지 말아 주세요"),
    ("ko", "이제 전화 좀 하지 마세요"),
    ("ko", "더 이상 연락 안 하셨으면 좋겠어요"),
    ("ko", "전화 그만 하세요"),
    ("ko", "전화하지 마세요"),
    ("ko", "연락하지 말라고요"),
    ("ko", "제 번호 지워 주세요"),
    ("ko", "수신 거부 할게요"),
    ("ko", "지금 바쁜데 다시는 전화하지 마세요"),
    ("en", "do not call me again"),
    ("en", "Don't call me again, please."),
    ("en", "please do not call me any more"),
    ("en", "don't ever call this number"),
    ("en", "stop calling me"),
    ("en", "never call me again"),
    ("en", "take me off your list"),
    ("en", "please remove my number"),
    ("en", "no more calls"),
    ("en", "I would like to opt out"),
    ("en", "don't call me"),
]
NOT_FOR_GOOD = [
    ("ko", "지금은 전화하지 마세요"),
    ("ko", "아침에는 전화하지 마세요"),
    ("ko", "내일 다시 전화해 주세요"),
    ("ko", "전화 받기 어려워요"),
    ("ko", "네 괜찮아요"),
    ("ko", "예약 취소해 주세요"),
    ("ko", "전화번호 바꾸고 싶어요"),
    ("en", "don't call me before nine"),
    ("en", "do not call me today"),
    ("en", "please call me again tomorrow"),
    ("en", "do not cancel it"),
    ("en", "you can call me again any time"),
    ("en", "I did not call you"),
    ("en", "yes"),
    ("en", ""),
]


@pytest.mark.parametrize(("code", "text"), FOR_GOOD)
def test_who_wants_no_calls_is_understood(code: str, text: str) -> None:
    assert refuses_calls(text, code)


@pytest.mark.parametrize(("code", "text"), NOT_FOR_GOOD)
def test_who_only_cannot_talk_now_is_not_taken_for_that(code: str, text: str) -> None:
    assert not refuses_calls(text, code)
