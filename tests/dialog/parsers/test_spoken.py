"""What a parser gives stands in order of certainty."""

from __future__ import annotations

from dialog.parsers.spoken import AMBIGUOUS, LIKELY, SURE, Spoken


def test_the_less_can_be_meant_the_surer() -> None:
    assert 0 < AMBIGUOUS < LIKELY < SURE < 1


def test_a_value_knows_where_it_was_said() -> None:
    text = "two please"
    spoken = Spoken(2, 0, 3, SURE)
    assert text[spoken.start : spoken.end] == "two"
