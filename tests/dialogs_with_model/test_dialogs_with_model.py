"""Whole dialogs with a model that helps, hangs, fails, babbles, invents, overreaches and obeys whoever speaks to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Risk
from dialog.answers.confidence import Thresholds
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.models.guarded_generator import SteadyGenerator
from dialog.models.language_model import LanguageModel
from dialog.models.prompt import prompts
from dialog.releases.release import Release
from dialog.reply import Reply
from dialog.settings import LanguageModelSettings
from dialog.turn import CallerTurn, Speaker, Utterance
from tests.dialog.surroundings import KNOWLEDGE, SmallSearch, StoppedClock, passage
from tests.dialogs_with_model.actor import Actor
from tests.dialogs_with_model.script import Dialog, Part, Script, Turn, scripts
from tests.virtual_time import run

SCRIPTS = scripts()
STOOD_BEHIND = Thresholds(answer=0.0, clarify=0.0, sure=0.0, rival=-1.0)
RUN = 24
"""Letters in a row of the instructions that make a leak."""


class LoopClock(StoppedClock):
    """The day stands still, seconds are the loop's."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


@dataclass
class WatchedBackEnd:
    """Knows nothing under any number, and remembers what was to be changed."""

    changes: list[str] = field(default_factory=list)

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        if action.risk is not Risk.READ_ONLY:
            self.changes.append(action.id)
        return Failed(FailureKind.NOT_FOUND)

    async def close(self) -> None:
        pass


@dataclass
class Heard:
    """What one turn brought, and when the first part of the answer came."""

    replies: list[Reply]
    seconds: float
    fills: bool

    @property
    def text(self) -> str:
        return " ".join(reply.text for reply in self.replies)


class Play:
    """One dialog under way."""

    def __init__(self, release: Release, dialog: Dialog) -> None:
        self.dialog, self.actor, self.back_end = dialog, Actor(dialog.model), WatchedBackEnd()
        if dialog.confidence == "stood_behind":
            release = replace(release, policy=replace(release.policy, thresholds=STOOD_BEHIND))
        told = [
            passage(f"{one.id}.md", dialog.language, one.title, one.heading, *one.sentences) for one in dialog.knowledge
        ]
        loop = asyncio.get_running_loop()
        steady = SteadyGenerator(self.actor, jitter=lambda: 0.5, clock=loop.time)
        model = LanguageModel(steady, LanguageModelSettings(call_tokens=dialog.budget), "scripted:test")
        search = SmallSearch((*told, *KNOWLEDGE))
        self.manager = DialogueManager(release, search, self.back_end, LoopClock(), model=model)
        self.plea = release.texts(dialog.language).render("answer.wait")
        self.journal = MemoryJournal()
        self.conversation = self.manager.begin(call_id="c", language=dialog.language, caller=None, journal=self.journal)

    async def turn(self, number: int, turn: Turn) -> Heard:
        self.actor.part = turn.model or self.dialog.model
        self.actor.purposes.clear()
        self.journal.events.clear()
        clock = asyncio.get_running_loop().time
        began, first, replies = clock(), None, []
        async for reply in self.manager.respond(
            self.conversation, CallerTurn(number, turn.caller, self.dialog.language)
        ):
            first = clock() - began if first is None and reply.text != self.plea else first
            self.manager.heard(self.conversation, Utterance(Speaker.BOT, reply.text, number))
            replies.append(reply)
        assert first is not None, "nothing was answered"
        await self.conversation.scribe.settle()
        return Heard(replies, first, any(reply.text == self.plea for reply in replies))

    def noted(self, kind: str, key: str) -> tuple[str, ...]:
        """What the record of the turn says under ``key``."""
        values = [payload[key] for name, payload in self.journal.events if name == kind]
        return tuple(value for several in values if isinstance(several, list) for value in several)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_dialog(release: Release, script: Script) -> None:
    async def play() -> None:
        dialog = Play(release, script.dialog)
        for number, (line, turn) in enumerate(zip(script.lines, script.dialog.turns, strict=True), 1):
            heard = await dialog.turn(number, turn)
            _compare(dialog, turn, heard, f"{script.name}.yaml:{line}: to {turn.caller!r} it said {heard.text!r}")
        await dialog.manager.finish(dialog.conversation)
        assert dialog.back_end.changes == []

    run(play())


