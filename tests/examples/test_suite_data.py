"""The labelled utterances and questions that evaluations run on: even, kept apart, and true of the documents."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import yaml

from dialog.understanding.intent import Does
from knowledge.chunking import cut
from knowledge.document import Document, Passage
from knowledge.limits import ReadLimits
from knowledge.readers import read

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "hanbit-store"
DATA = ROOT / "examples" / "suites" / "data"
LANGUAGES = ["ko", "en"]
SIZES = {"ko": (40, 15, 10, 300, 200, 200), "en": (40, 15, 5, 150, 100, 60)}
"""Of each language: intents, utterances of each to train on and to measure with, off topic in all and to measure with,
and questions."""


@cache
def loaded(name: str) -> dict:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def trained(code: str) -> dict[str, list[str]]:
    return {name: intent["examples"] for name, intent in loaded(f"intents.{code}.train.yaml")["intents"].items()}


def measured(code: str) -> dict[str, list[str]]:
    tested = loaded(f"intents.{code}.test.yaml")
    return {**tested["utterances"], "elsewhere": tested["off_topic"]}


def plain(text: str) -> str:
    """What two utterances are compared by: their letters and digits alone."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


def said(sets: dict[str, list[str]]) -> Counter[str]:
    return Counter(plain(text) for texts in sets.values() for text in texts)


def amounts(path: Path) -> set[str]:
    return set(re.findall(r"\d{1,3}(?:,\d{3})+", path.read_text(encoding="utf-8")))


@cache
def passages(name: str) -> tuple[Passage, ...]:
    source = read(EXAMPLE / "knowledge" / name, name, ReadLimits())
    language = name.split("/")[0]
    document = Document(name, source.title or name, language, "", source.valid_from, source.valid_until)
    return cut(source, document)


@pytest.mark.parametrize("code", LANGUAGES)
def test_intents_are_many_and_even(code: str) -> None:
    intents, train, test, off_topic, off_topic_test, _ = SIZES[code]
    ours, theirs = trained(code), measured(code)
    assert list(ours) == list(theirs)
    assert len(ours) - 1 >= intents
    assert len(ours["elsewhere"]) + len(theirs["elsewhere"]) >= off_topic
    assert len(theirs["elsewhere"]) >= off_topic_test
    for name in set(ours) - {"elsewhere"}:
        assert train <= len(ours[name]) <= 2 * train, name
        assert test <= len(theirs[name]) <= 2 * test, name


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_trained_on_is_in_a_tenants_format_and_does_what_the_tenants_own_intents_do(code: str) -> None:
    own = yaml.safe_load((EXAMPLE / f"intents.{code}.yaml").read_text(encoding="utf-8"))["intents"]
    for name, intent in loaded(f"intents.{code}.train.yaml")["intents"].items():
        assert Does(intent["does"]), name
        if name in own and own[name]["does"] != Does.START_FLOW:
            assert intent["does"] == own[name]["does"], name


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_is_said_twice_and_nothing_measured_was_trained_on(code: str) -> None:
    own = yaml.safe_load((EXAMPLE / f"intents.{code}.yaml").read_text(encoding="utf-8"))["intents"]
    served = said({name: intent["examples"] for name, intent in own.items()})
    train, test = said(trained(code)), said(measured(code))
    for utterances in (served, train, test):
        assert [text for text, count in utterances.items() if count > 1 or not text] == []
    assert test.keys() & (train.keys() | served.keys()) == set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_utterances_look_as_a_recognizer_writes_them(code: str) -> None:
    allowed = re.compile(r"[가-힣 ]+" if code == "ko" else r"[a-z' ]+")
    questions = loaded(f"faq.{code}.yaml")
    asked = {"asked": [text for faq in questions["faqs"] for text in faq["asked"]], "none": questions["unanswered"]}
    for sets in (trained(code), measured(code), asked):
        odd = [text for texts in sets.values() for text in texts if not allowed.fullmatch(text)]
        assert odd == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_questions_are_many_and_each_is_asked_in_five_more_ways(code: str) -> None:
    questions = loaded(f"faq.{code}.yaml")
    faqs = questions["faqs"]
    assert len(faqs) >= SIZES[code][-1]
    assert all(len(faq["asked"]) == 5 and faq["holds"] for faq in faqs)
    texts = [text for faq in faqs for text in (faq["question"], *faq["asked"])] + questions["unanswered"]
    assert [text for text, count in Counter(map(plain, texts)).items() if count > 1] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_an_answer_must_hold_stands_together_in_its_document(code: str) -> None:
    """In one passage of a document of that language that may be told on the day of the questions."""
    questions = loaded(f"faq.{code}.yaml")
    day: date = questions["day"]
    for faq in questions["faqs"]:
        assert faq["document"].startswith(f"{code}/")
        found = passages(faq["document"])
        assert found[0].document.valid_on(day), faq["document"]
        wanted = [plain(hold) for hold in faq["holds"]]
        assert any(all(hold in plain(passage.text) for hold in wanted) for passage in found), faq["question"]


def test_all_documents_tell_the_same_amounts_in_both_languages() -> None:
    for korean in sorted((EXAMPLE / "knowledge" / "ko").rglob("*")):
        if korean.suffix not in {".md", ".html", ".txt", ".csv"}:
            continue
        english = EXAMPLE / "knowledge" / "en" / korean.relative_to(EXAMPLE / "knowledge" / "ko")
        assert amounts(korean) == amounts(english), korean.name
