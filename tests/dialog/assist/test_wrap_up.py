"""What is filled in for a case, and what the agent made of it."""

from __future__ import annotations

from dialog.assist.disposition import EVERYWHERE
from dialog.assist.live_summary import Story
from dialog.assist.wrap_up import MOST_CHANGES, Change, WrapUp, difference, prefilled
from tests.house import example_release

TEXTS = example_release().texts("en")
BEFORE = WrapUp("The caller wants: a refund. So far: a refund done.", "resolved")


def test_a_case_is_filled_in_from_what_the_call_came_to() -> None:
    story = Story("en").after("action.succeeded", {"name": "cancel_order"})
    case = prefilled(story, TEXTS, EVERYWHERE)
    assert "cancelling an order done" in case.summary
    assert (case.disposition, case.note) == ("resolved", "")


def test_what_was_taken_as_it_was_is_unedited_whatever_was_noted() -> None:
    assert difference(BEFORE, BEFORE).unedited
    noted = difference(BEFORE, WrapUp(BEFORE.summary, BEFORE.disposition, "calls again on Monday"))
    assert (noted.unedited, noted.kept) == (True, 1.0)


def test_every_change_is_kept_with_what_it_took_the_place_of() -> None:
    edited = WrapUp("The caller wants: a refund. So far: a partial refund done today.", "follow_up")
    changed = difference(BEFORE, edited)
    assert changed.changes == (Change("", "partial"), Change("done.", "done today."))
    assert changed.disposition == Change("resolved", "follow_up")
    assert 0.8 < changed.kept < 1.0 and not changed.unedited


def test_a_summary_in_other_words_has_kept_nothing() -> None:
    changed = difference(BEFORE, WrapUp("Entirely rewritten by hand", None))
    assert changed.kept == 0.0
    assert changed.disposition == Change("resolved", "")


def test_changes_are_bounded() -> None:
    before = WrapUp(" ".join(f"w{n} same" for n in range(200)), None)
    after = WrapUp(" ".join(f"v{n} same" for n in range(200)), None)
    changed = difference(before, after)
    assert len(changed.changes) == MOST_CHANGES and changed.kept == 0.5
