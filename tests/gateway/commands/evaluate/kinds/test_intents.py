from pathlib import Path

from dialog.understanding.classifier import Judgement
from gateway.commands.evaluate.intent_sets import Utterances
from gateway.commands.evaluate.kinds.intents import Options, Trial, confusions, measure
from gateway.commands.evaluate.kinds.surroundings import Surroundings

TRAIN = """language: en
intents:
  delivery:
    does: ask_knowledge
    examples: [when will my parcel come, where is my parcel, has the parcel been sent, parcel delivery please]
  refund:
    does: ask_knowledge
    examples: [i want my money back, how do i get a refund, refund my money please, when is the refund paid]
  elsewhere: {does: off_topic, examples: [who won the match, will it rain, sing me a song, tell me a joke]}
"""
TEST = """language: en
utterances:
  delivery: [is my parcel sent, where would my parcel be]
  refund: [pay my money back, refund please]
off_topic: [who will win the match, a song about rain]
"""


def test_a_head_is_trained_and_judged_on_what_it_has_not_seen(tmp_path: Path) -> None:
    (tmp_path / "train.yaml").write_text(TRAIN, encoding="utf-8")
    (tmp_path / "test.yaml").write_text(TEST, encoding="utf-8")
    options = Options.model_validate(
        {"sets": {"en": {"own": {"format": "tenant", "train": "train.yaml", "test": "test.yaml"}}}}
    )
    found = measure(options, Surroundings(tmp_path, tmp_path, tmp_path, None, lambda line: None))
    own = found.figures["en"]
    assert own["own.accuracy"].value == 1.0
    assert own["own.accuracy"].count == 4
    assert own["own.auroc_in_scope"].value == 1.0
    assert (own["own.train_s"].value or 0) > 0
    assert (own["own.p95_ms"].value or 0) > 0
    assert own["own.accuracy"].baseline is not None
    assert found.find("en.own.accuracy") is own["own.accuracy"]
    assert len(found.pictures) == 1
    assert found.problems == ()


def test_what_was_taken_for_one_another_is_told_in_both_directions() -> None:
    tested = [("a", "one"), ("b", "one"), ("c", "two"), ("d", "three"), ("e", "three")]
    inside = [Judgement(((intent, 1.0),), 1.0) for intent in ("two", "two", "one", "two", "three")]
    trial = Trial(Utterances({}, (), tuple(tested), ()), tested, inside, [])
    assert confusions(trial) == [
        "one taken for two 2 times, two for one 1 times",
        "three taken for two 1 times, two for three 0 times",
    ]
