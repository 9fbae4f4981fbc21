from pathlib import Path

import numpy as np
import pytest

from dialog.answers.calibration import Labelled
from dialog.answers.confidence import Estimate, answer_confidence, log_odds, probability, shipped
from gateway.commands.evaluate.cases import Condition
from gateway.commands.evaluate.figures import Figure
from gateway.commands.evaluate.kinds.confidence import Judged, Options, measure, mix, recalibrated, told
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from tests.gateway.commands.evaluate.corpora import written

OPTIONS = Options.model_validate({"sets": {"en": {"questions": ["set.json"]}}})


def judged(there: list[float], right: list[float], absent: list[float]) -> Judged:
    conditions = (Condition.THERE,) * len(there) + (Condition.TOPIC_ABSENT,) * len(absent)
    every = np.array([*there, *absent])
    outcomes = np.array([*right, *([0.0] * len(absent))])
    articles = np.arange(len(every)) % 5
    said = tuple(
        Labelled({"coverage": float(value)}, bool(good), str(article))
        for value, good, article in zip(every, outcomes, articles, strict=True)
    )
    return Judged(every, outcomes, every, every, 1 - every, said, conditions, articles)


def test_conditions_are_told_apart_by_what_the_product_promises() -> None:
    cases = judged([0.9, 0.8, 0.7, 0.3], [1, 1, 0, 0], [0.2, 0.1])
    figures = told(cases, OPTIONS)
    assert figures["auroc_topic_absent"].value == 1.0
    assert figures["auroc_topic_absent_by_confidence"].value == 1.0
    assert figures["auroc_right"].value == 1.0
    assert figures["coverage_at_p90"].value == 0.5
    assert figures["right"].value == 0.5
    assert figures["auroc_passage_absent"] == Figure(None)
    assert figures["ece"].value == pytest.approx(0.3)  # of the four and one absent


def test_every_figure_stands_beside_that_of_the_plain_confidence() -> None:
    figures = told(judged([0.9, 0.8, 0.7, 0.3], [1, 1, 0, 0], [0.2, 0.1]), OPTIONS)
    assert figures["auroc_topic_absent"].baseline == 0.0
    assert figures["auroc_right"].baseline == 0.0
    assert figures["coverage_at_p90"].baseline == 0.0


def test_what_calibration_brings_is_judged_on_articles_that_did_not_teach_it() -> None:
    rng = np.random.default_rng(3)
    names = shipped()[Estimate.RIGHT].words.of
    said = tuple(
        Labelled(signals, bool(rng.uniform() < probability(log_odds(signals) + 2.0)), "of no account")
        for signals in (dict.fromkeys(names, float(strength)) for strength in rng.uniform(size=2000))
    )
    p = np.array([answer_confidence(one.signals).value for one in said])
    right = np.array([float(one.right) for one in said])
    modest = Judged(p, right, p, p, p, said, (Condition.THERE,) * len(said), np.arange(len(said)) % 20)
    figures = told(modest, OPTIONS)
    assert figures["ece_calibrated"].value is not None
    assert figures["ece_calibrated"].value < (figures["ece"].value or 0.0) / 2
    assert recalibrated(judged([0.3] * 10, [1.0] * 10, []), np.arange(10)) is None


def test_the_mix_has_its_share_of_what_is_absent() -> None:
    cases = judged([0.9] * 70, [1.0] * 70, [0.1] * 70)
    assert len(mix(cases, OPTIONS)) == 70 + 15
    assert len(mix(judged([0.9] * 70, [1.0] * 70, []), OPTIONS)) == 70


def test_a_corpus_is_asked_under_every_condition(tmp_path: Path) -> None:
    around = Surroundings(written(tmp_path / "data"), tmp_path, tmp_path / "work", None, lambda line: None)
    found = measure(OPTIONS, around)
    figures = found.figures["en"]
    assert figures["auroc_topic_absent"].count == 8
    assert (figures["auroc_topic_absent"].value or 0) > 0.8
    assert figures["auroc_adversarial"].value is None
    assert len(found.pictures) == 2
