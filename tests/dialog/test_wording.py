"""An answer in a model's words: as far as it is backed, by whom, of what, and only while somebody listens."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence

import pytest

from dialog.advising import Advising
from dialog.answers.answering import Candidate
from dialog.answers.confidence import Verdict
from dialog.answers.extractive import extract
from dialog.conversation import Conversation
from dialog.journal import MemoryJournal, Scribe
from dialog.models.generator import End, Limits, Message, Piece
from dialog.models.language_model import LanguageModel
from dialog.models.scripted_generator import ScriptedGenerator
from dialog.releases.release import Release
from dialog.reply import Confidence, Reply
from dialog.settings import LanguageModelSettings
from dialog.turn import Speaker, Utterance
from dialog.wording import Draft, Wording
from knowledge.document import Hit
from tests.dialog.surroundings import StoppedClock, passage

COST = passage("d.md", "en", "Delivery", "Cost", "Standard delivery costs 3,000 won.")
TIME = passage("t.md", "en", "Times", "Days", "Standard delivery takes two to three business days.")
BOTH = "Standard delivery costs 3,000 won. [1]\nStandard delivery takes two to three business days. [2]\n"


class Hanging(ScriptedGenerator):
    """Writes its first line, then hangs; knows whether it was stopped."""

    def __init__(self, line: str) -> None:
        super().__init__(lambda messages: line)
        self.stopped = asyncio.Event()

    async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[Piece | End, None]:
        try:
            yield Piece(self._script(messages))
            await asyncio.Event().wait()
        finally:
            self.stopped.set()


def candidate(found: object, value: float) -> Candidate:
    hit = Hit(found, 0.9, {}, 0, (0.9,))  # type: ignore[arg-type]
    extracted = extract(hit, "en", order=(0,))
    assert extracted is not None
    return Candidate(extracted, Confidence(value), 0.9)


@pytest.fixture
async def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture
async def talking(journal: MemoryJournal) -> Conversation:
    return Conversation("c", "en", None, "r", Scribe(journal, timeout=1.0), deque(), asked_at=100.0)


def draft(release: Release, generator: ScriptedGenerator, how: Verdict = Verdict.SAY) -> Draft:
    model = LanguageModel(generator, LanguageModelSettings(), "scripted:1")
    candidates = (candidate(COST, 0.9), candidate(TIME, 0.4))
    own = candidates[0].extract.sentences
    question = "what does standard delivery cost and how long does it take"
    return Draft(
        question, candidates, own, how, {"retrieve": 0.25}, Advising.of(release, model, StoppedClock()).begin()
    )


async def told(release: Release, talking: Conversation, written: Draft) -> list[Reply]:
    return [reply async for reply in Wording(release, StoppedClock()).tell(talking, written)]


async def test_what_a_sentence_rests_on_decides_how_it_is_said(release: Release, talking: Conversation) -> None:
    first, second = await told(release, talking, draft(release, ScriptedGenerator(lambda messages: BOTH)))
    assert (first.text, first.confidence.value) == ("Standard delivery costs 3,000 won.", 0.9)
    assert second.text == "Our page on Times says: Standard delivery takes two to three business days."
    assert second.confidence.value == 0.4
    assert [reply.model for reply in (first, second)] == ["scripted:1", "scripted:1"]
    assert set(first.timings) == {"retrieve", "compose"} and set(second.timings) == {"compose"}
    assert talking.composing is None


async def test_a_source_is_named_once(release: Release, talking: Conversation) -> None:
    twice = (
        "Standard delivery costs 3,000 won. [1]\nIt takes two to three business days. [2]\nIt is standard delivery. [1]"
    )
    replies = await told(release, talking, draft(release, ScriptedGenerator(lambda _: twice), Verdict.SAY_WITH_SOURCE))
    assert sum("Our page on Delivery" in reply.text for reply in replies) == 1


async def test_the_passages_own_words_are_nobodys_model(
    release: Release, talking: Conversation, journal: MemoryJournal
) -> None:
    invents = ScriptedGenerator(lambda messages: "Standard delivery costs 2,500 won. [1]")
    (reply,) = await told(release, talking, draft(release, invents))
    assert (reply.text, reply.model) == ("Standard delivery costs 3,000 won.", "")
    await talking.scribe.settle()
    [(kind, noted)] = journal.events
    assert kind == "answer.composed"
    assert (noted["rungs"], noted["refused"], noted["stopped"]) == (["extract"], ["fact_not_in_source"], False)
    assert noted["model"] == "scripted:1" and noted["prompts"]


async def test_when_the_caller_takes_the_floor_the_model_stops(
    release: Release, talking: Conversation, journal: MemoryJournal
) -> None:
    generator = Hanging("Standard delivery costs 3,000 won. [1]\n")
    replies = Wording(release, StoppedClock()).tell(talking, draft(release, generator))
    assert "3,000" in (await anext(replies)).text
    waiting = asyncio.ensure_future(anext(replies, None))
    await asyncio.sleep(0)
    talking.interrupt()
    assert await asyncio.wait_for(waiting, 1.0) is None
    assert generator.stopped.is_set()
    await talking.scribe.settle()
    assert journal.events[-1][1]["stopped"] is True


async def test_once_a_human_speaks_it_stops_as_well(release: Release, talking: Conversation) -> None:
    generator = Hanging("Standard delivery costs 3,000 won. [1]\n")
    replies = Wording(release, StoppedClock()).tell(talking, draft(release, generator))
    await anext(replies)
    talking.heard(Utterance(Speaker.AGENT, "Hello, this is Kim.", 1))
    assert await anext(replies, None) is None
    assert generator.stopped.is_set()


async def test_whoever_stops_listening_stops_the_model(release: Release, talking: Conversation) -> None:
    generator = Hanging("Standard delivery costs 3,000 won. [1]\n")
    replies = Wording(release, StoppedClock()).tell(talking, draft(release, generator))
    await anext(replies)
    await replies.aclose()
    assert generator.stopped.is_set()
    assert talking.composing is None
