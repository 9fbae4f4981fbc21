"""Passports and driving licences."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import PersonalKind
from tests.dialog.privacy.finding import said

PASSPORT, LICENCE = PersonalKind.PASSPORT, PersonalKind.DRIVING_LICENCE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("여권번호 M87654321이에요", "M87654321"),
        ("여권 번호는 엠 이삼사 에이 오육칠팔이에요", "엠 이삼사 에이 오육칠팔"),
        ("S12345678 여권인데요", "S12345678"),
        ("여권 다시 읽을게요 M5489 아니 M99969200", "M5489 아니 M99969200"),
        ("it's M234B5678", "M234B5678"),
        ("my passport is 482910337", "482910337"),
        ("passport number's K 1 2 3 4 5 6 7", "K 1 2 3 4 5 6 7"),
    ],
)
def test_a_passport_is_found(text: str, value: str) -> None:
    assert said(text, PASSPORT) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12-34-567890-12예요", "12-34-567890-12"),
        ("면허증 일이 다시 삼사 다시 오육칠팔구공 다시 일이요", "일이 다시 삼사 다시 오육칠팔구공 다시 일이"),
        ("운전면허는 서울 99-123456-10이에요", "서울 99-123456-10"),
        ("면허증 서울 이이에 공칠팔오삼육에 공육", "서울 이이에 공칠팔오삼육에 공육"),
        ("UK driving licence, MORGA 753116 SM9IJ", "MORGA 753116 SM9IJ"),
        ("my driver's license is S530-4601-8722", "S530-4601-8722"),
    ],
)
def test_a_licence_is_found(text: str, value: str) -> None:
    assert said(text, LICENCE) == [value]


@pytest.mark.parametrize(
    "text", ["상품코드 M12345678이에요", "M1234567", "10-34-567890-12", "my passport expired in 2024"]
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, PASSPORT) == said(text, LICENCE) == []
