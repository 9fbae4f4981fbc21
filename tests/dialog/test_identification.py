"""What a conversation knows of its caller."""

from __future__ import annotations

from dialog.actions.rules import Identity, Standing
from dialog.identification import Acquaintance


def test_nothing_is_known_at_first() -> None:
    assert Acquaintance().standing(handed_over=False) == Standing()


def test_what_was_shown_lasts_and_rises() -> None:
    known = Acquaintance()
    known.shown(Identity.KNOWLEDGE, "C-1")
    known.shown(Identity.CODE, "C-1")
    known.shown(Identity.KNOWLEDGE, "C-1")
    assert known.standing(handed_over=True) == Standing(True, Identity.CODE, "C-1")


def test_another_customer_has_shown_only_what_he_showed() -> None:
    known = Acquaintance()
    known.shown(Identity.CODE, "C-1")
    known.shown(Identity.KNOWLEDGE, "C-2")
    assert known.standing(handed_over=False) == Standing(False, Identity.KNOWLEDGE, "C-2")


def test_wrong_answers_are_counted_and_leave_a_claim() -> None:
    known = Acquaintance()
    known.answered_wrongly()
    assert (known.identity, known.wrong_answers) == (Identity.CLAIMED, 1)
    known.shown(Identity.KNOWLEDGE, "C-1")
    known.answered_wrongly()
    assert (known.identity, known.wrong_answers) == (Identity.KNOWLEDGE, 2)
