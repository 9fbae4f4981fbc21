"""Addresses of electronic mail."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import PersonalKind
from tests.dialog.privacy.finding import said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("hong@naver.com입니다", "hong@naver.com"),
        ("메일은hong.gil+dong@mail.example.co.kr로 주세요", "hong.gil+dong@mail.example.co.kr"),
        ("write to a@b.io.", "a@b.io"),
        ("메일은 길동 골뱅이 네이버 닷컴이에요", "길동 골뱅이 네이버 닷컴"),
        ("주소는 에이치 지 디 공일 골뱅이 다음 점 넷입니다", "에이치 지 디 공일 골뱅이 다음 점 넷"),
        ("it's john dot smith at gmail dot com please", "john dot smith at gmail dot com"),
        ("Email? rufus the dog, one word, at hotmail dot com", "rufus the dog, one word, at hotmail dot com"),
        ("메일 비티에스 칠칠 골뱅이 네이버", "비티에스 칠칠 골뱅이 네이버"),
        ("메일은 yjlee7 아니 yjlee77@nate.com이에요", "yjlee7 아니 yjlee77@nate.com"),
        ("s m i t h nine at aol dot co dot uk", "s m i t h nine at aol dot co dot uk"),
        ("my email is sam wilson ninety at yahoo dot com", "sam wilson ninety at yahoo dot com"),
    ],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, PersonalKind.EMAIL) == [value]


@pytest.mark.parametrize("text", ["meet @ five", "@naver 에서 봤어요", "3@4", "look at the dot", "at gmail dot com"])
def test_what_is_none_stays(text: str) -> None:
    assert said(text, PersonalKind.EMAIL) == []
