"""The alphabet of the reducer."""

from __future__ import annotations

from typing import get_args

from dialog.flows import event as ev


def test_outcomes_are_the_same_for_types_and_for_checks() -> None:
    assert get_args(ev.Outcome) == ev.OUTCOMES


def test_every_outcome_is_an_event() -> None:
    assert set(ev.OUTCOMES) < set(get_args(ev.Event))


def test_events_are_values() -> None:
    assert ev.ValueHeard("a", "1", 0.5) == ev.ValueHeard("a", "1", 0.5)
    assert ev.Started() == ev.Started(())
