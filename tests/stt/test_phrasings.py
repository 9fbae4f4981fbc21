from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from stt import phrasings
from stt.phrasings import Phrasings, PhrasingsUnreadable


def test_the_same_patterns_always_give_the_same_sentences() -> None:
    patterns = phrasings.load()
    first = list(phrasings.sentences(patterns))
    assert list(phrasings.sentences(patterns)) == first
    assert list(phrasings.sentences(patterns, seed=1)) != first
    assert len(first) > 1000


def test_our_sentences_are_lower_case_words_without_punctuation() -> None:
    for sentence in phrasings.sentences(phrasings.load()):
        assert sentence
        for word in sentence:
            assert re.fullmatch(r"[a-z][a-z'-]*", word), (word, sentence)


def test_a_weight_says_how_often_and_every_slot_is_filled_from_its_list() -> None:
    patterns = Phrasings(
        lists={"thing": ["order", "washing machine"], "place": ["store"]},
        patterns=[(2, "hello there"), (3, "the {thing} from the {place}")],
    )
    drawn = [" ".join(sentence) for sentence in phrasings.sentences(patterns, each=10)]
    assert drawn.count("hello there") == 2
    filled = drawn[2:]
    assert len(filled) == 30
    assert set(filled) == {"the order from the store", "the washing machine from the store"}


@pytest.mark.parametrize(
    ("slot", "likely"),
    [("number", r"(\w+ ?)+"), ("digits", r"((zero|oh|one|two|three|four|five|six|seven|eight|nine) ?){3,11}"),
     ("letters", r"(\w ?){1,5}"), ("amount", r".+ (dollars|won)"), ("clock", r"[\w' ]+"),
     ("date", r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w* [\w ]*(th|st|nd|rd)")],
)  # fmt: skip
def test_what_is_made_up_is_said_in_words(slot: str, likely: str) -> None:
    patterns = Phrasings(lists={}, patterns=[(1, f"it is {{{slot}}}")])
    made = {" ".join(sentence) for sentence in itertools.islice(phrasings.sentences(patterns, each=50), 50)}
    assert len(made) > 3
    assert all(re.fullmatch(f"it is {likely}", sentence) for sentence in made), made


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("lists: {}\npatterns:\n  - [1, 'the {nothing}']\n", "no list is named nothing"),
        ("lists: {}\npatterns:\n  - [many, hello]\n", "cannot be used"),
        ("lists: {}\npatterns: []\nmore: 1\n", "more"),
        ("lists: [", "cannot be used"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "patterns.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(PhrasingsUnreadable, match=says):
        phrasings.load(path)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(PhrasingsUnreadable, match="cannot be used"):
        phrasings.load(tmp_path / "nowhere.yaml")
