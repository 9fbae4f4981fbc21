"""The life of an intent: which moves there are, and that there are no others."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.actions.action import Failed, FailureKind, Succeeded, Unknown
from dialog.actions.intent import MOVES, SPENT, UNRESOLVED, State, intent_of, moved, state_after
from dialog.errors import IntentMoved
from tests.dialog.shop import wanted

ENDS = frozenset({State.WITHDRAWN, State.FAILED, State.COMPENSATED})


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_a_move_is_made_exactly_if_it_stands_in_the_table(before: State, after: State) -> None:
    intent = replace(intent_of(wanted()), state=before)
    if after in MOVES[before]:
        assert moved(intent, after) == replace(intent, state=after)
    else:
        with pytest.raises(IntentMoved, match=before):
            moved(intent, after)


def test_nothing_is_sent_but_after_a_confirmation_and_nothing_after_an_end() -> None:
    assert [state for state, moves in MOVES.items() if State.STARTED in moves] == [State.CONFIRMED]
    assert [state for state, moves in MOVES.items() if State.CONFIRMED in moves] == [State.PROPOSED]
    assert {state for state, moves in MOVES.items() if not moves} == ENDS


@given(st.lists(st.sampled_from(list(State)), max_size=30))
def test_however_it_is_pushed_it_is_started_once_at_most(pushes: list[State]) -> None:
    intent, path = intent_of(wanted()), [State.PROPOSED]
    for push in pushes:
        try:
            intent = moved(intent, push)
        except IntentMoved:
            continue
        path.append(intent.state)
    assert path.count(State.STARTED) <= 1
    assert path.count(State.CONFIRMED) <= 1


def test_what_may_have_had_an_effect_counts() -> None:
    assert UNRESOLVED <= SPENT
    assert not SPENT & {State.PROPOSED, State.WITHDRAWN, State.CONFIRMED, State.FAILED}


def test_an_outcome_leads_to_its_state() -> None:
    outcomes = (Succeeded({}), Failed(FailureKind.REJECTED), Unknown())
    assert [state_after(outcome) for outcome in outcomes] == [State.SUCCEEDED, State.FAILED, State.UNKNOWN]


def test_an_intent_is_what_was_proposed() -> None:
    proposal = wanted()
    intent = intent_of(proposal)
    assert (intent.id, intent.key, intent.digest) == (proposal.id, proposal.key, proposal.digest)
    assert intent.state is State.PROPOSED
