"""Scenarios played: the caller acts on what happens, and everything that happens is kept in order.

All calls go on at the same time, some at once; a call is mostly waiting.

Refuses: judging. What came of a call is handed to whoever asks (``matching``, ``golden``).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from websockets.exceptions import InvalidStatus, WebSocketException

from gateway.commands.server import RunningGateway
from gateway.telephony.caller import dial, new_call_sid
from gateway.telephony.errors import CallRefused
from stt.transcript import Word
from tests.calls import sounds
from tests.calls.exchange import house, number, tenant_of
from tests.calls.far_end import FarEnd
from tests.calls.matching import Happened, describe, matches, show
from tests.calls.prompter import Prompter
from tests.calls.scenario import Matcher, Scenario, Step
from tests.calls.sounds import Speech
from tts.espeak import EspeakEngine
from tts.threaded import ThreadedSynthesizer

AT_ONCE = 8
MOST_LATE = 0.5
"""Seconds that sound may leave, and a final transcript may come, too late for a call to count."""
ENCORES = 2
REDIAL_FOR = 60.0
"""Seconds for which a caller who is told that all lines are busy tries again."""
FEWEST = 3
"""Calls at the same time that are few."""


@dataclass(slots=True)
class Played:
    """A call that was made. ``call`` is its id in the ledger, once that told of it. ``trouble``: why it could not be
    played to its end; empty when it was."""

    scenario: Scenario
    call: str = ""
    events: list[Happened] = field(default_factory=list)
    trouble: str = ""
    seconds: float = 0.0
    late: float = 0.0
    """Seconds that the caller's sound left too late, at worst."""

    @property
    def in_time(self) -> bool:
        """Whether the machine could play it at the pace of a real call: otherwise it is no proof of anything."""
        lags = [event.payload.get("lag", 0.0) for event in self.events if event.kind == "transcript.final"]
        turns = [event for event in self.events if event.kind == "caller.turn" and event.payload.get("text")]
        # A turn that did without the final transcript, because that came too late, has none.
        return self.late < MOST_LATE and max(lags, default=0.0) < MOST_LATE and len(turns) <= len(lags)

    def log(self) -> str:
        """Everything that happened, for a person to read."""
        return "\n".join(show(event) for event in self.events)


class _Stuck(Exception):
    """The caller waited for something that did not come."""


class _Call:
    """One scenario being played: its events as they come, and the caller who waits for some of them."""

    def __init__(self, scenario: Scenario) -> None:
        self.played = Played(scenario)
        self.began()
        self._news = asyncio.Event()
        self._place = 0

    def began(self) -> None:
        """The call's time begins now."""
        self._began = datetime.now(UTC)

    def tell(self, kind: str, payload: dict[str, Any]) -> None:
        """Something happened at the far end, just now or ``ago`` seconds."""
        self._add(Happened(kind, payload, (datetime.now(UTC) - self._began).total_seconds() - payload.get("ago", 0.0)))

    def logged(self, event: dict[str, Any]) -> None:
        """The ledger tells of something."""
        self.played.call = event["call"]
        at = (datetime.fromisoformat(event["at"]) - self._began).total_seconds()
        self._add(Happened(event["kind"], event["payload"], at, event["seq"]))

    def _add(self, event: Happened) -> None:
        self.played.events.append(event)
        self._news.set()

    async def until(self, matcher: Matcher, patience: float, what: str) -> None:
        """Wait for such an event after the one that was waited for last. Raises ``_Stuck``."""
        events = self.played.events
        try:
            async with asyncio.timeout(patience):
                while True:
                    self._news.clear()
                    while self._place < len(events):
                        self._place += 1
                        if matches(matcher, events[self._place - 1]):
                            return
                    await self._news.wait()
        except TimeoutError as error:
            raise _Stuck(f"{what} waited {patience:g} s for {describe(matcher)}") from error


