"""Recognizers on one line of simulated time: the real decoder, which takes as long as it takes, and a script."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Callable, Sequence

from infra.audio import FRAME_SECONDS, AudioFrame
from stt.pocketsphinx_host import PocketsphinxHost
from stt.transcript import Transcript, Word
from tests.benchmarks.turn_taking.lines import RATE, Said

CHUNK = 0.1
PARTIAL_EVERY = 0.3
"""Seconds of sound between two partials of the script."""
SCRIPT_BEHIND = 0.2
"""Seconds by which they are behind the voice."""
SCRIPT_LAG = 0.25
"""Seconds that the script takes for a final: about what a small Whisper takes on a processor."""

Later = Callable[[float, Transcript], None]
"""Tells a transcript so many seconds from now."""


class DecoderEar:
    """pocketsphinx in this process. What it says comes after the CPU time that it took, in whole packets."""

    def __init__(self, host: PocketsphinxHost, tenant: str, later: Later, lags: list[float]) -> None:
        self._session = host.open_session(self._said, tenant)
        self._later = later
        self._lags = lags
        self._out: list[Transcript] = []
        self._number = 0
        self._gathered = b""
        self._begun = 0.0

    def feed(self, frame: AudioFrame) -> None:
        if not self._gathered:
            self._begun = frame.at
        self._gathered += frame.pcm
        if len(self._gathered) >= CHUNK * RATE * 2:
            self._work(self._pass_on)

    def end_utterance(self) -> None:
        self._lags.append(self._work(self._end))
        self._number += 1

    def settle(self) -> None:
        """Nothing: this engine never goes on with what was ended."""

    def expect(self, phrases: Sequence[str]) -> None:
        """Nothing: it learnt the tenant's words before."""

    async def transcripts(self) -> AsyncIterator[Transcript]:
        """Nothing: what it says is told in simulated time."""
        return
        yield

    async def close(self) -> None:
        """See ``give_back``: there is no loop here."""

    def give_back(self) -> None:
        self._session.close()

    def _pass_on(self) -> None:
        if self._gathered:
            self._session.hear(self._number, self._gathered, RATE, self._begun)
            self._gathered = b""

    def _end(self) -> None:
        self._pass_on()
        self._session.end(self._number)

    def _said(self, transcript: Transcript) -> None:
        self._out.append(transcript)

    def _work(self, work: Callable[[], None]) -> float:
        begun = time.thread_time()
        work()
        took = time.thread_time() - begun
        for transcript in self._out:
            self._later(math.ceil(took / FRAME_SECONDS) * FRAME_SECONDS, transcript)
        self._out.clear()
        return took


class ScriptedEar:
    """Hears the words that sound in what it is fed."""

    def __init__(self, words: Sequence[Said], language: str, later: Later) -> None:
        self._words = words
        self._language = language
        self._later = later
        self._number = 0
        self._from: float | None = None
        self._until = self._told = 0.0

    def feed(self, frame: AudioFrame) -> None:
        if self._from is None:
            self._from = self._told = frame.at
        self._until = frame.until
        if self._until - self._told >= PARTIAL_EVERY:
            self._told = self._until
            self._later(0.0, self._transcript(self._until - SCRIPT_BEHIND, final=False))

    def end_utterance(self) -> None:
        self._later(SCRIPT_LAG, self._transcript(self._until, final=True))
        self._number += 1
        self._from = None

    def settle(self) -> None:
        """Nothing: each end begins another utterance."""

    def expect(self, phrases: Sequence[str]) -> None:
        """Nothing: the script says what comes."""

    async def transcripts(self) -> AsyncIterator[Transcript]:
        """Nothing: what it says is told in simulated time."""
        return
        yield

    async def close(self) -> None:
        """Nothing is held."""

    def give_back(self) -> None:
        """Nothing is held."""

    def _transcript(self, until: float, *, final: bool) -> Transcript:
        begun = self._from or 0.0
        heard = [said for said in self._words if begun <= (said.begins + said.ends) / 2 < until]
        words = tuple(Word(said.word, said.begins, said.ends, 0.95) for said in heard)
        text = " ".join(said.word for said in heard)
        return Transcript(self._number, text, words, final, self._language, 0.95 if text else 0.0)
