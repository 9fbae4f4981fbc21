"""One caller and us in simulated time: the real ear, turn-taking and playback, and a far end with a network before it.

Time goes from packet to packet. What a machine waits for, what the recognizer says and what the far end confirms comes
in its order in between.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, assert_never

import numpy as np

from dialog.reply import Entry, Expectation
from gateway.session import playback
from gateway.session import turn_taking as turns
from gateway.session.hearing import Hearing, LegClock
from infra.audio import FRAME_SECONDS, AudioFrame
from stt import vad
from stt.final_lag import FinalLag
from stt.settings import SttSettings
from tests.benchmarks.turn_taking.ears import DecoderEar, Later, ScriptedEar
from tests.benchmarks.turn_taking.lines import HOP, RATE, Samples, Speech, hiss, mulaw

NETWORK = 0.04
"""Seconds one way."""
DECIDED_AFTER = 0.04
"""Seconds from the end of a turn to the beginning of our reply: what dialog and synthesis take."""

Window = tuple[float, float, float]
Ear = DecoderEar | ScriptedEar
MakeEar = Callable[[Later], Ear]


def segmenter(**changes: float) -> vad.Segmenter:
    """As calls are given it, but for ``changes``."""
    stt = SttSettings()
    options = {
        "start": stt.vad_start,
        "stop": stt.vad_stop,
        "margin": stt.vad_margin,
        "min_speech": stt.vad_min_speech,
        "min_silence": stt.vad_min_silence,
    }
    return vad.Segmenter(**{**options, **changes})


@dataclass(frozen=True, slots=True)
class Echo:
    """How the line gives our own voice back."""

    delay: float
    gain: float
    """dB."""


@dataclass(slots=True)
class FarEnd:
    """Plays what reaches it, confirms marks, and drops what it holds when it is told to."""

    draw: np.random.Generator
    jitter: float = 0.0
    """Seconds by which packets come irregularly."""
    confirmed_after: tuple[float, float] = (NETWORK, NETWORK)
    """The shortest and the longest time from a mark being played to our hearing of it."""
    played: list[tuple[float, float, bytes]] = field(default_factory=list)
    """Stretches of sound with the times at which they began and ended."""
    until: float = 0.0
    _arrived: float = 0.0

    def send(self, pcm: bytes, now: float) -> None:
        """A packet leaves us."""
        self._arrived = max(self._arrived, now + NETWORK + self.draw.uniform(0, self.jitter))
        begins = max(self._arrived, self.until)
        self.until = begins + len(pcm) / 2 / RATE
        self.played.append((begins, self.until, pcm))

    def mark(self, now: float) -> float:
        """A mark leaves us; when it comes back."""
        return max(self.until, now + NETWORK) + self.draw.uniform(*self.confirmed_after)

    def clear(self, now: float) -> float:
        """The order to be silent leaves us; when it comes into force."""
        silent = max(now + NETWORK, self._arrived)
        kept = [(begins, min(ends, silent), pcm) for begins, ends, pcm in self.played if begins < silent]
        self.played, self.until = kept, min(self.until, silent)
        return silent

    def sounded(self, until: float) -> float:
        """Seconds of our sound that were played by then."""
        return sum(min(ends, until) - begins for begins, ends, _ in self.played if begins < until)

    def gaps(self, until: float) -> float:
        """Seconds of silence between its packets by then: it had nothing to play though we had more to say."""
        begun = [(begins, ends) for begins, ends, _ in self.played if begins < until]
        return sum(after[0] - before[1] for before, after in itertools.pairwise(begun))

    def sound(self, begin: float) -> Samples:
        """20 ms of what it played."""
        out = np.zeros(HOP)
        for begins, ends, pcm in self.played[-40:]:
            offset = round((begins - begin) * RATE)
            if -HOP < offset < HOP:
                samples = np.frombuffer(pcm, "<i2")[: round((ends - begins) * RATE)]
                piece = samples[max(-offset, 0) : HOP - offset]
                out[max(offset, 0) : max(offset, 0) + len(piece)] += piece
        return out


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that a machine said, and when."""

    at: float
    what: turns.Command | playback.Command


class _JudgedAtOnce:
    """Takes windows of voice activity and judges them on the spot."""

    def __init__(self, model: vad.Model) -> None:
        self._model = model

    def open(self, rate: int, on_window: vad.OnWindow) -> vad.VadStream:
        return vad.VadStream(self, rate, on_window)  # type: ignore[arg-type]

    def put(self, window: vad.Waiting) -> None:
        vad.tell([vad.judge(self._model, [window])])


