"""Which sentence answers, by evidence of several kinds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.answers.reading import BY_MEANING, BY_WORDS, read
from knowledge.document import Hit, Passage
from tests.dialog.surroundings import passage


def hit(found: Passage, score: float, *scores: float, **signals: float) -> Hit:
    return Hit(found, score, signals, scores.index(max(scores)), scores)


def first(asked: str, code: str, *hits: Hit) -> str:
    best = read(asked, hits, code)[0]
    return hits[best.hit].passage.sentences[best.sentence]


DELIVERY = passage(
    "a.md",
    "en",
    "Delivery",
    "Parcels",
    "Parcels leave at noon.",
    "A parcel costs 3,000 won.",
    "A parcel takes two days.",
)


def test_the_form_that_is_asked_for_decides_between_equals() -> None:
    found = hit(DELIVERY, 0.9, 0.3, 0.5, 0.5)
    assert first("how much is a parcel", "en", found) == "A parcel costs 3,000 won."
    assert first("how long does a parcel take", "en", found) == "A parcel takes two days."


def test_rare_words_of_the_question_weigh_more_than_those_that_all_sentences_have() -> None:
    found = passage("a.md", "ko", "매장", "영업시간", "서울 매장은 9시에 엽니다.", "부산 매장은 10시에 엽니다.")
    assert first("부산 매장은 언제 열어요", "ko", hit(found, 0.9, 0.5, 0.5)) == "부산 매장은 10시에 엽니다."


def test_what_a_sentence_leans_on_speaks_for_it() -> None:
    found = passage(
        "a.md",
        "en",
        "Points",
        "Points",
        "Coupons are sent monthly.",
        "Points come with every order.",
        "They expire after 24 months.",
    )
    other = passage("b.md", "en", "Milk", "Milk", "Milk is sold here.", "They expire after 10 days.")
    asked = "when do points expire"
    assert (
        first(asked, "en", hit(other, 0.5, 0.3, 0.4), hit(found, 0.5, 0.1, 0.4, 0.4)) == "They expire after 24 months."
    )


def test_a_heading_speaks_for_the_sentences_below_it() -> None:
    gold = passage("a.md", "en", "Returns", "Furniture", "Picking it up costs 30,000 won.")
    other = passage("b.md", "en", "Returns", "Clothes", "Picking it up costs 3,000 won.")
    assert first("what does picking up furniture cost", "en", hit(other, 0.5, 0.5), hit(gold, 0.5, 0.5)).endswith(
        "30,000 won."
    )


def test_a_passage_that_retrieval_prefers_is_preferred() -> None:
    near, far = (passage(name, "en", "T", "T", "It costs 3,000 won.") for name in ("a.md", "b.md"))
    best = read("what does it cost", (hit(far, 0.2, 0.5), hit(near, 0.9, 0.5)), "en")[0]
    assert best.hit == 1


@pytest.mark.parametrize("signals", [{}, {"dense": 0.5}])
def test_every_sentence_is_there_with_all_that_speaks_for_it(signals: dict[str, float]) -> None:
    readings = read("how much is a parcel", (hit(DELIVERY, 0.9, 0.3, 0.5, 0.5, **signals),), "en")
    assert {reading.sentence for reading in readings} == {0, 1, 2}
    weights = BY_MEANING if signals else BY_WORDS
    for reading in readings:
        assert reading.features.keys() == weights.keys()
        assert reading.score == pytest.approx(sum(weights[name] * value for name, value in reading.features.items()))


def test_scores_that_do_not_belong_to_the_passage_are_left_out() -> None:
    assert read("anything", (Hit(DELIVERY, 0.9, {}, 0, (0.9,)),), "en") == ()
    assert read("anything", (), "en") == ()


@given(st.text(max_size=60), st.sampled_from(["ko", "en"]))
def test_whatever_is_asked_shares_stay_shares(asked: str, code: str) -> None:
    for reading in read(asked, (hit(DELIVERY, 0.9, 0.3, 0.5, 0.5),), code):
        assert all(0.0 <= reading.features[name] <= 1.0 for name in ("words", "context", "label", "late"))
