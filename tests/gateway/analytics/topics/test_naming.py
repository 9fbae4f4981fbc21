from __future__ import annotations

from gateway.analytics.topics.naming import LABEL_WORDS, labels_of


def said(*texts: str) -> list[dict[str, str]]:
    return [{word: word for word in text.split()} for text in texts]


def test_a_topic_is_called_by_what_its_turns_have_and_others_do_not() -> None:
    late = said("order late", "order late parcel", "order late still")
    refund = said("order refund", "order refund money", "order refund slow")
    first, second = labels_of([late, refund], said("order", "shop open"))
    assert first[0] == "late"
    assert second[0] == "refund"
    assert "open" not in first + second


def test_a_label_has_few_words_and_none_that_was_said_once_or_has_one_letter() -> None:
    turns = said("x late parcel order box", "x late parcel order box", "x late parcel order box once")
    (label,) = labels_of([turns], said("other"))
    assert len(label) == LABEL_WORDS
    assert not {"x", "once"} & set(label)


def test_words_that_are_all_poor_are_better_than_no_name() -> None:
    assert labels_of([said("x")], []) == [("x",)]


def test_the_word_that_is_said_most_shows_a_term() -> None:
    turns = [{"deliveri": "deliveries"}, {"deliveri": "delivery"}, {"deliveri": "delivery"}]
    assert labels_of([turns], [{"x": "x"}]) == [("delivery",)]


def test_no_two_topics_have_one_name() -> None:
    alike = said("a1 b1 c1 d1", "a1 b1 c1 d1"), said("a1 b1 c1 e1", "a1 b1 c1 e1")
    first, second = labels_of(alike, [])
    assert set(first) != set(second)
