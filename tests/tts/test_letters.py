from __future__ import annotations

import pytest

from tts.letters import LOANWORDS, in_hangul, loanword, romanized, spelled


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("VIP", "브이아이피"),
        ("sms", "에스엠에스"),
        ("FAQ", "에프에이큐"),
        ("A/S", "에이에스"),
        ("HB", "에이치비"),
        ("QR", "큐알"),
    ],
)
def test_latin_letters_by_their_korean_names(letters: str, said: str) -> None:
    assert in_hangul(letters) == said


def test_loanwords_are_known_in_any_case() -> None:
    assert loanword("Email") == "이메일"
    assert loanword("WI-FI") == "와이파이"
    assert loanword("gobbledygook") is None


def test_loanwords_hold_nothing_but_hangul() -> None:
    assert all(all("가" <= letter <= "힣" for letter in said) for said in LOANWORDS.values())


def test_letters_for_an_english_voice() -> None:
    assert spelled("vip") == "V I P"


@pytest.mark.parametrize(
    ("hangul", "latin"), [("한빛", "hanbit"), ("서울", "seoul"), ("안녕하세요", "annyeonghaseyo"), ("강남", "gangnam")]
)
def test_hangul_in_latin_letters(hangul: str, latin: str) -> None:
    assert romanized(hangul) == latin
