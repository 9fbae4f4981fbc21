from __future__ import annotations

import pytest

from dialog.reply import Expectation
from gateway.session.overlap import LONGEST_NOD, UNINTELLIGIBLE, meant, nod, objects
from gateway.session.profiles import PROFILES

SAYING = "Standard delivery takes two to three working days and is free from fifty thousand won"


def takes_the_floor(
    text: str,
    seconds: float = 0.8,
    expects: Expectation = Expectation.SPEAKING,
    *,
    confidence: float | None = 0.9,
) -> bool:
    return meant(text, seconds=seconds, profile=PROFILES[expects], saying=SAYING, confidence=confidence)


@pytest.mark.parametrize(
    "text", ["네", "네 네", "yeah", "uh-huh", "Okay.", "음", "", "아 네", "i see", "그렇군요", "right"]
)
def test_listening_noises_are_nods(text: str) -> None:
    assert nod(text)
    assert not takes_the_floor(text)


@pytest.mark.parametrize(
    "text", ["wait", "stop", "아니 그게 아니라", "yes but my order", "no", "잠깐만요", "아니요", "그럼 주말에는요"]
)
def test_words_with_a_meaning_take_the_floor(text: str) -> None:
    assert takes_the_floor(text)


def test_words_that_stop_us_are_no_rest_of_what_was_said_before() -> None:
    assert objects("no i mean the shoes")
    assert objects("아니 그게 아니라")
    assert not objects("that i bought last week")
    assert not objects("hello does delivery take")
    assert not objects("")


def test_to_an_open_question_a_nod_is_the_answer() -> None:
    assert takes_the_floor("네", expects=Expectation.YES_NO)
    assert takes_the_floor("yes", expects=Expectation.YES_NO)


def test_a_cough_that_was_made_a_word_takes_nothing() -> None:
    assert not takes_the_floor("thought", 0.2)
    assert takes_the_floor("refund", 0.7)


def test_who_nods_for_long_wants_to_speak() -> None:
    assert takes_the_floor("네 네 네", LONGEST_NOD)


def test_long_speech_without_a_word_is_an_interruption_once_it_is_over() -> None:
    assert takes_the_floor("", UNINTELLIGIBLE)
    assert not takes_the_floor("", UNINTELLIGIBLE, confidence=None)


def test_words_that_may_still_become_a_nod_are_waited_for() -> None:
    assert not takes_the_floor("i", 0.5, confidence=None)
    assert not takes_the_floor("look at", 0.5, confidence=None)
    assert takes_the_floor("look at the other", 0.9, confidence=None)
    assert takes_the_floor("wait", 0.3, confidence=None)


def test_words_that_nobody_is_sure_of_take_nothing_unless_they_go_on_and_on() -> None:
    assert not takes_the_floor("a third", 0.6, confidence=0.42)
    assert takes_the_floor("a third", UNINTELLIGIBLE + 0.1, confidence=0.42)
    assert takes_the_floor("no wait", 0.6, confidence=0.42)


@pytest.mark.parametrize("text", ["takes two to three working days", "delivery takes to three working days"])
def test_our_own_words_coming_back_take_nothing(text: str) -> None:
    assert not takes_the_floor(text)


def test_our_own_words_answer_no_question_of_ours() -> None:
    assert not takes_the_floor("takes two to three working", expects=Expectation.YES_NO)


def test_a_word_of_ours_within_words_of_theirs_is_theirs() -> None:
    assert takes_the_floor("what about delivery on the weekend please")
