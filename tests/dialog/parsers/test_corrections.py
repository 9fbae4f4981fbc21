"""Which words replace which."""

from __future__ import annotations

import pytest

from dialog.parsers.corrections import read_correction


@pytest.mark.parametrize(
    ("text", "code", "new", "old"),
    [
        ("아니 3월이 아니라 5월이요", "ko", "5월이요", "3월"),
        ("세 시 말고 네 시요", "ko", "네 시요", "세 시"),
        ("아니요 세 명이요", "ko", "세 명이요", ""),
        ("잠깐만요, 다섯 시요", "ko", "다섯 시요", ""),
        ("no, May not March", "en", "May", "March"),
        ("not march but may", "en", "may", "march"),
        ("actually make that three", "en", "three", ""),
        ("sorry i meant thursday", "en", "thursday", ""),
    ],
)
def test_the_new_words_are_found_and_the_old_ones_if_named(text: str, code: str, new: str, old: str) -> None:
    read = read_correction(text, code)
    assert read is not None
    assert (read.new, read.old) == (new, old)
    assert text[read.start : read.end] == new


@pytest.mark.parametrize(
    ("text", "code"), [("네 맞아요", "ko"), ("화요일이요", "ko"), ("yes that is right", "en"), ("no", "en")]
)
def test_what_corrects_nothing(text: str, code: str) -> None:
    assert read_correction(text, code) is None
