"""Which of a tenant's languages a caller speaks, utterance by utterance.

The detector's probabilities are restricted to the languages in question and weighed with what was spoken so far: a
caller rarely changes. The language changes when one utterance is very clear, or two in a row say the same strongly.

Refuses: deciding from less than a second of speech; guessing among languages that nobody here offers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

LEAST_SPEECH: Final = 1.0
"""Seconds of speech in an utterance before the detector is asked: a single word is often taken for another language."""
STAYS: Final = 0.8
"""How likely it is beforehand that an utterance is in the language spoken so far."""
STRONG: Final = 0.85
VERY_CLEAR: Final = 0.99


@dataclass(frozen=True, slots=True)
class LanguageVote:
    """``language`` is spoken until evidence says otherwise; the ``challenger`` had strong evidence last time."""

    language: str
    candidates: tuple[str, ...]
    challenger: str | None = None

    @property
    def open(self) -> bool:
        """Whether there is anything to decide."""
        return len(self.candidates) > 1

    def heard(self, detected: Mapping[str, float]) -> LanguageVote:
        """The vote after an utterance for which the detector gave these probabilities."""
        beliefs = self._beliefs(detected)
        best = max(beliefs, key=lambda language: beliefs[language])
        if best == self.language or beliefs[best] < STRONG:
            return replace(self, challenger=None)
        if beliefs[best] >= VERY_CLEAR or self.challenger == best:
            return replace(self, language=best, challenger=None)
        return replace(self, challenger=best)

    def _beliefs(self, detected: Mapping[str, float]) -> dict[str, float]:
        """The detector's word and ours, over the candidates; ours alone when it says nothing of any of them."""
        others = (1 - STAYS) / max(1, len(self.candidates) - 1)
        beliefs = {
            language: max(0.0, detected.get(language, 0.0)) * (STAYS if language == self.language else others)
            for language in self.candidates
        }
        total = sum(beliefs.values())
        if total <= 0:
            return {language: float(language == self.language) for language in self.candidates}
        return {language: belief / total for language, belief in beliefs.items()}


def begin(language: str, offered: Sequence[str]) -> LanguageVote:
    """The vote at a call's beginning: the line's language, and those that the caller may change to."""
    return LanguageVote(language, tuple(dict.fromkeys((language, *offered))))
