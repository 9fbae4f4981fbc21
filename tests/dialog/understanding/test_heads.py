"""The embedded understander on the example tenant: what it emits, and how well on unseen utterances."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np
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
from dialog.understanding import heads
from dialog.understanding.heads import EmbeddedUnderstander, Head
from dialog.understanding.intent import Does, Intent
from dialog.understanding.understander import Listening
from infra.telemetry.metrics import metrics
from knowledge.encoding import Encoded
from knowledge.errors import KnowledgeUnavailable

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


async def understood(release: Release, text: str, code: str = "en", listening: Listening | None = None, **more: object):
    turn = CallerTurn(1, text, code, **more)  # type: ignore[arg-type]
    return (await release.understander.understand(turn, listening or Listening())).commands


def first(commands: tuple, kind: type):
    return next((command for command in commands if isinstance(command, kind)), None)


@pytest.mark.parametrize("code", ["ko", "en"])
async def test_utterances_that_were_not_trained_on_lead_to_the_right_thing(release: Release, code: str) -> None:
    right = total = 0
    for intent, texts in UTTERANCES[code].items():
        # What is none of our business is asked of the documents, which do not answer it.
        known = release.intents[code].get(intent)
        wanted = "AskKnowledge" if intent == "elsewhere" or known is None else LEADS_TO[known.does.value]
        for text in texts:
            turn = CallerTurn(1, text, code)
            commands = (await release.understander.understand(turn, Listening())).commands
            standing = stand(commands, turn, Listening(), release.policy.bar)
            right += type(standing[0]).__name__ == wanted
            total += 1
    assert right / total >= 0.93, f"{right} of {total}"


@pytest.mark.parametrize("code", ["ko", "en"])
async def test_what_is_not_ours_is_told_apart(release: Release, code: str) -> None:
    scopes = {
        ours: [
            (await release.understander.understand(CallerTurn(1, text, code), Listening())).judgement.in_scope
            for intent, texts in UTTERANCES[code].items()
            if (intent != "elsewhere") == ours
            for text in texts
        ]
        for ours in (True, False)
    }
    pairs = [(own, other) for own in scopes[True] for other in scopes[False]]
    assert sum(own > other for own, other in pairs) / len(pairs) >= 0.88


async def test_keys_give_the_value_that_is_asked_for_and_a_star_begins_anew(release: Release) -> None:
    (given,) = await understood(release, "", listening=ASKING, digits="999*20261187#")
    assert isinstance(given, SetSlot)
    assert (given.value, given.source, given.confidence) == ("20261187", Source.KEYS, 1.0)


async def test_keys_choose_agree_and_ask_for_a_person(release: Release) -> None:
    (chosen,) = await understood(release, "", listening=Listening(choices=("a", "b")), digits="2")
    assert isinstance(chosen, Choose)
    assert chosen.index == 1
    assert isinstance((await understood(release, "", listening=Listening(yes_no=True), digits="1"))[0], Affirm)
    assert isinstance((await understood(release, "", listening=Listening(yes_no=True), digits="2"))[0], Deny)
    assert isinstance((await understood(release, "", digits="0"))[0], HandOver)
    assert (await understood(release, "", digits="#")) == ()


async def test_a_number_that_nobody_asked_for_starts_the_flow_that_needs_it(release: Release) -> None:
    commands = await understood(release, "", digits="20261187")
    assert [type(command) for command in commands] == [StartFlow, SetSlot]
    spoken = await understood(release, "my order is two zero two six one one eight seven")
    assert first(spoken, SetSlot).value == "20261187"
    assert first(spoken, StartFlow).flow == "order_status"


async def test_a_value_is_as_sure_as_its_least_sure_word(release: Release) -> None:
    words = tuple(HeardWord(word, 0.9) for word in "my number is two zero two six one one eight".split())
    text = "my number is two zero two six one one eight seven"
    commands = await understood(release, text, listening=ASKING, words=(*words, HeardWord("seven", 0.3)))
    given = first(commands, SetSlot)
    assert given.confidence == pytest.approx(0.3)
    assert given.evidence.text == "two zero two six one one eight seven"


async def test_a_correction_is_emitted_as_one(release: Release) -> None:
    commands = await understood(release, "이공이육 일일팔칠 아니 일일팔팔", "ko", ASKING)
    assert first(commands, CorrectSlot).value == "20261188"


async def test_set_phrases_are_emitted_beside_what_the_head_believes(release: Release) -> None:
    commands = await understood(release, "주문번호를 몰라요", "ko", ASKING)
    assert first(commands, NotKnown).source is Source.PARSER
    assert first(commands, AskKnowledge).source is Source.HEAD


async def test_silence(release: Release) -> None:
    (silence,) = await understood(release, "", silent=True)
    assert isinstance(silence, NoInput)


async def test_small_talk_names_its_text(release: Release) -> None:
    assert first((await understood(release, "고맙습니다", "ko")), SmallTalk).kind == "thanks"


async def test_a_turn_of_nothing_but_signs_means_nothing(release: Release) -> None:
    assert (await understood(release, "...?!")) == ()


async def test_a_language_without_intents_is_refused(release: Release) -> None:
    with pytest.raises(LanguageNotSpoken, match="'fr'"):
        await understood(release, "bonjour", "fr")


@pytest.mark.parametrize("text", ["one moment please", "just one second"])
async def test_a_digit_in_a_sentence_is_no_beginning_of_a_number(release: Release, text: str) -> None:
    understood = await release.understander.understand(CallerTurn(1, text, "en"), ASKING)
    assert not [command for command in understood.commands if isinstance(command, SetSlot)]
    assert [command for command in understood.commands if isinstance(command, SmallTalk)]


async def test_a_digit_by_itself_is(release: Release) -> None:
    understood = await release.understander.understand(CallerTurn(1, "one", "en"), ASKING)
    assert [command for command in understood.commands if isinstance(command, SetSlot)]


class Meaning:
    """An encoder that knows of two meanings, and can be slow or gone."""

    def __init__(self) -> None:
        self.behave: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0)

    async def encode(self, texts: Sequence[str], language: str) -> list[Encoded]:
        await self.behave()
        if language != "en":
            raise KnowledgeUnavailable("no model")
        rows = np.eye(2, dtype=np.float32)
        return [Encoded((), rows[int("parcel" in text or "consignment" in text)]) for text in texts]


SMALL = {
    "delivery": Intent("delivery", Does.ASK_KNOWLEDGE, ("where is my parcel", "has the parcel left", "parcel fees")),
    "refund": Intent("refund", Does.ASK_KNOWLEDGE, ("i want my money back", "pay it back", "refund please")),
}
BOTH = {"en": SMALL, "ko": SMALL}
PARAPHRASE = CallerTurn(1, "my consignment please", "en")


async def small(encoder: Meaning) -> EmbeddedUnderstander:
    untaught = {code: Head.train(tuple(SMALL.values())) for code in BOTH}
    return await EmbeddedUnderstander(untaught, ()).taught(BOTH, encoder)


async def wanted(understander: EmbeddedUnderstander, turn: CallerTurn = PARAPHRASE) -> str:
    judgement = (await understander.understand(turn, Listening())).judgement
    assert judgement is not None
    return judgement.intent


async def test_what_an_encoder_sees_counts_once_heads_were_taught() -> None:
    plain = EmbeddedUnderstander({"en": Head.train(tuple(SMALL.values()))}, ())
    assert await wanted(plain) == "refund"  # for its "please"
    assert await wanted(await small(Meaning())) == "delivery"


async def test_a_language_that_cannot_be_encoded_goes_by_wording() -> None:
    assert await wanted(await small(Meaning()), CallerTurn(1, "my money", "ko")) == "refund"


async def test_an_encoder_that_fails_or_hangs_in_mid_call_is_not_waited_for() -> None:
    encoder = Meaning()
    understander = await small(encoder)

    async def fail() -> None:
        raise KnowledgeUnavailable("gone")

    encoder.behave = fail
    assert await wanted(understander) == "refund"
    encoder.behave = lambda: asyncio.sleep(60)
    assert await wanted(understander) == "refund"


async def test_heads_that_could_not_be_taught_are_taught_later_and_those_that_see_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder, counted = Meaning(), {"language": "en"}

    async def fail() -> None:
        raise KnowledgeUnavailable("no model yet")

    encoder.behave = fail
    before = metrics.value("aicc_heads_untaught_total", counted)
    understander = await small(encoder)
    assert await wanted(understander) == "refund"
    monkeypatch.setattr(heads, "_TAUGHT_WITHIN", 0.01)
    encoder.behave = lambda: asyncio.sleep(60)
    understander = await understander.taught(BOTH, encoder)
    assert await wanted(understander) == "refund"
    assert metrics.value("aicc_heads_untaught_total", counted) == before + 2
    monkeypatch.undo()
    encoder.behave = lambda: asyncio.sleep(0)
    understander = await understander.taught(BOTH, encoder)
    assert await wanted(understander) == "delivery"
    encoder.behave = fail
    assert (await understander.taught(BOTH, encoder))._heads["en"] is understander._heads["en"]
