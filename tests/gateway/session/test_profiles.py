from __future__ import annotations

import pytest

from dialog.reply import Expectation
from gateway.session.completeness import Completeness
from gateway.session.endpointing import wait
from gateway.session.profiles import PROFILES


@pytest.mark.parametrize("expects", list(Expectation))
def test_every_state_gives_an_unfinished_turn_more_time_than_a_finished_one(expects: Expectation) -> None:
    profile = PROFILES[expects]
    waits = [wait(verdict, profile, None) for verdict in Completeness]
    assert waits == sorted(waits)
    assert waits[0] < waits[2] <= profile.longest


def test_who_dictates_or_thinks_is_given_more_time_than_who_agrees() -> None:
    yes, digits, thinking = (
        PROFILES[state] for state in (Expectation.YES_NO, Expectation.DICTATING, Expectation.THINKING)
    )
    assert yes.complete < digits.complete
    assert yes.unclear < digits.unclear < thinking.unclear