class Theatre:
    """Plays scenarios in an open house."""

    def __init__(self, gateway: RunningGateway, prompters: dict[str, Prompter]) -> None:
        self._gateway = gateway
        self._prompters = prompters
        self._mouth = ThreadedSynthesizer(EspeakEngine())
        self._by_line: dict[str, _Call] = {}
        self._by_id: dict[str, _Call] = {}

    async def play(self, scenario: Scenario) -> Played:
        """Make one call and wait for its record."""
        call = self._by_line[number(scenario)] = _Call(scenario)
        if scenario.name in self._prompters:
            self._prompters[scenario.name].words.clear()
        began = asyncio.get_running_loop().time()
        try:
            said = [await self._sound(scenario, step) for step in scenario.steps]
            await self._call(call, said)
        except (_Stuck, CallRefused, WebSocketException, OSError, sounds.SoundMissing) as error:
            call.played.trouble = str(error) or repr(error)
        call.played.events.sort(key=lambda event: event.at)
        call.played.seconds = asyncio.get_running_loop().time() - began
        return call.played

    async def follow(self, tenant: str) -> None:
        """Take the ledger's events of all of a tenant's calls until cancelled."""
        async with (
            self._gateway.client(timeout=None) as client,
            client.stream("GET", f"/v1/tenants/{tenant}/events") as response,
        ):
            async for line in response.aiter_lines():
                if line.startswith("data: ") and "kind" in (event := json.loads(line.removeprefix("data: "))):
                    call = self._by_id.get(event["call"]) or self._by_line.get(event["payload"].get("line", ""))
                    if call is not None:
                        self._by_id[event["call"]] = call
                        call.logged(event)

    async def close(self) -> None:
        """Give the caller's voice back."""
        await self._mouth.close()

    async def _call(self, call: _Call, said: list[Speech | None]) -> None:
        scenario = call.played.scenario
        async with await self._answered(call) as far_end:
            for index, (step, sound) in enumerate(zip(scenario.steps, said, strict=True), 1):
                if step.when is not None:
                    await call.until(step.when, scenario.patience, f"step {index}")
                await asyncio.sleep(step.seconds)
                await self._act(step, sound, far_end, self._prompters.get(scenario.name))
                call.played.late = far_end.latest
            await call.until(Matcher(kind="call.ended"), scenario.patience, "the end")

    async def _answered(self, call: _Call) -> FarEnd:
        """Dial until the house has room. Raises ``CallRefused`` when it has none for a minute."""
        scenario = call.played.scenario
        until = asyncio.get_running_loop().time() + REDIAL_FOR
        voice = f"{self._gateway.url}/telephony/twilio/voice"
        while True:
            sid = new_call_sid()
            try:
                offer = await dial(voice, ani="+15550100", dnis=number(scenario), call_sid=sid)
                far_end = FarEnd(offer.url, offer.parameters, sid, scenario, call.tell)
                await far_end.connect()
                return far_end
            except (CallRefused, InvalidStatus):
                if asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(1.0)
                call.began()

    async def _act(self, step: Step, sound: Speech | None, far_end: FarEnd, prompter: Prompter | None) -> None:
        if sound is not None:
            begins, ends = far_end.say(sound.pcm)
            if prompter is not None:
                language = step.in_language or prompter.language
                prompter.will_sound((_later(word, begins) for word in sound.words), language)
            await asyncio.sleep(ends - far_end.now)
        elif step.press is not None:
            await far_end.press(step.press)
        elif step.pause is not None:
            await asyncio.sleep(step.pause)
        match step.do:
            case "hang_up":
                await far_end.hang_up()
            case "drop":
                far_end.drop()
            case "go_quiet":
                far_end.go_quiet()

    async def _sound(self, scenario: Scenario, step: Step) -> Speech | None:
        if step.play is not None:
            return sounds.recording(step.play, step.louder_db)
        if step.sound is not None:
            return sounds.effect(step.sound, step.louder_db)
        if step.say is None:
            return None
        if scenario.language == "en":
            return sounds.recorded(step.say, step.voice, step.louder_db)
        return await sounds.spoken(
            step.say,
            self._mouth,
            language=step.in_language or scenario.language,
            heard=step.heard,
            confidence=step.confidence,
            louder_db=step.louder_db,
        )


def _later(word: Word, seconds: float) -> Word:
    return Word(word.text, word.start + seconds, word.end + seconds, word.confidence)


@asynccontextmanager
async def theatre(folder: Path, scenarios: Sequence[Scenario]) -> AsyncIterator[Theatre]:
    """An open house with a line for each scenario, and its ledger followed."""
    prompters = {scenario.name: Prompter(scenario.language) for scenario in scenarios if scenario.language == "ko"}
    async with house(folder, scenarios, prompters, at_once=AT_ONCE) as gateway:
        stage = Theatre(gateway, prompters)
        following = [asyncio.create_task(stage.follow(tenant)) for tenant in {*map(tenant_of, scenarios)}]
        try:
            yield stage
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
            await stage.close()


async def play_all(
    folder: Path,
    scenarios: Sequence[Scenario],
    at_once: int = AT_ONCE,
    encores: int = ENCORES,
    tell: Callable[[Played], None] = lambda one: None,
) -> dict[str, Played]:
    """Play them all, ``at_once`` at the same time, the longest first; what came of each, by name.

    ``tell`` is told of each when it has been played. Those that this machine was too busy to play at the pace of a
    real call are played again, fewer at a time, ``encores`` times at most.
    """
    played: dict[str, Played] = {}
    async with theatre(folder, scenarios) as stage:
        waiting = sorted(scenarios, key=lambda scenario: -scenario.patience)
        for encore in range(1 + encores):
            seats = asyncio.Semaphore(max(at_once >> encore, min(at_once, FEWEST)))
            for one in await asyncio.gather(*(_seated(stage, scenario, seats, tell) for scenario in waiting)):
                played[one.scenario.name] = one
            waiting = [scenario for scenario in waiting if not played[scenario.name].in_time]
    return played


async def _seated(
    stage: Theatre, scenario: Scenario, seats: asyncio.Semaphore, tell: Callable[[Played], None]
) -> Played:
    async with seats:
        played = await stage.play(scenario)
    tell(played)
    return played