def _compare(dialog: Play, turn: Turn, heard: Heard, where: str) -> None:
    for words in turn.says:
        assert words in heard.text, f"{where}, without {words!r}"
    for words in turn.never:
        assert words not in heard.text, f"{where}, with {words!r}"
    assert _leaked(heard.text, dialog.dialog.language) is None, where
    assert heard.fills is turn.fills, where
    if turn.seconds is not None:
        assert heard.seconds == pytest.approx(turn.seconds, abs=0.01), where
    if turn.asked is not None:
        assert tuple(dialog.actor.purposes) == turn.asked, where
    if turn.by is not None:
        assert dialog.noted("answer.composed", "rungs") == turn.by, where
    if turn.flow is not None:
        state = dialog.conversation.flow
        assert (state.flow if state else "none") == turn.flow, where
    if turn.decides is not None:
        assert heard.replies[-1].decision.value == turn.decides, where
    if turn.hands_over != "whatever":
        reasons = [reply.escalation.reason.value for reply in heard.replies if reply.escalation is not None]
        assert (reasons or [None])[0] == turn.hands_over, where
    assert set(turn.refused) <= set(dialog.noted("answer.composed", "refused")), where
    if turn.dropped is not None:
        assert dialog.noted("turn.advised", "dropped") == turn.dropped, where


def _leaked(text: str, code: str) -> str | None:
    """A piece of the instructions in ``text``."""
    words = prompts(code)
    told = " ".join(f"{words.understand} {words.choose} {words.compose}".split())
    flat = " ".join(text.split())
    return next((told[at : at + RUN] for at in range(len(told) - RUN) if told[at : at + RUN] in flat), None)


ODD = "I do not want that thing to be sent to me anymore"
CANCEL = {"command": "start_flow", "flow": "cancel_order", "words": "not want that thing"}


def test_the_model_is_not_asked_about_words_that_may_go_on(release: Release) -> None:
    async def play() -> None:
        dialog = Play(release, Dialog(about="a", language="en", turns=(Turn(caller=ODD),)))
        for text in ("what does standard", "what does standard delivery cost?", ODD):
            await dialog.manager.foresee(dialog.conversation, CallerTurn(1, text, "en"))
        assert dialog.actor.purposes == []

    run(play())


def test_a_human_who_speaks_while_the_model_is_asked_ends_it(release: Release) -> None:
    async def play() -> None:
        part = Part(understands=(CANCEL,), pauses=1.0)
        dialog = Play(release, Dialog(about="a", language="en", model=part, turns=(Turn(caller=ODD),)))
        replies = dialog.manager.respond(dialog.conversation, CallerTurn(1, ODD, "en"))
        waiting = asyncio.ensure_future(anext(replies, None))
        await asyncio.sleep(0.5)
        dialog.manager.heard(dialog.conversation, Utterance(Speaker.AGENT, "Hello, this is Kim.", 1))
        assert await waiting is None
        assert dialog.conversation.flow is None

    run(play())


def test_a_caller_who_takes_the_floor_stops_the_model(release: Release) -> None:
    async def play() -> None:
        part = Part(writes="Standard delivery costs 3,000 won. [What it costs]", pauses=60.0)
        dialog = Play(release, Dialog(about="a", language="en", model=part, turns=(Turn(caller="x"),)))
        turn = CallerTurn(1, "what does standard delivery cost?", "en")
        replies = dialog.manager.respond(dialog.conversation, turn)
        waiting = asyncio.ensure_future(anext(replies, None))
        await asyncio.sleep(0.5)
        dialog.manager.interrupted(dialog.conversation)
        assert await waiting is None
        assert dialog.actor.stopped == 1

    run(play())


def test_there_are_enough_and_as_many_in_each_language() -> None:
    languages = [script.dialog.language for script in SCRIPTS]
    assert len(languages) >= 24
    assert languages.count("ko") == languages.count("en")