class Scene:
    """A stretch of a call. ``run`` plays it; ``happened`` and ``windows`` are what came of it."""

    def __init__(
        self,
        model: vad.Model,
        ear: MakeEar,
        caller: Samples,
        *,
        reply: Speech,
        expects: Expectation = Expectation.SPEAKING,
        entry: Entry | None = None,
        speaking_from: float | None = None,
        echo: Echo | None = None,
        seed: int = 0,
    ) -> None:
        """``reply`` is what we say ``speaking_from`` that time on, or else whenever the caller's turn has ended."""
        draw = np.random.default_rng(seed)
        self._caller = caller + hiss(len(caller) / RATE, draw)
        self._echo = echo
        self._reply = reply
        self.far_end = FarEnd(draw)
        self.happened: list[Happened] = []
        self.windows: list[tuple[float, Window]] = []
        self._now = 0.0
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._count = self._replies = self._generation = self._preparing = 0
        self._clock = LegClock()
        self._turns = turns.TurnTaking()
        self._playback = playback.Playback(RATE)
        self._ear = ear(self._hear)
        self._hearing = Hearing(
            activity=_JudgedAtOnce(model),  # type: ignore[arg-type]
            segmenter=_Tapped(segmenter(), self._window),  # type: ignore[arg-type]
            stream=self._ear,
            lag=FinalLag(),
            rate=RATE,
            clock=self._clock,
            tell=self._post_turn,
        )
        self._post_turn(turns.BotBegan(expects, interruptible=True, entry=entry))
        self._post_turn(turns.BotEnded())
        if speaking_from is not None:
            self._in(speaking_from, self._speak)

    def run(self) -> Scene:
        """Play the caller's sound to its end."""
        for start in range(0, len(self._caller) - HOP + 1, HOP):
            at = start / RATE
            self._advance(at + FRAME_SECONDS)
            sound = self._caller[start : start + HOP]
            if self._echo is not None:
                sound = sound + 10 ** (self._echo.gain / 20) * self.far_end.sound(at - self._echo.delay)
            frame = AudioFrame(mulaw(sound), RATE, at)
            self._clock.arrived(frame, self._now)
            self._hearing.frame(frame)
        self._ear.give_back()
        return self

    def times(self, kind: type[Any]) -> list[float]:
        """When such a thing happened."""
        return [happened.at for happened in self.happened if isinstance(happened.what, kind)]

    def turns_ended(self) -> list[tuple[float, turns.TurnEnded]]:
        """The turns in which something was said."""
        return [
            (one.at, one.what) for one in self.happened if isinstance(one.what, turns.TurnEnded) and not one.what.silent
        ]

    # --- time ---------------------------------------------------------------------------------------------------------
    def _in(self, seconds: float, do: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._later, (self._now + seconds, self._count, do))

    def _advance(self, until: float) -> None:
        while True:
            never = float("inf")
            due = self._later[0][0] if self._later else never
            turn = self._turns.deadline if self._turns.deadline is not None else never
            play = self._playback.deadline if self._playback.deadline is not None else never
            if min(due, turn, play) > until:
                break
            self._now = max(self._now, min(due, turn, play))
            if play <= self._now:
                self._post_playback(playback.Tick())
            elif turn <= self._now:
                self._post_turn(turns.Tick())
            else:
                heapq.heappop(self._later)[2]()
        self._now = until

    def _window(self, window: Window) -> None:
        self.windows.append((self._now, window))

    def _hear(self, seconds: float, transcript: Any) -> None:
        self._in(seconds, lambda: self._post_turn(turns.Recognized(transcript)))

    # --- machines -----------------------------------------------------------------------------------------------------
    def _post_turn(self, event: turns.Event) -> None:
        for command in self._turns.handle(event, self._now):
            self.happened.append(Happened(self._now, command))
            self._do_turn(command)

    def _do_turn(self, command: turns.Command) -> None:
        match command:
            case turns.EndUtterance():
                self._hearing.end_utterance()
            case turns.Settle():
                self._hearing.settle()
            case turns.Foresee():
                pass
            case turns.PauseOutput():
                self._post_playback(playback.Pause())
            case turns.ResumeOutput():
                self._post_playback(playback.Resume())
            case turns.DiscardOutput():
                self._generation += 1
                self._post_playback(playback.Discard())
            case turns.TurnEnded():
                generation = self._generation
                self._preparing += 1
                self._in(DECIDED_AFTER, lambda: self._answer(generation))
            case _:
                assert_never(command)

    def _post_playback(self, event: playback.Event) -> None:
        for command in self._playback.handle(event, self._now):
            self.happened.append(Happened(self._now, command))
            match command:
                case playback.SendFrame(pcm):
                    self._hearing.spoken(pcm, self._now)
                    self.far_end.send(pcm, self._now)
                case playback.SendMark(name):
                    back = self.far_end.mark(self._now)
                    self._in(back - self._now, partial(self._post_playback, playback.CarrierMark(name)))
                case playback.ClearFarEnd():
                    self._hearing.cut(self._now)
                    self.far_end.clear(self._now)
                case playback.ReplyOver():
                    self._rested()
                case playback.Heard() | playback.ReplyStarted():
                    pass
                case _:
                    assert_never(command)

    # --- our side -----------------------------------------------------------------------------------------------------
    def _answer(self, generation: int) -> None:
        self._preparing -= 1
        if generation == self._generation:
            self._speak()
        else:
            self._rested()  # the caller went on before we had begun

    def _speak(self) -> None:
        self._replies += 1
        number, sentences = self._replies, self._reply.sentences
        self._post_playback(playback.ReplyBegun(number, sentences))
        self._post_turn(turns.BotBegan(Expectation.SPEAKING, interruptible=True, saying=" ".join(sentences)))
        for event in renumbered(self._reply, number):
            self._post_playback(event)

    def _rested(self) -> None:
        if not self._playback.speaking and not self._preparing:
            self._in(0.0, lambda: self._post_turn(turns.BotEnded()))


class _Tapped:
    """A segmenter, with somebody who writes down what it is told."""

    def __init__(self, inner: vad.Segmenter, note: Callable[[Window], None]) -> None:
        self._inner = inner
        self._note = note

    def handle(self, at: float, probability: float, level: float) -> vad.SpeechStarted | vad.SpeechStopped | None:
        self._note((at, probability, level))
        return self._inner.handle(at, probability, level)


def renumbered(speech: Speech, reply: int) -> list[playback.Event]:
    """The sound of a speech as that of another reply."""
    out: list[playback.Event] = []
    for event in speech.events:
        match event:
            case playback.SpeechReady(_, sentence, pcm, marks):
                out.append(playback.SpeechReady(reply, sentence, pcm, marks))
            case playback.SentenceReady(_, sentence):
                out.append(playback.SentenceReady(reply, sentence))
            case _:
                raise AssertionError(f"no speech: {event}")
    return out
