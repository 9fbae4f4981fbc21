import json
from pathlib import Path

import pytest

from gateway.commands.evaluate.errors import DataAbsent, SuiteInvalid
from gateway.commands.evaluate.intent_sets import IntentSet, read_utterances

TRAIN = """language: en
intents:
  delivery: {does: ask_knowledge, examples: [when will it come, is it here, where is it]}
  hello: {does: small_talk, examples: [hello, hi, good day]}
  elsewhere: {does: off_topic, examples: [who won the match]}
"""
TEST = "language: en\nutterances: {delivery: [has it come], hello: [hey]}\noff_topic: [will it rain]\n"


def chosen(kind: str, train: str, test: str, shots: int | None = None) -> IntentSet:
    return IntentSet.model_validate({"format": kind, "train": train, "test": test, "shots": shots})


def test_a_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,category\n"one, two",x\nthree,y\nfour,x\n', encoding="utf-8")
    found = read_utterances(chosen("table", "a.csv", "a.csv", shots=1), tmp_path, tmp_path / "nowhere")
    assert found.train == {"x": ("one, two",), "y": ("three",)}
    assert found.test == (("one, two", "x"), ("three", "y"), ("four", "x"))
    assert found.off_topic_test == ()


def test_parts_are_read(tmp_path: Path) -> None:
    parts = {"train": [["a", "x"]], "test": [["b", "x"]], "oos_train": [["c", "oos"]], "oos_test": [["d", "oos"]]}
    (tmp_path / "a.json").write_text(json.dumps(parts), encoding="utf-8")
    found = read_utterances(chosen("parts", "a.json", "a.json"), tmp_path, tmp_path)
    assert (found.train, found.off_topic_train) == ({"x": ("a",)}, ("c",))
    assert (found.test, found.off_topic_test) == ((("b", "x"),), ("d",))


def test_a_tenants_own_files_lie_beside_the_suite(tmp_path: Path) -> None:
    (tmp_path / "train.yaml").write_text(TRAIN, encoding="utf-8")
    (tmp_path / "test.yaml").write_text(TEST, encoding="utf-8")
    found = read_utterances(chosen("tenant", "train.yaml", "test.yaml"), tmp_path / "nowhere", tmp_path)
    assert set(found.train) == {"delivery", "hello"}
    assert found.off_topic_train == ("who won the match",)
    assert found.test == (("has it come", "delivery"), ("hey", "hello"))
    assert found.off_topic_test == ("will it rain",)


def test_a_test_that_was_trained_on_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "train.yaml").write_text(TRAIN, encoding="utf-8")
    (tmp_path / "test.yaml").write_text(TEST.replace("has it come", "is it here"), encoding="utf-8")
    with pytest.raises(SuiteInvalid, match="is it here"):
        read_utterances(chosen("tenant", "train.yaml", "test.yaml"), tmp_path, tmp_path)


@pytest.mark.parametrize(("kind", "content"), [("table", "a;b\n1;2\n"), ("parts", "[]"), ("tenant", "language: en\n")])
def test_another_format_is_told(kind: str, content: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(content, encoding="utf-8")
    with pytest.raises(DataAbsent, match="format"):
        read_utterances(chosen(kind, "a", "a"), tmp_path, tmp_path)
