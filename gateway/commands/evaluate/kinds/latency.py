"""Latency: what one turn by text costs a tenant's caller, alone and with many at once.

Measured from the caller's words to the last reply, knowledge and actions included, through the same conversations that
a gateway serves. The first turns warm up and do not count. The baseline is the floor: an echo that answers at once,
through the same sessions in the same run. ``machine.slowed`` tells how much of the time others took from us.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from pydantic import Field

from dialog.actions.action import Journal
from dialog.identification import Acquaintance
from dialog.reply import Confidence, Decision, EscalationReason, Reply, Sentence, Summary
from dialog.turn import CallerTurn, Utterance
from dialog.yaml_source import Shape
from gateway.api.chats import Chats
from gateway.commands.evaluate.figures import Figure, Findings
from gateway.commands.evaluate.kinds.retrieval import search_times
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.tenant_house import tenant_folder, tenant_house
from gateway.house import House
from gateway.session.text import TextSession

WARM_UP = 3
"""Turns per language that do not count."""


_WORK = 0.2
"""Seconds of the processor's time for that."""


class Options(Shape):
    """A tenant, what its callers say by language, how often the whole is said by one caller, and how many call at
    once."""

    tenant: str
    turns: dict[str, tuple[str, ...]] = Field(min_length=1)
    rounds: int = Field(default=3, ge=1, le=100)
    callers: int = Field(default=20, ge=2, le=500)


async def measure(options: Options, around: Surroundings) -> Findings:
    """Median and 95th percentile: ``one`` caller alone, by language, and all ``at_once``, in milliseconds."""
    folder = tenant_folder(options.tenant, around.suite)
    async with tenant_house(folder, around.work, around.tell) as (house, tenant):
        figures: dict[str, dict[str, Figure]] = {}
        alone: list[float] = []
        nothing: list[float] = []
        echo = echoing(house)
        for language, said in options.turns.items():
            await conversation(house.chats, tenant, language, said[:WARM_UP])
            turns = [turn for _ in range(options.rounds) for turn in said][: around.limit]
            seconds, floor = [await conversation(chats, tenant, language, turns) for chats in (house.chats, echo)]
            figures[language] = above(seconds, floor)
            alone, nothing = alone + seconds, nothing + floor
        figures["one"] = above(alone, nothing)
        before = slowed()
        figures["at_once"] = above(*[await _crowd(chats, tenant, options) for chats in (house.chats, echo)])
        figures["machine"] = {"slowed": Figure((before + slowed()) / 2, 2)}
    return Findings(figures)


def slowed() -> float:
    """How many times as long as the processor needs for it a little work takes now: one, where the machine is ours."""
    wall, cpu = time.perf_counter(), time.thread_time()
    while time.thread_time() - cpu < _WORK:
        pass
    return (time.perf_counter() - wall) / _WORK


def above(seconds: Sequence[float], floor: Sequence[float]) -> dict[str, Figure]:
    """Median and 95th percentile in milliseconds, beside the floor's, and how many floors the latter is high."""
    ours, theirs = search_times(seconds), search_times(floor)
    figures = {name: replace(figure, baseline=theirs[name].value) for name, figure in ours.items()}
    high, low = ours["p95_ms"].value, theirs["p95_ms"].value
    ratio = None if high is None or not low else high / low
    return {**figures, "p95_floors": Figure(ratio, len(seconds))}


def echoing(house: House) -> Chats:
    """Conversations of the same house that say nothing but what they hear."""

    def open_chat(tenant: str, language: str) -> TextSession:
        log = house.ledger.open_call(
            tenant=tenant, call_id=uuid.uuid4().hex, line="chat", language=language, channel="chat"
        )
        return TextSession(Echo(), house.desk, log, language)

    return Chats(open_chat)


class Echo:
    """A dialogue that answers at once: the floor of what a turn costs."""

    def begin(self, *, call_id: str, language: str, caller: str | None, journal: Journal, channel: str = "") -> str:
        """Nothing is remembered but the language."""
        return language

    async def recall(self, conversation: str) -> None:
        """Nobody is known."""

    async def greet(self, conversation: str, *, recording_notice: bool = False) -> Reply:
        """Nothing to disclose."""
        return _said(conversation, "")

    async def respond(self, conversation: str, turn: CallerTurn) -> AsyncGenerator[Reply, None]:
        """The caller's words."""
        yield _said(conversation, turn.text)

    async def foresee(self, conversation: str, turn: CallerTurn) -> None:
        """Nothing to prepare."""

    def heard(self, conversation: str, utterance: Utterance) -> None:
        """Nothing to remember."""

    def interrupted(self, conversation: str) -> None:
        """Nothing is being worded."""

    async def escalate(self, conversation: str, reason: EscalationReason) -> Reply:
        """Nobody to hand over to."""
        return _said(conversation, reason.value)

    def summary(self, conversation: str) -> Summary:
        """Nothing is known."""
        return Summary("", {}, (), (), "")

    def acquaintance(self, conversation: str) -> Acquaintance:
        """Nobody is known."""
        return Acquaintance()

    async def take_up(self, conversation: str, instruction: str) -> AsyncGenerator[Reply, None]:
        """What was said is said back."""
        yield _said(conversation, instruction)

    async def finish(self, conversation: str) -> None:
        """Nothing is on its way."""


def _said(language: str, text: str) -> Reply:
    return Reply(Decision.CONVERSE, language, (Sentence(text),), Confidence(1.0))


async def conversation(chats: Chats, tenant: str, language: str, turns: Sequence[str]) -> list[float]:
    """The seconds that each turn took; a conversation that ended is begun anew."""
    seconds = []
    chat, _ = await chats.begin(tenant, language)
    for said in turns:
        begun = time.perf_counter()
        _, over = await chats.turn(tenant, chat, said)
        seconds.append(time.perf_counter() - begun)
        if over:
            chat, _ = await chats.begin(tenant, language)
    return seconds


async def _crowd(chats: Chats, tenant: str, options: Options) -> list[float]:
    """All callers talk at the same time, without a pause; each begins elsewhere in what is said."""
    languages = list(options.turns)

    async def caller(number: int) -> list[float]:
        language = languages[number % len(languages)]
        said = options.turns[language]
        first = number % len(said)
        return await conversation(chats, tenant, language, [*said[first:], *said[:first]])

    every = await asyncio.gather(*(caller(number) for number in range(options.callers)))
    return [seconds for of_one in every for seconds in of_one]
