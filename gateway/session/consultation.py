"""Whoever answers at a target, before the caller is with them: they are told who calls, and may have to press a key.

Afterwards their leg is given on as it is to whoever takes the call further, and what it says goes to its new listener.

Refuses: what is said, and what follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from gateway.telephony.leg import DtmfReceived, HungUp, LegEvent, LegInfo, MediaLeg
from gateway.telephony.transfer import TransferMethod, TransferOrder, TransferOutcome
from infra.audio import FRAME_SECONDS, SAMPLE_WIDTH, AudioFrame, Resampler
from tts.synthesizer import Synthesizer

AHEAD = 0.1
"""Seconds of sound that are on their way to whoever listens."""


class Consulted:
    """A leg (``MediaLeg``) of which we hear keys and the end, until somebody else listens to it."""

    def __init__(self, leg: MediaLeg) -> None:
        self.leg = leg
        """The leg itself, for the network that is to join it with the caller's."""
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why it has ended, once it has."""
        self._hear: Callable[[LegEvent], None] | None = None
        self._keys: asyncio.Queue[str] = asyncio.Queue(32)
        """Keys that were pressed; further ones are dropped, for one is waited for."""
        leg.listen(self._take)

    async def tell(self, synthesizer: Synthesizer, sentences: tuple[str, ...], language: str) -> None:
        """Speak to them, at the pace at which it is heard. Raises what the synthesizer raises."""
        loop = asyncio.get_running_loop()
        due = loop.time() - AHEAD
        for text in sentences:
            for pcm in _frames(await self._spoken(synthesizer, text, language), self.info.rate):
                if self.gone.done():
                    return
                self.leg.send(AudioFrame(pcm, self.info.rate, 0.0))
                due += FRAME_SECONDS
                await asyncio.sleep(max(0.0, due - loop.time()))

    async def pressed(self, key: str) -> bool:
        """Wait until they press that key (True) or hang up; other keys mean nothing."""
        while not self.gone.done():
            waiting = asyncio.ensure_future(self._keys.get())
            try:
                await asyncio.wait({waiting, self.gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
            if waiting.done() and not waiting.cancelled() and waiting.result() == key:
                return True
        return False

    async def _spoken(self, synthesizer: Synthesizer, text: str, language: str) -> bytes:
        sound = bytearray()
        resampler: Resampler | None = None
        async with aclosing(synthesizer.speak(text, language=language)) as speech:
            async for chunk in speech:
                resampler = resampler or Resampler(chunk.rate, self.info.rate)
                sound += resampler.process(chunk.pcm)
        if resampler is not None:
            sound += resampler.flush()
        return bytes(sound)

    def _take(self, event: LegEvent) -> None:
        if isinstance(event, HungUp) and not self.gone.done():
            self.gone.set_result(event.reason)
        if self._hear is not None:
            self._hear(event)
        elif isinstance(event, DtmfReceived) and not self._keys.full():
            self._keys.put_nowait(event.digit)

    # --- as a leg -----------------------------------------------------------------------------------------------------
    @property
    def info(self) -> LegInfo:
        """See ``MediaLeg``."""
        return self.leg.info

    @property
    def transfers(self) -> frozenset[TransferMethod]:
        """See ``MediaLeg``."""
        return self.leg.transfers

    def listen(self, hear: Callable[[LegEvent], None]) -> None:
        """See ``MediaLeg``; of what came before only the end is told."""
        if self._hear is not None:
            raise RuntimeError("somebody listens to this leg already")
        self._hear = hear
        if self.gone.done():
            asyncio.get_running_loop().call_soon(hear, HungUp(self.gone.result()))

    def send(self, frame: AudioFrame) -> None:
        """See ``MediaLeg``."""
        self.leg.send(frame)

    def mark(self, name: str) -> None:
        """See ``MediaLeg``."""
        self.leg.mark(name)

    def clear(self) -> None:
        """See ``MediaLeg``."""
        self.leg.clear()

    async def hang_up(self, reason: str) -> None:
        """See ``MediaLeg``."""
        await self.leg.hang_up(reason)

    async def transfer(self, order: TransferOrder) -> TransferOutcome:
        """See ``MediaLeg``."""
        return await self.leg.transfer(order)


def _frames(pcm: bytes, rate: int) -> list[bytes]:
    """Whole frames of 20 ms; the last is filled up with silence."""
    size = round(rate * FRAME_SECONDS) * SAMPLE_WIDTH
    return [pcm[at : at + size].ljust(size, b"\0") for at in range(0, len(pcm), size)]
