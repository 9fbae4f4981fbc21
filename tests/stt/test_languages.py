from __future__ import annotations

import pytest

from stt.languages import primary


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("en-US", "en"), ("ko-KR", "ko"), ("KO_kr", "ko"), ("zh-Hant-TW", "zh"), ("yue", "yue"), ("", "")],
)
def test_a_tag_is_reduced_to_its_language(tag: str, language: str) -> None:
    assert primary(tag) == language
