"""A stage for whole calls in virtual time: a far end, an ear, a mouth, a mind, each doing only what it is told.

The session, its machines, the ledger's twin and the segmenter are the real ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from dialog.actions.action import Journal
from dialog.errand import Disposition, Errand
from dialog.identification import Acquaintance
from dialog.memory.memory import Preferences
from dialog.reply import (
    Confidence,
    Decision,
    Escalation,
    EscalationReason,
    Expectation,
    Reply,
    Sentence,
    Summary,
)
from dialog.turn import CallerTurn, Utterance
from gateway.desk.handoff import HandoffDesk
from gateway.session.memory_log import MemoryContactLog
from gateway.session.outreach import Outreach
from gateway.session.ports import AgentDesk, Services, StoredRecording, Toll
from gateway.session.records import ContactEvent, EndReason
from gateway.session.runner import Session
from gateway.session.tenant import Tenant
from gateway.telephony.leg import DtmfReceived, HangUpCause, HungUp, LegEvent, LegInfo, MarkPlayed, MediaReceived
from gateway.telephony.transfer import TransferMethod, TransferOrder, TransferOutcome
from gateway.telephony.trunk import Trunk
from infra.audio import AudioFrame
from stt.errors import LanguageNotSupported
from stt.final_lag import FinalLag
from stt.transcript import Transcript, Word
from stt.vad import Segmenter
from tests.virtual_time import run
from tts.speech import SpeechChunk, SpeechMark

RATE = 8000
WORD = 0.3
"""Seconds that the mouth needs for a word."""
VOICE = Random(1).randbytes(320)
"""20 ms of a caller: anything loud that is not like our own voice."""
OUR_VOICE = b"\x00\x20" * 160
SILENCE = b"\x00\x00" * 160


class FarEnd:
    """A leg whose far end plays what it gets in real time, echoes marks, and sends a frame every 20 ms."""

    def __init__(self) -> None:
        self.info = LegInfo("MZ1", "CA1", "+15550100", "+18005550199", "test", RATE)
        self.transfers: frozenset[TransferMethod] = frozenset()
        self.hung_up_at: float | None = None
        self.loud_until = 0.0
        self.sent: list[tuple[float, bytes]] = []
        self.cleared = 0
        self._buffered_until = 0.0
        self._marks: list[tuple[float, str]] = []
        self._frames = 0
        self._inbox: list[LegEvent] = []

    def listen(self, hear: Callable[[LegEvent], None]) -> None:
        self._line = asyncio.create_task(self._live(hear))

    async def _live(self, hear: Callable[[LegEvent], None]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while self.hung_up_at is None:
            await asyncio.sleep(max(0.0, began + (self._frames + 1) * 0.02 - loop.time()))
            for event in self._inbox:
                hear(event)
                if isinstance(event, HungUp):
                    return
            self._inbox.clear()
            due = [mark for mark in self._marks if mark[0] <= loop.time() + 1e-9]
            self._marks = [mark for mark in self._marks if mark not in due]
            for _, name in due:
                hear(MarkPlayed(name))
            voice = VOICE if loop.time() <= self.loud_until else SILENCE
            hear(MediaReceived(AudioFrame(voice, RATE, self._frames * 0.02)))
            self._frames += 1
        hear(HungUp("we hung up", HangUpCause.OURS))

    def tell(self, event: LegEvent) -> None:
        self._inbox.append(event)

    def send(self, frame: AudioFrame) -> None:
        now = asyncio.get_running_loop().time()
        self.sent.append((now, frame.pcm))
        self._buffered_until = max(self._buffered_until, now) + frame.duration

    def mark(self, name: str) -> None:
        self._marks.append((max(self._buffered_until, asyncio.get_running_loop().time()), name))

    def clear(self) -> None:
        now = asyncio.get_running_loop().time()
        self.cleared += 1
        self._buffered_until = now
        self._marks = [(now, name) for _, name in self._marks]

    async def hang_up(self, reason: str) -> None:
        if self.hung_up_at is None:
            self.hung_up_at = asyncio.get_running_loop().time()

    async def transfer(self, order: TransferOrder) -> TransferOutcome:
        raise ValueError("nobody can move this leg")


class Activity:
    """Voice activity that calls loud frames speech; on the loop at once, one frame a window."""

    def open(self, rate: int, on_window: Callable[[float, float, float], None]) -> Any:
        @dataclass
        class Stream:
            def feed(self, frame: AudioFrame) -> None:
                loud = any(frame.pcm)
                on_window(frame.at, 0.95 if loud else 0.01, -12.0 if loud else -90.0)

            def close(self) -> None:
                pass

        return Stream()


class Ear:
    """A recognizer that hears what the script says, one text for each utterance; an exception in it is raised."""

    name = "scripted"
    languages = frozenset({"en"})

    def __init__(self, heard: list[str | Exception]) -> None:
        self.heard = heard
        self.opened = 0

    async def open(self, *, language: str, tenant: str, languages: tuple[str, ...] = ()) -> Any:
        if language not in self.languages:
            raise LanguageNotSupported(f"nobody hears {language}")
        self.opened += 1
        return _EarStream(self)

    async def close(self) -> None:
        pass


class _EarStream:
    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._out: asyncio.Queue[Transcript | Exception | None] = asyncio.Queue()
        self._fed = 0
        self._number = 0
        self._since = 0.0

    def feed(self, frame: AudioFrame) -> None:
        self._since = frame.at if self._fed == 0 else self._since
        self._fed += 1
        if self._fed == 30 and self._ear.heard and isinstance(self._ear.heard[0], str) and self._ear.heard[0]:
            self._out.put_nowait(self._told(self._ear.heard[0].split()[0], final=False))
        if self._fed == 35 and self._ear.heard and isinstance(self._ear.heard[0], str):
            self._out.put_nowait(self._told(self._ear.heard[0], final=False))

    def end_utterance(self) -> None:
        self._fed = 0
        text = self._ear.heard.pop(0) if self._ear.heard else ""
        self._out.put_nowait(text if isinstance(text, Exception) else self._told(text, final=True))
        self._number += 1

    def _told(self, text: str, *, final: bool) -> Transcript:
        """Its words follow each other since the first sound, a tenth of a second each."""
        times = ((word, self._since + n / 10) for n, word in enumerate(text.split()))
        return Transcript(
            self._number, text, tuple(Word(word, at, at + 0.1, 0.9) for word, at in times), final, "en", 0.9
        )

    def settle(self) -> None:
        pass

    def expect(self, phrases: Sequence[str]) -> None:
        pass

    async def transcripts(self) -> AsyncIterator[Transcript]:
        while (item := await self._out.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    async def close(self) -> None:
        self._out.put_nowait(None)


class Mouth:
    """A synthesizer that takes ``WORD`` seconds of sound for each word and is done at once."""

    name = "scripted"
    languages = frozenset({"en", "ko"})

    async def speak(self, text: str, *, language: str, pace: float = 1.0) -> AsyncGenerator[SpeechChunk, None]:
        position = 0
        for index, word in enumerate(text.split()):
            position = text.index(word, position)
            mark = SpeechMark(position, position + len(word), index * WORD)
            position += len(word)
            yield SpeechChunk(OUR_VOICE * round(WORD / 0.02), RATE, (mark,))

    async def close(self) -> None:
        pass


def reply(text: str, decision: Decision = Decision.ANSWER, expects: Expectation = Expectation.SPEAKING) -> Reply:
    return Reply(decision, "en", (Sentence(text),), Confidence(0.9), expects=expects)


def handover(reason: EscalationReason = EscalationReason.CALLER_ASKED) -> Reply:
    summary = Summary("a person", {"order": "12345678"}, ("asked",), (), "The caller wants a person.")
    escalation = Escalation(reason, "general", (), summary)
    return Reply(Decision.ESCALATE, "en", (Sentence("One moment please"),), Confidence(1.0), escalation=escalation)


Answer = list[Reply] | Callable[[CallerTurn, Journal], Awaitable[list[Reply]]]


class Mind:
    """A dialogue manager with one prepared answer for each turn."""

    def __init__(self, answers: list[Answer], greeting: str = "Hello I am a machine") -> None:
        self.answers = answers
        self.greeting = greeting
        self.turns: list[CallerTurn] = []
        self.foreseen: list[str] = []
        self.history: list[str] = []
        self.interruptions = 0
        self.liked: Preferences | None = None
        self.known = Acquaintance()

    def begin(
        self, *, call_id: str, language: str, caller: str | None, journal: Journal, channel: str = "phone"
    ) -> Any:
        self.channel = channel
        self.caller = caller
        return journal

    async def recall(self, conversation: Any) -> Preferences | None:
        return self.liked

    async def greet(self, conversation: Any, *, recording_notice: bool = False) -> Reply:
        self.told_of_recording = recording_notice
        return replace(reply(self.greeting, Decision.CONVERSE), disclosure=self.greeting)

    async def reach_out(
        self, conversation: Any, errand: Errand, *, recording_notice: bool = False
    ) -> tuple[Reply, Reply]:
        self.told_of_recording = recording_notice
        self.errand = errand
        question = reply("Is it a good time", Decision.ACT, Expectation.YES_NO)
        greeting = reply(f"Hello we call about {errand.purpose}", Decision.CONVERSE, Expectation.LISTENING)
        return replace(greeting, disclosure=greeting.text), question

    def disposition(self, conversation: Any) -> Disposition:
        return Disposition.SETTLED

    async def respond(self, conversation: Any, turn: CallerTurn) -> AsyncGenerator[Reply, None]:
        self.turns.append(turn)
        answer = self.answers.pop(0)
        replies = answer if isinstance(answer, list) else await answer(turn, conversation)
        for one in replies:
            yield one

    async def foresee(self, conversation: Any, turn: CallerTurn) -> None:
        self.foreseen.append(turn.text)

    def heard(self, conversation: Any, utterance: Utterance) -> None:
        self.history.append(utterance.text)

    def interrupted(self, conversation: Any) -> None:
        self.interruptions += 1

    async def escalate(self, conversation: Any, reason: EscalationReason) -> Reply:
        return handover(reason)

    def summary(self, conversation: Any) -> Summary:
        return Summary("a person", {}, (), (), "")

    def acquaintance(self, conversation: Any) -> Acquaintance:
        return self.known

    async def take_up(self, conversation: Any, instruction: str) -> AsyncGenerator[Reply, None]:
        self.instruction = instruction
        yield reply("Back with you")

    async def finish(self, conversation: Any) -> None:
        self.finished = True


@dataclass
class Recorder:
    said: list[AudioFrame] = field(default_factory=list)
    heard: list[AudioFrame] = field(default_factory=list)
    silenced: list[tuple[float, float]] = field(default_factory=list)
    ours_silenced: list[tuple[float, float]] = field(default_factory=list)

    def caller(self, frame: AudioFrame) -> None:
        self.said.append(frame)

    def bot(self, frame: AudioFrame) -> None:
        self.heard.append(frame)

    def silence(self, start: float, end: float, *, ours: bool = False) -> None:
        (self.ours_silenced if ours else self.silenced).append((start, end))

    async def finish(self) -> StoredRecording:
        return StoredRecording(Path("/recordings/call.sealed"), 1.0, 0)


class Stage:
    """One call. ``play`` runs it to its end; meanwhile ``script`` acts as the caller."""

    def __init__(
        self,
        *,
        heard: list[str | Exception] | None = None,
        answers: list[Answer] | None = None,
        consent: str = "never",
        language: str = "en",
        hours: dict[str, Any] | None = None,
        limits: dict[str, Any] | None = None,
        outreach: Outreach | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        """``more``: what else the tenant's file says."""
        self.outreach = outreach
        self.far_end: Callable[[], FarEnd] = FarEnd
        self.trunk: Trunk | None = None
        self.toll: Toll | None = None
        self.ear = Ear(list(heard or []))
        self.mind = Mind(list(answers or []))
        self.consent = consent
        self.language = language
        self.tenant = Tenant.model_validate(
            {
                "id": "shop",
                "name": {"en": "Shop"},
                "languages": ["en", "ko"],
                "lines": [{"number": "+18005550199", "alias": "shop", "language": language}],
                "recording": {"consent": consent},
                "hours": hours or {},
                "limits": limits or {},
                "folder": Path("/tenants/shop"),
                **(more or {}),
            }
        )
        self.recorder = Recorder()
        self.reason: EndReason | None = None
        self.events: list[ContactEvent] = []
        self.clock: Callable[[], datetime] = lambda: datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
        """What the ledger goes by; it stands still where nobody asks when something happened."""

    def play(self, script: Callable[[Stage], Awaitable[None]]) -> Stage:
        run(self._play(script))
        return self

    async def _play(self, script: Callable[[Stage], Awaitable[None]]) -> None:
        self.leg = self.far_end()
        self.ledger = MemoryContactLog(clock=self.clock)
        await self.ledger.start()
        log = self.ledger.open_call(tenant="shop", call_id="call-1", line="shop", language=self.language)
        services = Services(
            tenant=self.tenant,
            dialogue=self.mind,
            recognizer=self.ear,
            final_lag=FinalLag(),
            synthesizer=Mouth(),
            activity=Activity(),  # type: ignore[arg-type]
            segmenter=lambda: Segmenter(min_speech=0.096),
            desk=self._desk(),
            record=lambda call_id, day, rate: self.recorder,
            now=lambda: datetime(2026, 11, 23, 3, 0, tzinfo=UTC),
            trunk=lambda: self.trunk,
            toll=self.toll,
        )
        self.session = Session(self.leg, services, self.tenant.lines[0], log, self.outreach)
        acting = asyncio.create_task(script(self))
        async with asyncio.timeout(3600):
            self.reason = await self.session.run()
        await acting
        await self._played()
        self.events = await self.ledger.events("shop", "call-1")
        self.handoffs = await self.ledger.handoffs("shop")
        await self.ledger.close()

    def _desk(self) -> AgentDesk:
        """Where hand-overs go."""
        return HandoffDesk(self.ledger)

    async def _played(self) -> None:
        """What is to be ended with the call."""

    # --- what the caller does -----------------------------------------------------------------------------------------
    async def speak(self, seconds: float = 1.0) -> None:
        loop = asyncio.get_running_loop()
        self.leg.loud_until = loop.time() + seconds
        await asyncio.sleep(seconds)

    async def until_quiet(self, quiet: float = 0.5) -> None:
        """Until we have said something and then nothing for a while."""
        loop = asyncio.get_running_loop()
        while not self.leg.sent or loop.time() - max(self.leg.sent[-1][0], self.leg._buffered_until) < quiet:
            await asyncio.sleep(0.05)

    def press(self, keys: str) -> None:
        for key in keys:
            self.leg.tell(DtmfReceived(key, 0.0))

    def hang_up(self) -> None:
        self.leg.tell(HungUp("the caller hung up"))

    # --- what was written down ----------------------------------------------------------------------------------------
    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event.payload for event in self.events if event.kind == kind]

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]
