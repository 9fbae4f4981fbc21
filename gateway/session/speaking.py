"""Text becomes sound for playback: sentence by sentence, at the leg's rate, with marks that say which word is where.

Refuses: pacing and sockets (playback, leg), and choosing words (dialog).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing

from gateway.session import playback
from infra.audio import Resampler, amplified
from tts.synthesizer import Synthesizer


async def speak(
    synthesizer: Synthesizer,
    *,
    reply: int,
    sentences: tuple[str, ...],
    language: str,
    pace: float,
    gain: float,
    rate: int,
    tell: Callable[[playback.Event], None],
    wanted: Callable[[], bool],
) -> None:
    """Synthesize the sentences of one reply in order and hand the sound to playback as it is made, while it is wanted.

    ``pace`` 1.0 is the voice's normal speed, ``gain`` is in dB.

    Raises what the synthesizer raises; then the sentences that are missing are marked as ready, so that playback ends.
    """
    done = 0
    try:
        for index, text in enumerate(sentences):
            resampler: Resampler | None = None
            async with aclosing(synthesizer.speak(text, language=language, pace=pace)) as speech:
                async for chunk in speech:
                    if not wanted():
                        return
                    resampler = resampler or Resampler(chunk.rate, rate)
                    tell(playback.SpeechReady(reply, index, amplified(resampler.process(chunk.pcm), gain), chunk.marks))
            if resampler is not None:
                tell(playback.SpeechReady(reply, index, amplified(resampler.flush(), gain), ()))
            tell(playback.SentenceReady(reply, index))
            done = index + 1
    finally:
        for index in range(done, len(sentences)):
            tell(playback.SentenceReady(reply, index))
