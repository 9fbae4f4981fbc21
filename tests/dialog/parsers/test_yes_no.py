"""Yes and no: a no anywhere is a no."""

from __future__ import annotations

import pytest

from dialog.parsers.yes_no import is_plain_yes, read_agreement


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("네", "ko"),
        ("예 맞아요", "ko"),
        ("네네", "ko"),
        ("맞습니다", "ko"),
        ("응", "ko"),
        ("yes", "en"),
        ("yeah that's right", "en"),
        ("correct", "en"),
        ("네 그런데 배송비는 얼마인지 알고 싶어요", "ko"),
    ],
)
def test_yes(text: str, code: str) -> None:
    agreed = read_agreement(text, code)
    assert agreed is not None
    assert agreed.yes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("아니요", "ko"),
        ("아뇨 그거 아니에요", "ko"),
        ("안 맞아요", "ko"),
        ("맞지 않아요", "ko"),
        ("네 아니요 틀렸어요", "ko"),
        ("맞긴 한데 뒷자리가 달라요", "ko"),
        ("no", "en"),
        ("that's not right", "en"),
        ("yes no wait that's wrong", "en"),
        ("not quite", "en"),
    ],
)
def test_no(text: str, code: str) -> None:
    agreed = read_agreement(text, code)
    assert agreed is not None
    assert not agreed.yes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("어디까지 왔어요", "ko"),
        ("예약하고 싶어요", "ko"),
        ("order number", "en"),
        ("i want to know", "en"),
        ("", "en"),
    ],
)
def test_neither(text: str, code: str) -> None:
    assert read_agreement(text, code) is None


def test_a_long_answer_is_less_sure_than_a_short_one() -> None:
    short = read_agreement("네", "ko")
    long = read_agreement("네 그런데 배송비는 얼마인지 알고 싶어요", "ko")
    assert short is not None
    assert long is not None
    assert long.confidence < short.confidence


def test_the_span_shows_the_word_that_decides() -> None:
    text = "well, that is wrong"
    agreed = read_agreement(text, "en")
    assert agreed is not None
    assert text[agreed.start : agreed.end] == "wrong"


@pytest.mark.parametrize(
    ("text", "code", "plain"),
    [
        ("네", "ko", True),
        ("네 맞아요", "ko", True),
        ("네 그렇게 해 주세요", "ko", True),
        ("네 취소해 주세요", "ko", True),
        ("네 부탁드려요", "ko", True),
        ("네 그런데 배송비는요", "ko", False),
        ("네 두 개요", "ko", False),
        ("아니요", "ko", False),
        ("yes", "en", True),
        ("yes please do that", "en", True),
        ("okay go ahead", "en", True),
        ("yes but not today", "en", False),
        ("yes if it is free", "en", False),
        ("yes thursday", "en", False),
    ],
)
def test_a_plain_yes_is_a_yes_and_nothing_else(text: str, code: str, plain: bool) -> None:
    assert is_plain_yes(text, code) is plain
