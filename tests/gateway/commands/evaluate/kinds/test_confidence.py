from pathlib import Path

import numpy as np
import pytest

from gateway.commands.evaluate.cases import Condition
from gateway.commands.evaluate.figures import Figure
from gateway.commands.evaluate.kinds.confidence import Judged, Options, measure, mix, told
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from tests.gateway.commands.evaluate.corpora import written

OPTIONS = Options.model_validate({"sets": {"en": {"questions": ["set.json"]}}})


def judged(there: list[float], right: list[float], absent: list[float]) -> Judged:
    conditions = (Condition.THERE,) * len(there) + (Condition.TOPIC_ABSENT,) * len(absent)
    every = np.array([*there, *absent])
    return Judged(
        every, np.array([*right, *([0.0] * len(absent))]), every, every, conditions, np.arange(len(every)) % 5
    )


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
