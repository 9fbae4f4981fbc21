"""What a card shows of its source, and when another one shows nothing new."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dialog.assist.card import LONGEST_EXCERPT, Card, CardKind, NextAction, excerpt, source_of
from tests.dialog.surroundings import KNOWLEDGE, passage

DELIVERY = KNOWLEDGE[0]


def test_a_source_names_document_passage_and_since_when_it_counts() -> None:
    dated = replace(DELIVERY, document=replace(DELIVERY.document, valid_from=date(2026, 1, 1)))
    source = source_of(dated, 0, internal=True)
    assert (source.document, source.title, source.passage) == ("ko/delivery.md", "일반 배송", DELIVERY.id)
    assert (source.effective_from, source.internal) == (date(2026, 1, 1), True)
    assert source.excerpt.startswith(DELIVERY.sentences[0])


def test_an_excerpt_holds_the_sentence_and_as_much_around_it_as_fits() -> None:
    long = passage("d", "en", "T", "h", *(f"Sentence number {index} says something." for index in range(60)))
    shown = excerpt(long, 30)
    assert "Sentence number 30 " in shown and "Sentence number 31 " in shown and "Sentence number 29 " in shown
    assert len(shown) <= LONGEST_EXCERPT
    assert excerpt(DELIVERY, 1) == " ".join(DELIVERY.sentences), "what fits is shown whole"


def test_one_long_sentence_is_cut_and_says_so() -> None:
    shown = excerpt(passage("d", "en", "T", "h", "word " * 400), 0)
    assert len(shown) <= LONGEST_EXCERPT and shown.endswith("…")


def test_what_speaks_to_a_program_is_not_shown() -> None:
    notes = next(one for one in KNOWLEDGE if one.document.id == "en/notes.md")
    assert excerpt(notes, 1) == "A gift card is valid for five years."


def test_two_cards_say_the_same_whatever_they_were_said_for() -> None:
    card = Card(CardKind.ANSWER, 1, "It is free.", 0.8, source_of(DELIVERY, 0, internal=False))
    assert card.says_the_same(replace(card, utterance=5, confidence=0.6))
    assert not card.says_the_same(replace(card, text="It is not free."))
    assert not card.says_the_same(None)
    action = NextAction("cancel", "Cancel", {}, ("order",))
    asked = Card(CardKind.ACTION, 1, "Cancel", 0.9, action=action)
    assert not asked.says_the_same(replace(asked, action=replace(action, arguments={"order": "1"}, missing=())))
