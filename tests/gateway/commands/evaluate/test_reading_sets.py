import json
from pathlib import Path

import pytest

from gateway.commands.evaluate.errors import DataAbsent
from gateway.commands.evaluate.reading_sets import Question, ReadingSet, read_corpus

HOUSE = {"context": "A house has a roof.", "qas": [{"question": "What?", "answers": [{"text": "a roof"}] * 2}]}
TWICE = {"context": "A house has a roof.", "qas": [{"question": "And?", "answers": [{"text": "A"}]}]}
EMPTY = {"context": "A hut.", "qas": [{"question": "Who?", "answers": [{"text": "x"}], "is_impossible": True}]}
OTHER = {"context": "A boat.", "qas": [{"question": "not labelled"}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    asked = {"data": [{"paragraphs": [HOUSE, TWICE]}, {"paragraphs": [EMPTY]}]}
    (tmp_path / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    (tmp_path / "about.json").write_text(json.dumps({"data": [{"paragraphs": [OTHER]}]}), encoding="utf-8")
    return tmp_path


def test_contexts_stand_once_and_questions_know_theirs(folder: Path) -> None:
    corpus = read_corpus("en", ReadingSet(questions=("asked.json",), distractors=("about.json",)), folder)
    assert corpus.contexts == ("A house has a roof.", "A hut.", "A boat.")
    assert corpus.articles == (0, 1, 2)
    assert corpus.questions == (
        Question("What?", 0, ("a roof",)),
        Question("And?", 0, ("A",)),
        Question("Who?", 1, ()),
    )
    assert [question.text for question in corpus.answerable] == ["What?", "And?"]
    assert corpus.article(corpus.questions[2]) == 1


def test_another_format_is_told(folder: Path) -> None:
    (folder / "asked.json").write_text('{"rows": []}', encoding="utf-8")
    with pytest.raises(DataAbsent, match="not in SQuAD's format"):
        read_corpus("en", ReadingSet(questions=("asked.json",)), folder)
