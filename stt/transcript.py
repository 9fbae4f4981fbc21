"""What a recognizer says it heard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word: media times in seconds, ``confidence`` in 0..1."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """The text of one utterance, partial (may still change) or final (never changes).

    ``utterance`` counts from 0 on one stream and is the same for an utterance's partials and its final.
    ``confidence`` in 0..1 is the recognizer's for the whole utterance; ``calibrated`` says whether it was fitted
    against labelled speech. A final with empty ``text`` means that nothing was understood.
    ``lag`` is the time in seconds from the utterance's end being asked for to this final, 0 for a partial.
    ``stable`` is how many leading characters of ``text`` will not change any more in this utterance: all of a final's,
    0 where the engine does not know. ``waited`` is how long in seconds this work stood in the engine's queue.
    """

    utterance: int
    text: str
    words: tuple[Word, ...]
    final: bool
    language: str
    confidence: float
    calibrated: bool = False
    lag: float = 0.0
    stable: int = 0
    waited: float = 0.0
