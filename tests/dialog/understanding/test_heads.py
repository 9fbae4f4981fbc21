"""The embedded understander on the example tenant: what it emits, and how well on unseen utterances."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dialog.arbiter import stand
from dialog.command import (
    Affirm,
    AskKnowledge,
    Choose,
    CorrectSlot,
    Deny,
    HandOver,
    NoInput,
    NotKnown,
    SetSlot,
    SmallTalk,
    Source,
    StartFlow,
)
from dialog.errors import LanguageNotSpoken
from dialog.flows.slot import Slot, SlotKind
from dialog.releases.release import Release
from dialog.turn import CallerTurn, HeardWord
from dialog.understanding.understander import Listening

UTTERANCES = yaml.safe_load(Path(__file__).with_name("utterances.yaml").read_text(encoding="utf-8"))
SLOT = Slot("order_number", SlotKind.DIGITS, 8, 0.8)
ASKING = Listening(flow="order_status", slot=SLOT)
LEADS_TO = {
    "ask_knowledge": "AskKnowledge",
    "start_flow": "StartFlow",
    "small_talk": "SmallTalk",
    "hand_over": "HandOver",
    "repeat": "Repeat",
    "goodbye": "Goodbye",
}


def understood(release: Release, text: str, code: str = "en", listening: Listening | None = None, **more: object):
    turn = CallerTurn(1, text, code, **more)  # type: ignore[arg-type]
    return release.understander.understand(turn, listening or Listening()).commands


def first(commands: tuple, kind: type):
    return next((command for command in commands if isinstance(command, kind)), None)


@pytest.mark.parametrize("code", ["ko", "en"])
def test_utterances_that_were_not_trained_on_lead_to_the_right_thing(release: Release, code: str) -> None:
    right = total = 0
    for intent, texts in UTTERANCES[code].items():
        # What is none of our business is asked of the documents, which do not answer it.
        known = release.intents[code].get(intent)
        wanted = "AskKnowledge" if intent == "elsewhere" or known is None else LEADS_TO[known.does.value]
        for text in texts:
            turn = CallerTurn(1, text, code)
            commands = release.understander.understand(turn, Listening()).commands
            standing = stand(commands, turn, Listening(), release.policy.bar)
            right += type(standing[0]).__name__ == wanted
            total += 1
    assert right / total >= 0.93, f"{right} of {total}"


@pytest.mark.parametrize("code", ["ko", "en"])
def test_what_is_not_ours_is_told_apart(release: Release, code: str) -> None:
    scopes = {
        ours: [
            release.understander.understand(CallerTurn(1, text, code), Listening()).judgement.in_scope
            for intent, texts in UTTERANCES[code].items()
            if (intent != "elsewhere") == ours
            for text in texts
        ]
        for ours in (True, False)
    }
    pairs = [(own, other) for own in scopes[True] for other in scopes[False]]
    assert sum(own > other for own, other in pairs) / len(pairs) >= 0.88


def test_keys_give_the_value_that_is_asked_for_and_a_star_begins_anew(release: Release) -> None:
    (given,) = understood(release, "", listening=ASKING, digits="999*20261187#")
    assert isinstance(given, SetSlot)
    assert (given.value, given.source, given.confidence) == ("20261187", Source.KEYS, 1.0)


def test_keys_choose_agree_and_ask_for_a_person(release: Release) -> None:
    (chosen,) = understood(release, "", listening=Listening(choices=("a", "b")), digits="2")
    assert isinstance(chosen, Choose)
    assert chosen.index == 1
    assert isinstance(understood(release, "", listening=Listening(yes_no=True), digits="1")[0], Affirm)
    assert isinstance(understood(release, "", listening=Listening(yes_no=True), digits="2")[0], Deny)
    assert isinstance(understood(release, "", digits="0")[0], HandOver)
    assert understood(release, "", digits="#") == ()


def test_a_number_that_nobody_asked_for_starts_the_flow_that_needs_it(release: Release) -> None:
    commands = understood(release, "", digits="20261187")
    assert [type(command) for command in commands] == [StartFlow, SetSlot]
    spoken = understood(release, "my order is two zero two six one one eight seven")
    assert first(spoken, SetSlot).value == "20261187"
    assert first(spoken, StartFlow).flow == "order_status"


def test_a_value_is_as_sure_as_its_least_sure_word(release: Release) -> None:
    words = tuple(HeardWord(word, 0.9) for word in "my number is two zero two six one one eight".split())
    text = "my number is two zero two six one one eight seven"
    given = first(understood(release, text, listening=ASKING, words=(*words, HeardWord("seven", 0.3))), SetSlot)
    assert given.confidence == pytest.approx(0.3)
    assert given.evidence.text == "two zero two six one one eight seven"


def test_a_correction_is_emitted_as_one(release: Release) -> None:
    commands = understood(release, "이공이육 일일팔칠 아니 일일팔팔", "ko", ASKING)
    assert first(commands, CorrectSlot).value == "20261188"


def test_set_phrases_are_emitted_beside_what_the_head_believes(release: Release) -> None:
    commands = understood(release, "주문번호를 몰라요", "ko", ASKING)
    assert first(commands, NotKnown).source is Source.PARSER
    assert first(commands, AskKnowledge).source is Source.HEAD


def test_silence(release: Release) -> None:
    (silence,) = understood(release, "", silent=True)
    assert isinstance(silence, NoInput)


def test_small_talk_names_its_text(release: Release) -> None:
    assert first(understood(release, "고맙습니다", "ko"), SmallTalk).kind == "thanks"


def test_a_turn_of_nothing_but_signs_means_nothing(release: Release) -> None:
    assert understood(release, "...?!") == ()


def test_a_language_without_intents_is_refused(release: Release) -> None:
    with pytest.raises(LanguageNotSpoken, match="'fr'"):
        understood(release, "bonjour", "fr")


@pytest.mark.parametrize("text", ["one moment please", "just one second"])
def test_a_digit_in_a_sentence_is_no_beginning_of_a_number(release: Release, text: str) -> None:
    understood = release.understander.understand(CallerTurn(1, text, "en"), ASKING)
    assert not [command for command in understood.commands if isinstance(command, SetSlot)]
    assert [command for command in understood.commands if isinstance(command, SmallTalk)]


def test_a_digit_by_itself_is(release: Release) -> None:
    understood = release.understander.understand(CallerTurn(1, "one", "en"), ASKING)
    assert [command for command in understood.commands if isinstance(command, SetSlot)]
