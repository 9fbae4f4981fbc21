from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from gateway.analytics.topics.clustering import FEWEST_CONTACTS, SaidTurn, Topics, topics_of
from gateway.analytics.topics.trends import Trend
from gateway.analytics.topics.words import terms_of

MONDAY = date(2026, 11, 16)
SUITES = Path(__file__).parents[4] / "examples" / "suites" / "data"


def turn(contact: str, text: str, day: int = 0, language: str = "en") -> SaidTurn:
    return SaidTurn(contact, MONDAY + timedelta(days=day), text, terms_of(text, language))


def blind(texts: Sequence[str]) -> None:
    """No model reads them."""


def found_in(turns: Sequence[SaidTurn]) -> Topics:
    return topics_of(turns, MONDAY, blind)


PARCELS = ("my parcel has not arrived", "where is my parcel", "the parcel is late", "parcel arrived broken")
REFUNDS = ("refund my money please", "when does the refund come", "I was promised a refund", "refund the money")


def test_turns_that_share_words_are_a_topic_named_by_them() -> None:
    turns = [turn(f"p{n}", text) for n, text in enumerate(PARCELS)]
    turns += [turn(f"r{n}", text) for n, text in enumerate(REFUNDS)]
    found = found_in([*turns, turn("x", "do you sell umbrellas")])
    assert {topic.label[0] for topic in found.topics} == {"parcel", "refund"}
    assert {frozenset(topic.contacts) for topic in found.topics} == {
        frozenset(f"{kind}{n}" for n in range(4)) for kind in "pr"
    }
    assert (found.contacts, found.turns, found.alone) == (9, 9, 1)


def test_the_order_of_turns_of_a_day_changes_nothing() -> None:
    turns = [turn(f"c{n}", text) for n, text in enumerate(PARCELS + REFUNDS)]
    first, other = found_in(turns), found_in(turns[::-1])
    assert [(topic.label, sorted(topic.contacts), topic.example) for topic in first.topics] == [
        (topic.label, sorted(topic.contacts), topic.example) for topic in other.topics
    ]


def test_what_half_of_all_callers_talk_about_is_a_topic() -> None:
    outage = [turn(f"o{n}", text) for n, text in enumerate(("the app is down", "your app does not open") * 10)]
    others = [turn(f"p{n}", text) for n, text in enumerate((*PARCELS, *REFUNDS) * 2)]
    biggest = found_in([*outage, *others]).topics[0]
    assert biggest.label[0] == "app"
    assert len(biggest.contacts) == 20


def test_one_caller_who_repeats_himself_is_no_topic() -> None:
    turns = [turn("same", text) for text in PARCELS * 5]
    assert found_in(turns).topics == ()
    assert found_in(turns).alone == 20


def test_a_topic_of_fewer_contacts_than_allowed_would_show_persons() -> None:
    few = [turn(f"p{n}", "my parcel has not arrived") for n in range(FEWEST_CONTACTS - 1)]
    assert found_in(few).topics == ()
    enough = [*few, turn("another", "my parcel has not arrived")]
    assert [topic.turns for topic in found_in(enough).topics] == [FEWEST_CONTACTS]


@pytest.mark.parametrize("texts", [(), ("",), ("yes", "no", "12345"), ("umbrella",)], ids=str)
def test_turns_without_shared_words_are_in_no_topic(texts: tuple[str, ...]) -> None:
    found = found_in([turn(f"c{n}", text) for n, text in enumerate(texts)])
    assert found.topics == ()
    assert found.alone == found.turns == len(texts)


def test_a_topic_counts_contacts_by_day_and_lists_the_latest_first() -> None:
    turns = [turn(f"c{n}", "the parcel is late", day=n // 2) for n in range(6)]
    (topic,) = found_in([*turns, turn("c5", "late parcel", day=2)]).topics
    assert topic.by_day == {MONDAY: 2, MONDAY + timedelta(days=1): 2, MONDAY + timedelta(days=2): 2}
    assert topic.contacts[0] in {"c4", "c5"}
    assert topic.contacts[-1] in {"c0", "c1"}


def test_topics_of_the_days_asked_about_are_held_against_those_before() -> None:
    turns = [turn(f"old{n}", "refund my money", day=n % 14 - 14) for n in range(28)]
    turns += [turn(f"p{n}", "the parcel is late", day=n % 7) for n in range(28)]
    turns += [turn(f"r{n}", "refund the money please", day=n % 7) for n in range(6)]
    found = topics_of(turns, MONDAY, blind)
    assert [(topic.label[0], topic.trend, topic.turns) for topic in found.topics] == [
        ("late", Trend.RISING, 28),
        ("money", Trend.FALLING, 6),
    ]
    assert found.topics[1].change.before == 1.0
    assert min(found.topics[1].by_day) >= MONDAY
    assert (found.contacts, found.contacts_before, found.alone) == (34, 28, 0)


def test_what_nobody_asks_for_any_more_is_not_shown() -> None:
    turns = [turn(f"old{n}", text, day=-7) for n, text in enumerate(REFUNDS)]
    found = topics_of([*turns, *(turn(f"p{n}", text) for n, text in enumerate(PARCELS))], MONDAY, blind)
    assert [topic.label[0] for topic in found.topics] == ["parcel"]


def test_what_a_model_finds_alike_is_a_topic_without_a_word_in_common() -> None:
    texts = ("automobile repair", "car workshop", "garage mechanic", "violin lesson", "piano teacher", "music tuition")

    def read(asked: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1.0, 0.0] if texts.index(text) < 3 else [0.0, 1.0] for text in asked], np.float32)

    found = topics_of([turn(f"c{n}", text) for n, text in enumerate(texts)], MONDAY, read)
    assert {frozenset(topic.contacts) for topic in found.topics} == {
        frozenset({"c0", "c1", "c2"}),
        frozenset({"c3", "c4", "c5"}),
    }


@pytest.mark.parametrize("language", ["en", "ko"])
def test_topics_agree_with_what_people_meant(language: str) -> None:
    """Utterances of 51 intents, worded freely: how often a topic's turns have its most frequent intent."""
    content = yaml.safe_load((SUITES / f"intents.{language}.train.yaml").read_text("utf-8"))
    said = [(intent, text) for intent, written in content["intents"].items() for text in written["examples"]]
    meant = {f"c{n}": intent for n, (intent, _) in enumerate(said)}
    found = found_in([turn(f"c{n}", text, language=language) for n, (_, text) in enumerate(said)])
    right = sum(max(Counter(meant[contact] for contact in topic.contacts).values()) for topic in found.topics)
    shown = sum(topic.turns for topic in found.topics)
    assert shown / len(said) > 0.85, shown
    assert right / shown > 0.4, (right, shown)
    chance = found_in([turn(f"c{7 * n % len(said)}", text, language=language) for n, (_, text) in enumerate(said)])
    by_chance = sum(max(Counter(meant[contact] for contact in topic.contacts).values()) for topic in chance.topics)
    assert by_chance / shown < 0.25, (by_chance, shown)
