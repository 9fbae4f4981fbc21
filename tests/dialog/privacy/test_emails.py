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
    ],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, PersonalKind.EMAIL) == [value]


@pytest.mark.parametrize("text", ["meet @ five", "@naver 에서 봤어요", "3@4"])
def test_what_is_none_stays(text: str) -> None:
    assert said(text, PersonalKind.EMAIL) == []
