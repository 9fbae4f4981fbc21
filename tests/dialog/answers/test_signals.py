"""What speaks for an answer, taken from a question and all of its hits."""

from __future__ import annotations

import pytest

from dialog.answers.extractive import extract
from dialog.answers.reading import read
from dialog.answers.signals import UNKNOWN, Survey
from knowledge.document import Document, Hit, Passage

FEE = ("Standard delivery costs 3,000 won.", "Delivery to Jeju takes longer.")
HOURS = ("The Seoul store opens at ten.", "It closes at nine on Sundays.")


def hit(name: str, sentences: tuple[str, ...], scores: tuple[float, ...], score: float, **signals: float) -> Hit:
    document = Document(name, name, "en", "0" * 64)
    passage = Passage(f"{name}#0", document, 0, (name,), " ".join(sentences), sentences)
    return Hit(passage, score, signals, max(range(len(scores)), key=scores.__getitem__), scores)


HITS = (
    hit("delivery", FEE, (0.8, 0.2), 0.9, coverage=0.9, dense=0.7, sentence=0.8, lexical_share=0.6),
    hit("stores", HOURS, (0.1, 0.1), 0.3, coverage=0.1, dense=0.2, sentence=0.3, lexical_share=0.1),
)


def signals(asked: str, index: int = 0, hits: tuple[Hit, ...] = HITS) -> dict[str, float]:
    found = extract(hits[index], "en", asked=asked)
    assert found is not None
    return Survey(asked, "en", hits, read(asked, hits, "en")).signals(index, found)


def test_what_meets_the_question_has_more_of_it() -> None:
    good, bad = signals("how much does standard delivery cost", 0), signals("how much does standard delivery cost", 1)
    for name in ("sentence", "coverage", "overlap", "margin", "apart", "choice", "ahead_sentence", "form"):
        assert good[name] > bad[name], name


def test_the_best_of_all_hits_stands_beside_each_answer() -> None:
    good, bad = signals("standard delivery", 0), signals("standard delivery", 1)
    assert good["most_coverage"] == bad["most_coverage"] == pytest.approx(0.9)
    assert good["most_sentence"] == bad["most_sentence"] == pytest.approx(0.8)
    assert good["ahead_coverage"] == pytest.approx(0.8)
    assert bad["ahead_coverage"] == pytest.approx(-0.8)
    assert good["nearest"] == good["most_nearest"] == pytest.approx(0.8)
    assert good["ahead_in_passage"] == pytest.approx(0.6)


def test_what_retrieval_does_not_know_is_not_made_up() -> None:
    bare = tuple(Hit(one.passage, one.score, {"coverage": 0.5}, one.best, one.sentence_scores) for one in HITS)
    assert not {"dense", "nearest", "most_nearest", "ahead_dense"} & set(signals("standard delivery", hits=bare))


def test_a_sentence_that_says_the_opposite_is_told() -> None:
    assert signals("when does delivery to Jeju not take longer", 0)["denied_alike"] == 0.0
    assert signals("when does it open on Sundays", 1)["unopposed"] == 0.5
    assert signals("when does it close on Sundays", 1)["unopposed"] == 1.0


def test_numbers_and_names_of_the_question_are_looked_for() -> None:
    found = signals("is delivery to Jeju 3000 won")
    assert found["numbers_in_passage"] == 1.0
    assert found["names_in_passage"] == 1.0
    assert signals("is delivery to Busan 5000 won")["names_in_passage"] == 0.0
    assert signals("is delivery to Busan 5000 won")["numbers_in_passage"] == 0.0
    assert signals("is delivery dear")["numbers_in_passage"] == UNKNOWN


def test_a_passages_own_question_speaks_for_it() -> None:
    passage = Passage("faq#0", HITS[0].passage.document, 0, (), FEE[0], FEE[:1], question="How much is delivery?")
    asked = Hit(passage, 0.9, {}, 0, (0.9,))
    assert signals("how much is delivery", hits=(asked,))["question"] > 0.9
    assert signals("how much is delivery")["question"] == 0.0


def test_a_single_hit_and_a_question_without_content_are_no_trouble() -> None:
    found = signals("what is it", hits=HITS[:1])
    assert all(-10 < value < 10 for value in found.values())
    assert found["overlap"] == 0.0


def test_how_much_of_the_choice_is_said_counts() -> None:
    found = signals("how much does standard delivery cost")
    assert found["choice"] <= found["choice_of_said"] <= found["choice_of_passage"] <= 1.0
    assert found["choice_ahead"] > 0.0 > signals("how much does standard delivery cost", 1)["choice_ahead"]
    assert signals("delivery")["asked"] < found["asked"]
