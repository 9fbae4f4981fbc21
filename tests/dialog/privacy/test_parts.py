"""Words for parts of a number."""

from __future__ import annotations

import pytest

from dialog.privacy.parts import PART


@pytest.mark.parametrize(
    "text",
    [
        "the final four",
        "first three",
        "뒤에 일곱 자리",
        "앞은",
        "끝 네 자리",
        "첫째",
        "the remaining seven",
        "group number of",
    ],
)
def test_they_are_known(text: str) -> None:
    assert PART.search(text) is not None


@pytest.mark.parametrize("text", ["my number", "전화번호", "앞으로", "a lasting one"])
def test_other_words_are_none(text: str) -> None:
    assert PART.search(text) is None
