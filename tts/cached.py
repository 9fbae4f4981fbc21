"""Fixed phrases spoken from memory: the greeting and "one moment, please" need not be made anew for every call.

Only phrases that were declared are kept. What is said to one caller alone (a name, an order number) must not stay in
memory, so nothing is cached just because it was spoken.

Bounded in bytes; the least recently spoken sound goes first. At most ``MOST_PHRASES`` are declared at a time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Final

from tts.speech import SpeechChunk
from tts.synthesizer import Synthesizer

MOST_PHRASES: Final = 1024

_Key = tuple[str, str, float]


class CachedSynthesizer:
    """A ``Synthesizer`` before another one."""

    def __init__(self, inner: Synthesizer, *, most_bytes: int) -> None:
        self.name = inner.name
        self.languages = inner.languages
        self._inner = inner
        self._most_bytes = most_bytes
        self._phrases: OrderedDict[_Key, tuple[SpeechChunk, ...]] = OrderedDict()
        self._bytes = 0

    @property
    def bytes_held(self) -> int:
        """The size of the sound in memory."""
        return self._bytes

    def keep(self, text: str, *, language: str, pace: float = 1.0) -> None:
        """Declare a fixed phrase: its sound is kept from the first time it is spoken."""
        self._phrases.setdefault((text, language, pace), ())
        while len(self._phrases) > MOST_PHRASES:
            _, chunks = self._phrases.popitem(last=False)
            self._bytes -= _size(chunks)

    async def prepare(self, texts: Iterable[str], *, language: str, pace: float = 1.0) -> None:
        """Declare fixed phrases and make their sound now."""
        for text in texts:
            self.keep(text, language=language, pace=pace)
            async with aclosing(self.speak(text, language=language, pace=pace)) as chunks:
                async for _ in chunks:
                    pass

    async def speak(self, text: str, *, language: str, pace: float = 1.0) -> AsyncGenerator[SpeechChunk, None]:
        """See ``Synthesizer``."""
        key = (text, language, pace)
        declared = key in self._phrases
        if declared and (stored := self._phrases[key]):
            self._phrases.move_to_end(key)
            for chunk in stored:
                yield chunk
            return
        made = []
        async with aclosing(self._inner.speak(text, language=language, pace=pace)) as chunks:
            async for chunk in chunks:
                if declared:
                    made.append(chunk)
                yield chunk
        if declared:
            self._store(key, tuple(made))

    async def close(self) -> None:
        """End the synthesizer behind and forget all sound."""
        self._phrases.clear()
        self._bytes = 0
        await self._inner.close()

    def _store(self, key: _Key, chunks: tuple[SpeechChunk, ...]) -> None:
        size = _size(chunks)
        if key not in self._phrases or self._phrases[key] or size > self._most_bytes:
            return
        self._phrases[key] = chunks
        self._phrases.move_to_end(key)
        self._bytes += size
        for old, sound in list(self._phrases.items()):
            if self._bytes <= self._most_bytes:
                break
            if sound:
                self._phrases[old] = ()
                self._bytes -= _size(sound)


def _size(chunks: tuple[SpeechChunk, ...]) -> int:
    return sum(len(chunk.pcm) for chunk in chunks)
