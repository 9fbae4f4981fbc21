from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.reply import Expectation
from gateway.session.completeness import Completeness
from gateway.session.endpointing import wait
from gateway.session.profiles import PROFILES

SPEAKING = PROFILES[Expectation.SPEAKING]


def test_a_voice_that_falls_ends_a_finished_sentence_sooner() -> None:
    assert wait(Completeness.COMPLETE, SPEAKING, 0.95) < wait(Completeness.COMPLETE, SPEAKING, None)


def test_a_voice_that_hangs_gives_even_a_finished_sentence_more_time() -> None:
    assert wait(Completeness.COMPLETE, SPEAKING, 0.1) > wait(Completeness.COMPLETE, SPEAKING, None)


def test_no_melody_ends_what_grammar_calls_unfinished() -> None:
    assert wait(Completeness.OPEN, SPEAKING, 0.99) == wait(Completeness.OPEN, SPEAKING, None)


def test_between_digits_the_melody_is_not_asked() -> None:
    dictating = PROFILES[Expectation.DICTATING]
    for verdict in Completeness:
        assert wait(verdict, dictating, 0.98) == wait(verdict, dictating, 0.02) == wait(verdict, dictating, None)


@given(st.sampled_from(list(Completeness)), st.sampled_from(list(Expectation)), st.floats(0, 1))
def test_no_vote_makes_us_wait_longer_than_the_state_allows(
    verdict: Completeness, expects: Expectation, melody: float
) -> None:
    assert 0.2 <= wait(verdict, PROFILES[expects], melody) <= PROFILES[expects].longest


@pytest.mark.parametrize("melody", [0.5, 0.7, 0.84])
def test_an_undecided_model_changes_nothing(melody: float) -> None:
    assert wait(Completeness.UNCLEAR, SPEAKING, melody) == wait(Completeness.UNCLEAR, SPEAKING, None)
