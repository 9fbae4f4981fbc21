"""A model's opinion in a conversation: asked when it may be, noted, and out of that conversation's share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from dialog.advising import Adviser, Advising
from dialog.command import Source, StartFlow
from dialog.journal import MemoryJournal, Scribe
from dialog.models.generator import Message
from dialog.models.language_model import LanguageModel
from dialog.models.scripted_generator import ScriptedGenerator
from dialog.releases.release import Release
from dialog.settings import LanguageModelSettings
from dialog.turn import CallerTurn, Speaker, Utterance
from dialog.understanding.understander import Listening
from tests.dialog.surroundings import StoppedClock

ODD = "I do not want that thing to be sent to me anymore"
TURN = CallerTurn(2, ODD, "en")


def cancels(messages: Sequence[Message]) -> str:
    about = {"flow": "cancel_order", "slot": None, "value": None, "words": "not want that thing"}
    invented = {"flow": "buy_yacht", "slot": None, "value": None, "words": "that thing"}
    return json.dumps({"commands": [{**about, "command": "start_flow"}, {**invented, "command": "start_flow"}]})


@pytest.fixture
def generator() -> ScriptedGenerator:
    return ScriptedGenerator(cancels)


@pytest.fixture
def adviser(release: Release, generator: ScriptedGenerator) -> Adviser:
    return Advising.of(release, LanguageModel(generator, LanguageModelSettings(), "scripted:1"), StoppedClock()).begin()


async def test_where_the_heads_are_unsure_its_opinion_is_heard_and_noted(
    adviser: Adviser, generator: ScriptedGenerator
) -> None:
    journal = MemoryJournal()
    scribe = Scribe(journal, timeout=1.0)
    history = (Utterance(Speaker.BOT, "How can I help you?", 1), Utterance(Speaker.CALLER, ODD, 2))
    understanding = await adviser.understand(TURN, Listening(), history, scribe)
    opinion = [command for command in understanding.commands if command.source is Source.MODEL]
    assert [command.flow for command in opinion if isinstance(command, StartFlow)] == ["cancel_order"]
    data = json.loads(generator.asked[0][-1].text)
    assert [line["said"] for line in data["before"]] == ["How can I help you?"]  # the turn itself is not history yet
    await scribe.settle()
    [(kind, noted)] = journal.events
    assert kind == "turn.advised"
    assert (noted["turn"], noted["model"], noted["dropped"]) == (2, "scripted:1", ["unknown_flow"])
    assert isinstance(noted["spent"], dict) and noted["spent"]["tokens"] > 0


async def test_where_they_are_sure_nobody_asks_it(adviser: Adviser, generator: ScriptedGenerator) -> None:
    journal = MemoryJournal()
    await adviser.understand(CallerTurn(1, "agent please", "en"), Listening(), (), Scribe(journal, timeout=1.0))
    assert (generator.asked, journal.events) == ([], [])


async def test_its_time_is_that_of_the_conversations_clock(adviser: Adviser) -> None:
    journal = MemoryJournal()
    scribe = Scribe(journal, timeout=1.0)
    await adviser.understand(TURN, Listening(), (), scribe)
    await scribe.settle()
    assert journal.events[0][1]["seconds"] == 0.0, "its clock stands still"


async def test_in_a_flow_that_asks_for_secrets_nobody_asks_it(
    release: Release, adviser: Adviser, generator: ScriptedGenerator
) -> None:
    identify = release.flows["identify"]
    asking = Listening(flow="identify", slot=identify.slot("order_number"), slots=identify.slots)
    await adviser.understand(TURN, asking, (), Scribe(MemoryJournal(), timeout=1.0))
    assert generator.asked == []


async def test_a_language_that_has_no_instructions_goes_without_it(release: Release) -> None:
    generator = ScriptedGenerator(cancels)
    speaks = replace(release, templates={**release.templates, "xx": release.templates["en"]})
    adviser = Advising.of(
        speaks, LanguageModel(generator, LanguageModelSettings(), "scripted:1"), StoppedClock()
    ).begin()
    assert adviser.languages == {"ko", "en"}


def test_each_conversation_has_a_share_of_its_own(release: Release, generator: ScriptedGenerator) -> None:
    advising = Advising.of(release, LanguageModel(generator, LanguageModelSettings(), "scripted:1"), StoppedClock())
    assert advising.begin().share is not advising.begin().share


def test_what_callers_can_have_is_named_as_the_tenant_names_it(release: Release, generator: ScriptedGenerator) -> None:
    menus = Advising.of(release, LanguageModel(generator, LanguageModelSettings(), "scripted:1"), StoppedClock()).menus
    assert menus["en"].flows["cancel_order"] == "cancelling an order"
    assert set(menus["ko"].flows) == set(release.flows)
