from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt.language_vote import LanguageVote, begin

KOREAN_LINE = begin("ko", ("en", "ko"))


def after(vote: LanguageVote, *shares_of_english: float) -> list[str]:
    """The language after each utterance for which the detector gave English this probability."""
    languages = []
    for share in shares_of_english:
        vote = vote.heard({"en": share, "ko": 1 - share})
        languages.append(vote.language)
    return languages


def test_a_call_begins_in_the_lines_language() -> None:
    assert (KOREAN_LINE.language, KOREAN_LINE.candidates, KOREAN_LINE.open) == ("ko", ("ko", "en"), True)
    assert not begin("ko", ()).open
    assert not begin("ko", ("ko",)).open


@pytest.mark.parametrize(
    ("shares", "languages"),
    [
        ([0.5, 0.5, 0.5], ["ko", "ko", "ko"]),
        ([0.9, 0.9, 0.9], ["ko", "ko", "ko"]),  # against a line of the other language that is not strong
        ([0.97, 0.97], ["ko", "en"]),  # strong, twice
        ([0.97, 0.3, 0.97], ["ko", "ko", "ko"]),  # strong, but not twice in a row
        ([0.999], ["en"]),  # very clear
        ([0.999, 0.001], ["en", "ko"]),  # and back
        ([0.999, 0.1, 0.4], ["en", "en", "en"]),
    ],
)
def test_the_language_changes_on_strong_evidence_alone(shares: list[float], languages: list[str]) -> None:
    assert after(KOREAN_LINE, *shares) == languages


def test_languages_that_nobody_offers_do_not_count() -> None:
    assert KOREAN_LINE.heard({"ja": 0.98, "zh": 0.01, "ko": 0.008, "en": 0.002}).language == "ko"
    assert KOREAN_LINE.heard({"ja": 0.9, "en": 0.0999, "ko": 0.0001}).language == "en"


def test_a_detector_that_says_nothing_changes_nothing() -> None:
    assert KOREAN_LINE.heard({}) == KOREAN_LINE
    assert KOREAN_LINE.heard({"ja": 1.0}) == KOREAN_LINE


@given(st.lists(st.floats(0, 1), max_size=20))
def test_the_language_is_always_a_candidate_and_never_changes_against_the_detector(shares: list[float]) -> None:
    vote = KOREAN_LINE
    for share in shares:
        before, vote = vote, vote.heard({"en": share, "ko": 1 - share})
        assert vote.language in KOREAN_LINE.candidates
        if vote.language != before.language:
            assert (share > 0.5) == (vote.language == "en")
