"""The ear lent to a person in a call: their speech becomes turns, by the same hearing and turn-taking as the caller's.

A person's leg has media times of its own. Their turns tell words by the media times of the call, which are the caller's
leg's: by these everything else in the record is told.

Refuses: answering; nobody takes the floor from a person.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Self

from gateway.session import turn_taking as turns
from gateway.session.alarm import Alarm
from gateway.session.hearing import Hearing, LegClock
from gateway.session.ports import Services
from infra.audio import AudioFrame
from infra.errors import AiccError
from stt.recognizer import RecognizerStream
from stt.transcript import Word

NEVER = 86_400.0
"""Seconds of silence that a person may keep: nobody asks whether they are still there."""

log = logging.getLogger(__name__)


class PersonEar:
    """One person's ear; whoever opened it closes it."""

    def __init__(
        self,
        services: Services,
        stream: RecognizerStream,
        rate: int,
        call: LegClock,
        said: Callable[[turns.TurnEnded], None],
        partial: Callable[[int, str], None],
    ) -> None:
        self._call = call
        self._said = said
        self._partial = partial
        self._loop = asyncio.get_running_loop()
        self._clock = LegClock()
        self._turns = turns.TurnTaking(NEVER)
        self._alarm = Alarm(lambda: self._post(turns.Tick()))
        self._hearing = Hearing(
            activity=services.activity,
            segmenter=services.segmenter(),
            stream=stream,
            lag=services.final_lag,
            rate=rate,
            clock=self._clock,
            tell=self._post,
            melody=services.melody,
        )
        self._post(turns.BotEnded())
        self._reading = asyncio.create_task(self._read(), name="a person's transcripts")

    @classmethod
    async def open(
        cls,
        services: Services,
        language: str,
        rate: int,
        *,
        call: LegClock,
        said: Callable[[turns.TurnEnded], None],
        partial: Callable[[int, str], None],
    ) -> Self:
        """An ear for that language. ``call`` is the clock of the caller's leg, ``said`` gets each turn, ``partial`` the
        words so far of an utterance.

        Raises what the recognizer raises.
        """
        tenant = services.tenant
        stream = await services.recognizer.open(language=language, tenant=tenant.id, languages=tenant.languages)
        return cls(services, stream, rate, call, said, partial)

    @property
    def speaks(self) -> bool:
        """Whether they speak at present."""
        return self._hearing.caller_speaks

    def frame(self, frame: AudioFrame) -> None:
        """Take 20 ms of what they say; never blocks."""
        self._clock.arrived(frame, self._loop.time())
        self._hearing.frame(frame)

    def hold(self, held: bool) -> None:
        """They put us on hold, or took us back: what comes meanwhile is music."""
        self._hearing.hold(held)

    async def close(self) -> None:
        """Give everything back."""
        self._alarm.cancel()
        self._reading.cancel()
        await asyncio.wait({self._reading})
        await self._hearing.close()

    def _post(self, event: turns.Event) -> None:
        for command in self._turns.handle(event, self._loop.time()):
            match command:
                case turns.EndUtterance():
                    self._hearing.end_utterance()
                case turns.Settle():
                    self._hearing.settle()
                case turns.TurnEnded():
                    if command.text:
                        self._said(replace(command, words=tuple(map(self._in_call, command.words))))
                    self._post(turns.BotEnded())  # nobody answers: the floor stays theirs
                case _:
                    pass  # there is no output to pause, and nobody prepares an answer
        self._alarm.set(self._turns.deadline)

    def _in_call(self, word: Word) -> Word:
        start, end = (self._call.media(self._clock.moment(media)) for media in (word.start, word.end))
        return replace(word, start=start, end=end)

    async def _read(self) -> None:
        try:
            async for transcript in self._hearing.transcripts():
                if transcript.text:
                    self._partial(transcript.utterance, transcript.text)
                self._post(turns.Recognized(transcript))
        except AiccError as error:
            log.warning("a person in a call is not heard any more: %s", error)
