"""A text made ready to be searched."""

from __future__ import annotations

from dialog.privacy.kinds import PersonalKind
from dialog.privacy.reading import FORM, candidate, read


def test_a_text_without_digits_has_no_cues() -> None:
    assert read("카드로 결제했어요", "ko").cues == ()


def test_a_candidate_spans_what_says_it() -> None:
    text = "번호는 공일공 일이삼사예요"
    reading = read(text, "ko")
    found = candidate(reading.runs[0], 0, 7, PersonalKind.PHONE, FORM)
    assert text[found.start : found.end] == "공일공 일이삼사"


def test_what_is_said_anew_belongs_to_it() -> None:
    text = "010 1234 아니 1235 5678"
    reading = read(text, "ko")
    found = candidate(reading.runs[0], 0, 7, PersonalKind.PHONE, FORM)
    assert text[found.start : found.end] == text
