"""Who answers next, and when."""

from __future__ import annotations

from dialog.answers.ladder import AnswerLadder, Heard, Move, Patience

PATIENCE = Patience(filler_after=1.5, rung_after=5.0)


def ladder(*, extract: bool = True) -> AnswerLadder:
    return AnswerLadder(100.0, extract=extract, patience=PATIENCE)


def test_a_model_in_time_is_listened_to_until_it_ends() -> None:
    answer = ladder()
    assert answer.handle(Heard.BACKED, 101.0) == (Move.SAY,)
    assert answer.deadline == 106.0
    assert answer.handle(Heard.BACKED, 105.0) == (Move.SAY,)
    assert answer.handle(Heard.ENDED, 105.1) == ()
    assert answer.over and answer.deadline is None


def test_a_slow_model_is_covered_by_one_filler_and_then_by_the_passages() -> None:
    answer = ladder()
    assert answer.deadline == 101.5
    assert answer.tick(101.4) == ()
    assert answer.tick(101.5) == (Move.FILL,)
    assert answer.deadline == 105.0
    assert answer.tick(104.9) == ()
    assert answer.tick(105.0) == (Move.EXTRACT,)
    assert answer.over


def test_without_passages_a_human_goes_on() -> None:
    for last in (Heard.FAILED, Heard.ENDED, Heard.REFUSED):
        assert ladder(extract=False).handle(last, 100.2) == (Move.HAND_OVER,)
        assert ladder().handle(last, 100.2) == (Move.EXTRACT,)


def test_a_model_that_invents_is_not_listened_to_any_further() -> None:
    answer = ladder()
    answer.handle(Heard.BACKED, 101.0)
    assert answer.handle(Heard.REFUSED, 102.0) == (Move.EXTRACT,)
    assert answer.over
    assert answer.handle(Heard.BACKED, 102.1) == ()


def test_what_was_said_stays_said_when_the_model_breaks_down() -> None:
    for last in (Heard.FAILED, Heard.ENDED):
        answer = ladder(extract=False)
        answer.handle(Heard.BACKED, 101.0)
        assert answer.handle(last, 102.0) == ()
        assert answer.over
    answer = ladder(extract=False)
    answer.handle(Heard.BACKED, 101.0)
    assert answer.handle(Heard.REFUSED, 102.0) == ()


def test_a_model_that_stalls_after_a_sentence_is_left() -> None:
    answer = ladder()
    answer.handle(Heard.BACKED, 104.0)
    assert answer.tick(105.0) == ()
    assert answer.tick(109.0) == ()
    assert answer.over
