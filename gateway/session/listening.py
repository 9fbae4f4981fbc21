"""How the caller is understood: an ear for the language of the call, opened again when it is lost, and what it hears.

A call without an ear goes on: the caller is greeted, and then a human takes over.

Refuses: deciding whose turn it is, and what follows from having no ear.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from gateway.session import turn_taking as turns
from gateway.session.hearing import Hearing, LegClock
from gateway.session.live import Live
from gateway.session.minutes import Minutes
from gateway.session.ports import Services
from gateway.session.records import EventKind
from gateway.session.silencing import Silencing
from infra.errors import AiccError
from stt.errors import LanguageNotSupported
from stt.hotwords import hints
from stt.recognizer import RecognizerStream

log = logging.getLogger(__name__)

MOST_HINTS = 30
"""Terms that a recognizer is told to expect."""

REOPENINGS = 3
"""Times that a lost recognizer stream is opened again before a human takes over."""


class Listening:
    """One call's. ``tell`` posts turn-taking's events, ``secret`` says whether what is said now may not be written
    down, ``silence`` takes what was said out of the recording, ``language`` is the one in which the call goes on."""

    def __init__(
        self,
        services: Services,
        minutes: Minutes,
        live: Live,
        *,
        rate: int,
        clock: LegClock,
        tell: Callable[[turns.Event], None],
        secret: Callable[[], bool],
        silence: Callable[[float, float], None],
        language: Callable[[], str],
    ) -> None:
        self._services = services
        self._minutes = minutes
        self._live = live
        self._rate = rate
        self._clock = clock
        self._tell = tell
        self._secret = secret
        self._silence = silence
        self._silencing = Silencing()
        self._language = language
        self.ear: Hearing | None = None
        """The caller's; none where nobody hears this language."""

    async def open(self) -> None:
        """Open an ear, if there is one for this language."""
        try:
            stream = await self._stream()
        except AiccError as error:
            expected = isinstance(error, LanguageNotSupported)
            log.log(logging.INFO if expected else logging.WARNING, "no recognition in this call: %s", error)
            self._failed(error, "hand-over")
            return
        self.ear = Hearing(
            activity=self._services.activity,
            segmenter=self._services.segmenter(),
            stream=stream,
            lag=self._services.final_lag,
            rate=self._rate,
            clock=self._clock,
            tell=self._tell,
            melody=self._services.melody,
        )

    async def read(self) -> bool:
        """Pass on what is heard until the ear is closed; False where it is lost for good before."""
        if self.ear is None:
            return True
        for attempt in range(REOPENINGS + 1):
            try:
                async for transcript in self.ear.transcripts():
                    if transcript.final:
                        engine = self._services.recognizer.name
                        found = self._minutes.transcript(transcript, engine, secret=self._secret())
                        for start, end in self._silencing.heard(transcript, self.ear.stretch, found):
                            self._silence(start, end)
                    if not self._secret():
                        told = {"utterance": transcript.utterance, "text": transcript.text}
                        self._live.publish("partial", speaker="caller", **told)
                    self._tell(turns.Recognized(transcript))
                return True
            except AiccError as error:
                self._failed(error, "opened again" if attempt < REOPENINGS else "hand-over")
            try:
                await self.ear.replace(await self._stream())
            except AiccError as error:
                self._failed(error, "hand-over")
                break
        return False

    def expect(self, topic: list[str]) -> None:
        """Hint at what is likely to be said next: the words of the topic, and the tenant's own."""
        if self.ear is not None:
            self.ear.expect(hints(self._services.hotwords(self._language()), topic, MOST_HINTS))

    async def close(self) -> None:
        """Give the ear back."""
        if self.ear is not None:
            await self.ear.close()

    async def _stream(self) -> RecognizerStream:
        tenant = self._services.tenant
        return await self._services.recognizer.open(
            language=self._language(), tenant=tenant.id, languages=tenant.languages
        )

    def _failed(self, error: AiccError, fallback: str) -> None:
        self._minutes.write(EventKind.COMPONENT_FAILED, component="recognition", error=str(error), fallback=fallback)
