"""Do not call me again: how the ways of a language are looked for in a turn."""

from __future__ import annotations

import time

import pytest

from dialog.errors import LanguageNotSpoken
from dialog.parsers.language import LANGUAGES
from dialog.parsers.opt_out import refuses_calls


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "I am busy today. Never call me again!"),
        ("en", "Stop calling me. I was asleep at night."),
        ("en", "I am busy today so never call me again"),
        ("ko", "지금은 회의 중입니다. 다시는 전화하지 마세요."),
        ("ko", "지금은 바쁘니까 다시는 전화하지 마세요"),
        ("ko", "다시는 전화하지 마세요. 아침부터 짜증 나네요."),
    ],
)
def test_a_time_limits_what_is_refused_in_its_own_clause_alone(code: str, text: str) -> None:
    assert refuses_calls(text, code)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "I am in a meeting. Do not call me."),
        ("en", "Leave it at the door and don't call me"),
        ("ko", "회의 중이에요. 전화하지 마세요."),
        ("ko", "문 앞에 두시고 전화하지 마세요"),
    ],
)
def test_a_bare_refusal_is_for_good_only_where_the_turn_says_nothing_else(code: str, text: str) -> None:
    assert not refuses_calls(text, code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_says_nothing_refuses_nothing(code: str) -> None:
    assert not refuses_calls("", code) and not refuses_calls("... ?!", code)


def test_spacing_in_korean_does_not_matter() -> None:
    assert refuses_calls("다시는전화하지마세요", "ko") and not refuses_calls("밤에는절대전화하지마세요", "ko")


def test_a_language_that_is_not_spoken_is_said_so() -> None:
    with pytest.raises(LanguageNotSpoken):
        refuses_calls("hallo", "de")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "stop the calls or " * 150),
        ("en", "i do not want to be getting " * 100),
        ("en", "never call me us here back " * 100),
        ("ko", "좀 " * 500),
        ("ko", "제발 다시는 저한테 " * 100),
        ("ko", "이제는 더 이상은 전화는 " * 100),
    ],
)
def test_no_turn_takes_long_to_read(code: str, text: str) -> None:
    began = time.process_time()
    refuses_calls(text, code)
    assert time.process_time() - began < 2.0
