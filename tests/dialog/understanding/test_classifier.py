"""The embedded head: two numbers, kept apart."""

from __future__ import annotations

import numpy as np
import pytest

from dialog.understanding.classifier import Classifier, Judgement
from dialog.understanding.features import Seen

WANTED = {
    "delivery": ["how much is delivery", "how long does delivery take", "do you deliver on saturday", "delivery cost"],
    "returns": ["i want to return this", "how do i return an item", "can i send it back", "return an order"],
    "stores": ["when do you open", "what are your opening hours", "where is the store", "is the store open today"],
}
ELSEWHERE = ["what is the weather", "tell me a joke", "who is the president", "book me a flight", "sing a song"]


def trained(elsewhere: list[str]) -> Classifier:
    wanted = {intent: [Seen(text) for text in texts] for intent, texts in WANTED.items()}
    return Classifier.train(wanted, [Seen(text) for text in elsewhere])


def judged(head: Classifier, text: str) -> Judgement:
    return head.judge(Seen(text))


@pytest.fixture(scope="module")
def head() -> Classifier:
    return trained(ELSEWHERE)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what does delivery cost", "delivery"),
        ("i would like to return an item", "returns"),
        ("are you open", "stores"),
    ],
)
def test_intents_are_recognized(head: Classifier, text: str, intent: str) -> None:
    assert judged(head, text).intent == intent


def test_probabilities_are_a_distribution_in_order(head: Classifier) -> None:
    ranked = judged(head, "delivery to the store").ranked
    assert sum(share for _, share in ranked) == pytest.approx(1.0)
    assert [share for _, share in ranked] == sorted((share for _, share in ranked), reverse=True)
    assert {name for name, _ in ranked} == set(WANTED)


def test_what_is_ours_is_more_in_scope_than_what_is_not(head: Classifier) -> None:
    ours = judged(head, "how much does a delivery cost").in_scope
    not_ours = judged(head, "what is the weather tomorrow").in_scope
    assert not_ours < 0.5 < ours


def test_a_sure_intent_does_not_make_a_text_ours(head: Classifier) -> None:
    found = judged(head, "who is the president of the opening")
    assert found.in_scope < 0.5


def test_a_text_without_any_known_piece_is_out_of_scope(head: Classifier) -> None:
    found = judged(head, "ѫѭѯ")
    assert found.in_scope == 0.0
    assert found.probability == pytest.approx(1 / len(WANTED))


def test_words_that_ran_together_or_lost_a_letter_are_still_understood(head: Classifier) -> None:
    assert judged(head, "howmuchisdelivery").intent == "delivery"
    assert judged(head, "i want to retrun this itm").intent == "returns"


def test_it_can_be_trained_without_off_topic_examples() -> None:
    head = trained([])
    assert judged(head, "how much is delivery").in_scope > judged(head, "ketchup on a zebra").in_scope


def test_training_is_repeatable() -> None:
    again = trained(ELSEWHERE)
    first = trained(ELSEWHERE)
    assert judged(first, "open on sunday") == judged(again, "open on sunday")


def test_a_head_that_was_trained_with_vectors_goes_by_them() -> None:
    east, west = np.eye(2, dtype=np.float32)
    head = Classifier.train(
        {
            "one": [Seen(text, vector=east) for text in ("a", "b", "c")],
            "two": [Seen(text, vector=west) for text in "def"],
        },
        [],
    )
    assert head.judge(Seen("d", vector=east)).intent == "one"
    assert head.judge(Seen("never heard of", vector=west)).intent == "two"
