from __future__ import annotations

from pathlib import Path

import pytest

from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.kinds.topics import Options, measure
from gateway.commands.evaluate.suite import read_suite

TRAIN = """language: en
intents:
  parcel:
    does: ask_knowledge
    examples: [where is my parcel, my parcel is late, the parcel has not come, parcel late, late parcel again]
  refund:
    does: ask_knowledge
    examples: [refund my money, the refund of my money, when is the money refunded, money refund, refund money now]
  elsewhere: {does: off_topic, examples: [sing me a song, will it rain]}
"""
TEST = """language: en
utterances:
  parcel: [parcel so late, late is my parcel]
  refund: [money refund soon, my refund money]
off_topic: [tell a joke]
"""


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    (tmp_path / "train.yaml").write_text(TRAIN, encoding="utf-8")
    (tmp_path / "test.yaml").write_text(TEST, encoding="utf-8")
    return Surroundings(tmp_path, tmp_path, tmp_path, None, lambda line: None)


def options(part: str) -> Options:
    own = {"format": "tenant", "train": "train.yaml", "test": "test.yaml", "part": part}
    return Options.model_validate({"sets": {"en": {"own": own}}})


def test_utterances_are_grouped_beside_the_plain_methods(around: Surroundings) -> None:
    found = measure(options("all"), around)
    figures = {name: figure.value for name, figure in found.figures["en"].items()}
    assert figures["own.topics"] == 2
    assert figures["own.coverage"] == figures["own.purity"] == figures["own.found"] == 1.0
    assert figures["own.nmi"] == figures["own.ari"] == pytest.approx(1.0)
    assert figures["own.strangers"] == 0.0
    assert figures["own.labels_apart"] == figures["own.labels_said"] == 1.0
    assert figures["own.by_words.found"] == 1.0
    assert figures["own.false_alarms"] == 0.0
    assert figures["own.stayed"] is not None
    assert found.figures["en"]["own.found"].count == 17
    assert found.figures["en"]["own.found"].baseline is not None
    assert any("parcel" in note for note in found.notes)


@pytest.mark.parametrize(("part", "count"), [("train", 12), ("test", 5), ("all", 17)])
def test_a_part_of_a_set_may_be_grouped(around: Surroundings, part: str, count: int) -> None:
    assert measure(options(part), around).figures["en"]["own.coverage"].count == count


def test_the_suite_of_the_project_can_be_read() -> None:
    sets = read_suite("topics").options(Options).sets
    assert set(sets) == {"en", "ko"}
