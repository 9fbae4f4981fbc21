"""Spoken sound and how it lines up with the text that it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """A way to speak: the engine's own voice name, a language (``ko`` or ``en``) and a pace (1.0 is normal)."""

    name: str
    language: str
    pace: float = 1.0


@dataclass(frozen=True, slots=True)
class SpeechMark:
    """The characters ``start:end`` of the *original* text begin to sound ``at`` seconds into the speech.

    ``estimated`` marks were shared out over the duration by the length of the words, because the engine tells nothing.
    """

    start: int
    end: int
    at: float
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A piece of the speech of one text: 16-bit mono PCM at ``rate`` Hz, and the marks that fall into it.

    Marks count their time from the beginning of the whole text's speech, not of the chunk.
    """

    pcm: bytes
    rate: int
    marks: tuple[SpeechMark, ...] = ()
