from __future__ import annotations

from gateway.telephony.streams.marks import MOST, AwaitedMarks


def test_a_mark_that_was_played_is_news_once() -> None:
    marks = AwaitedMarks()
    marks.sent("a")
    assert marks.came_back("a")
    assert not marks.came_back("a")
    assert marks.cleared() == []


def test_marks_that_a_clear_has_overtaken_are_given_back_once_and_in_order() -> None:
    marks = AwaitedMarks()
    for name in ("a", "b"):
        marks.sent(name)
    marks.clear_sent()
    marks.sent("c")
    assert marks.cleared() == ["a", "b"]
    assert marks.cleared() == []
    assert marks.came_back("c")


def test_one_that_was_played_before_the_clear_arrived_is_not_given_back_again() -> None:
    marks = AwaitedMarks()
    marks.sent("a")
    marks.clear_sent()
    assert marks.came_back("a")
    assert marks.cleared() == []


def test_no_more_are_remembered_than_a_call_can_need() -> None:
    marks = AwaitedMarks()
    for number in range(MOST + 1):
        marks.sent(str(number))
    assert not marks.came_back("0")
    assert marks.came_back("1")
