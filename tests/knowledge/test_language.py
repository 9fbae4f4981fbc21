from __future__ import annotations

import pytest

from knowledge.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("반품은 7일 이내에 가능합니다.", "ko"),
        ("Returns are possible within seven days.", "en"),
        ("SAMSUNG Galaxy Buds3 Pro 무선 이어폰 보증 기간은 1년", "ko"),
        ("Our store in Seoul (서울) opens at nine.", "en"),
        ("12,000 / 34", "en"),
        ("", "en"),
    ],
)
def test_the_share_of_hangul_decides(text: str, language: str) -> None:
    assert detect(text) == language
