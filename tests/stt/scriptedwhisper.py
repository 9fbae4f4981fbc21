"""A model for tests of what is built around it: it says what a function of the sound's length and the prompt says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from stt.local_agreement import TokenWord
from stt.whisper_model import Aligned, Hypothesis, Prompt, Sound
from stt.whisper_window import RATE, Samples

Saying = Callable[[float, Prompt], str | Hypothesis]


def token_words(text: str) -> tuple[TokenWord, ...]:
    """A word is one token, its letters' own number; what follows "+" is set without a blank."""
    parts = [part.removeprefix("+") if part.startswith("+") else f" {part}" for part in text.split()]
    return tuple(TokenWord(part, (sum(ord(c) << 8 * i for i, c in enumerate(part)),)) for part in parts)


def saying(text: str, *, log: float = -0.2, no_speech: float = 0.05) -> Hypothesis:
    """A hypothesis with figures of one's choice, whatever the prefix."""
    return Hypothesis(token_words(text), log, no_speech)


@dataclass
class ScriptedModel:
    """``says`` gives the whole text, of which what the prompt's prefix holds already is left out."""

    says: Saying
    detected: Mapping[str, float] = field(default_factory=dict)
    encoded: list[tuple[tuple[float, ...], float]] = field(default_factory=list)
    decoded: list[list[Prompt]] = field(default_factory=list)
    looked_for: int = 0
    together: bool = False

    def encode(self, sounds: Sequence[Samples], window: float) -> list[Sound]:
        seconds = tuple(len(samples) / RATE for samples in sounds)
        self.encoded.append((seconds, window))
        return [Sound(np.full((round(window * 50), 1), window), one) for one in seconds]

    def languages(self, sound: Sound) -> Mapping[str, float]:
        self.looked_for += 1
        return self.detected

    def decode(self, sounds: Sequence[Sound], prompts: Sequence[Prompt]) -> list[Hypothesis]:
        if not sounds:
            return []
        self.decoded.append(list(prompts))
        assert len({len(sound.states) for sound in sounds}) == 1, "one window in a batch"
        found = []
        for sound, prompt in zip(sounds, prompts, strict=True):
            told = self.says(sound.seconds, prompt)
            if isinstance(told, str):
                told = Hypothesis(token_words(told)[len(prompt.prefix) :], -0.2, 0.05)
            found.append(told)
        return found

    def align(self, sound: Sound, language: str, words: Sequence[TokenWord]) -> list[Aligned]:
        each = sound.seconds / max(1, len(words))
        return [Aligned(index * each, (index + 1) * each, 0.8) for index in range(len(words))]
