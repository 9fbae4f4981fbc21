from __future__ import annotations

import pytest

from knowledge import lexical
from knowledge.embedder import Role
from knowledge.evidence import Evidence, Question, Weights, weigh, weights_of
from knowledge.index import Entry, Frequencies, Space
from tests.knowledge.twins import HashedEmbedder, document, entry, passage

ENGLISH = Space("shop", "en", "hashed", HashedEmbedder.dimension)
KOREAN = Space("shop", "ko")


def asked(text: str, language: str, *, dense: bool = False) -> tuple[Question, Weights]:
    found = lexical.analyzer(language).question(text)
    vector = HashedEmbedder().embed([text], Role.QUERY)[0] if dense else None
    pairs = {lexical.hashed(pair): 1.0 for pair in found.pairs}
    return Question(found, vector), Weights({term.index: 1.0 for term in found.terms}, pairs)


def weighed(made: Entry, text: str, language: str, *, dense: bool = False) -> Evidence:
    question, weights = asked(text, language, dense=dense)
    return weigh(question, made, weights)


def test_coverage_is_the_share_of_the_questions_weight() -> None:
    made = entry(Space("shop", "en"), passage(document("d"), "Delivery to Jeju takes three days."))
    question, weights = asked("delivery to jeju for furniture", "en")
    assert weigh(question, made, weights).signals["coverage"] == pytest.approx(2 / 3)
    heavier = Weights({**weights.words, lexical.hashed("furnitur"): 4.0}, {})
    assert weigh(question, made, heavier).signals["coverage"] == pytest.approx(2 / 6)


def test_nonsense_covers_nothing_whatever_its_rank() -> None:
    made = entry(ENGLISH, passage(document("d"), "Delivery takes two days."))
    question, weights = asked("president of france", "en", dense=True)
    found = weigh(question, made, weights)
    assert found.signals["coverage"] == found.signals["lexical"] == 0.0
    assert found.signals["best_sentence"] < 0.4


def test_the_sentence_that_answers_is_best() -> None:
    made = entry(ENGLISH, passage(document("d"), "Delivery takes two days. Jeju takes three days. Sundays are free."))
    found = weighed(made, "how long to jeju", "en", dense=True)
    assert found.best == 1
    assert len(found.sentence_scores) == 3
    assert all(0.0 <= score <= 1.0 for score in found.sentence_scores)
    assert found.signals["best_sentence"] == found.sentence_scores[1]


def test_raw_figures_are_cosines_and_bm25_sums() -> None:
    made = entry(ENGLISH, passage(document("d"), "Delivery takes two days."))
    question, weights = asked("Delivery takes two days.", "en", dense=True)
    signals = weigh(question, made, weights).signals
    assert signals["sentence"] == pytest.approx(1.0, abs=1e-4)
    assert signals["dense"] < 1.0
    values = dict(zip(made.lexical.indices, made.lexical.values, strict=True))
    expected = sum(values[term.index] for term in question.asked.terms if not term.joined)
    assert signals["lexical"] == pytest.approx(expected)
    assert 0 < signals["lexical_share"] < 1


def test_a_word_in_the_heading_counts_half_for_each_sentence() -> None:
    made = entry(Space("shop", "en"), passage(document("d"), "It costs three won. It is quick.", heading="Jeju"))
    question, weights = asked("jeju", "en")
    assert weigh(question, made, weights).sentence_scores == pytest.approx((0.5, 0.5))


def test_when_a_listed_question_matches_its_answer_begins_at_the_beginning() -> None:
    made = entry(
        ENGLISH, passage(document("d"), "Sure. Only cards are refused.", question="Can I pay by bank transfer?")
    )
    question, weights = asked("can i pay by bank transfer", "en", dense=True)
    found = weigh(question, made, weights)
    assert found.best == 0
    assert found.sentence_scores[0] > 0.8


def test_a_korean_word_inside_a_longer_one_is_found_and_its_beginning_counts_in_part() -> None:
    made = entry(KOREAN, passage(document("d", "ko"), "제주 지역은 배송비가 추가됩니다."))
    question, weights = asked("배송 제주도", "ko")
    covered = weigh(question, made, weights).signals["coverage"]
    assert covered == pytest.approx((1.0 + 2 / 3) / 2)


def test_spaces_do_not_matter_in_korean() -> None:
    made = entry(KOREAN, passage(document("d", "ko"), "회원 등급은 매달 바뀝니다. 포인트는 그대로입니다."))
    together = weighed(made, "회원등급은언제바뀌나요", "ko")
    apart = weighed(made, "회원 등급은 언제 바뀌나요", "ko")
    assert together.best == apart.best == 0
    assert together.signals["characters"] == pytest.approx(apart.signals["characters"])


def test_rare_terms_weigh_more() -> None:
    weights = weights_of(Frequencies(100, {1: 1, 2: 50}))
    assert weights[1] > weights[2] > 0
