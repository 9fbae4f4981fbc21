"""Which of the offered topics is meant."""

from __future__ import annotations

import pytest

from dialog.parsers.choice import read_choice

KOREAN = ("일반 배송", "새벽 배송")
ENGLISH = ("Standard delivery", "Overseas delivery")


@pytest.mark.parametrize(
    ("text", "code", "names", "index"),
    [
        ("첫 번째요", "ko", KOREAN, 0),
        ("두 번째 거요", "ko", KOREAN, 1),
        ("새벽배송이요", "ko", KOREAN, 1),
        ("일반이요", "ko", KOREAN, 0),
        ("반품이요", "ko", ("반품과 교환", "기업 주문"), 0),
        ("the second one", "en", ENGLISH, 1),
        ("the former", "en", ENGLISH, 0),
        ("overseas please", "en", ENGLISH, 1),
        ("two", "en", ENGLISH, 1),
        ("the one", "en", ENGLISH, 0),
        ("the one that goes overseas", "en", ENGLISH, 1),
    ],
)
def test_a_choice_by_order_or_by_name(text: str, code: str, names: tuple[str, ...], index: int) -> None:
    chosen = read_choice(text, code, names)
    assert chosen is not None
    assert chosen.index == index
    assert 0.5 < chosen.confidence <= 1.0


@pytest.mark.parametrize(
    ("text", "code", "names"),
    [
        ("배송이요", "ko", KOREAN),
        ("delivery", "en", ENGLISH),
        ("how much is gift wrapping", "en", ENGLISH),
        ("세 번째요", "ko", KOREAN),
        ("", "en", ENGLISH),
    ],
)
def test_what_picks_none_or_several_is_no_choice(text: str, code: str, names: tuple[str, ...]) -> None:
    assert read_choice(text, code, names) is None


def test_without_names_there_is_nothing_to_choose() -> None:
    assert read_choice("first", "en", ()) is None
