"""What speaks for an answer: figures of the question, the answer's sentence and passage, and the other hits. Pure.

They are shares and differences of shares, and each is made so that more of it speaks for the answer. A single hit's
figures say how well it meets the question; beside the other hits' they say whether anything here does: the best share
of the question's words in any hit is what tells an absent topic. Confidence is made of these; how, is
``dialog.answers.confidence``'s affair.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from dialog.answers.asking import fits, forms
from dialog.answers.contrast import Sense
from dialog.answers.evidence import alike, content_words, overlap
from dialog.answers.extractive import Extract
from dialog.answers.reading import Reading
from dialog.answers.verifier import numbers
from dialog.parsers.language import language
from dialog.parsers.tables import Prose
from dialog.parsers.text import tokens
from knowledge.document import Hit

UNKNOWN = 0.5
"""The share of what the question does not have (numbers, names): it speaks neither for nor against."""
_MANY_WORDS = 10
"""A question with so many content words says all that it can."""
_NAME = re.compile(r"(?<=\s)[A-Z][\w'’-]+")
_SHARED = ("coverage", "lexical_share", "dense")
"""The hit's own signals that are passed on."""
_SURVEYED = ("coverage", "lexical_share", "dense", "nearest", "sentence")
"""Figures of which the best of all hits counts, too."""
_AHEAD = ("coverage", "lexical_share", "dense", "nearest")
"""Figures of which the distance to the best other hit counts too."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, taken apart."""

    text: str
    code: str
    prose: Prose
    words: tuple[str, ...]
    runs: frozenset[tuple[str, str]]
    numbers: frozenset[str]
    names: tuple[str, ...]
    sense: Sense

    @classmethod
    def of(cls, text: str, code: str) -> _Asked:
        prose = language(code).prose
        names = tuple(_NAME.findall(text))
        words = content_words(text, prose)
        return cls(text, code, prose, words, _runs(text), numbers(text, prose), names, Sense.of(text, code))


class Survey:
    """A question and its hits, looked at as a whole; ``signals`` then tells of one answer among them."""

    def __init__(self, asked: str, code: str, hits: Sequence[Hit], readings: Sequence[Reading]) -> None:
        """Look at all hits, and at how their sentences were read. Raises ``LanguageNotSpoken``."""
        self._asked = _Asked.of(asked, code)
        self._hits = tuple(hits)
        self._chosen = _choices(readings)
        self._found = [_found(hit) for hit in hits]
        self._most = {
            f"most_{name}": max(found[name] for found in self._found if name in found)
            for name in _SURVEYED
            if any(name in found for found in self._found)
        }

    def signals(self, index: int, extracted: Extract) -> dict[str, float]:
        """What speaks for the answer that was taken from the hit at ``index``, by name."""
        hit, asked, focus = self._hits[index], self._asked, extracted.focus
        sentence = extracted.written
        around = " ".join((*hit.passage.headings, hit.passage.document.title, hit.passage.question or ""))
        wanted = forms(asked.text, asked.code)
        return {
            **self._most,
            **self._found[index],
            **_named(asked, f"{around} {hit.passage.text}", "passage"),
            **_named(asked, sentence, "sentence"),
            **self._beside_others(index, focus),
            **self._chosen_of(index, extracted),
            "sentence": hit.sentence_scores[focus],
            "runs_in_sentence": len(asked.runs & _runs(sentence)) / max(1, len(asked.runs)),
            "overlap": overlap(asked.words, f"{extracted.text} {around}"),
            "form": (1.0 + fits(wanted, extracted.text, asked.code)) / 2,
            "question": alike(asked.text, hit.passage.question) if hit.passage.question else 0.0,
            "unopposed": asked.sense.unopposed(sentence),
            "denied_alike": asked.sense.denied_alike(sentence),
            "agreed": float(focus == hit.best),
            "asked": min(1.0, len(asked.words) / _MANY_WORDS),
        }

    def _chosen_of(self, index: int, extracted: Extract) -> dict[str, float]:
        """How the choice among all sentences falls on what is said."""
        place = (index, extracted.focus)
        own = self._chosen.get(place, 0.0)
        sentences = extracted.passage.sentences
        said = [at for at, sentence in enumerate(sentences) if at == extracted.focus or sentence in extracted.quoted]
        return {
            "choice": own,
            "choice_ahead": own - max((share for at, share in self._chosen.items() if at != place), default=0.0),
            "choice_of_said": sum(self._chosen.get((index, at), 0.0) for at in said),
            "choice_of_passage": sum(share for (at, _), share in self._chosen.items() if at == index),
        }

    def _elsewhere(self, index: int) -> float:
        """The best score in another document: passages of one do not compete with one another."""
        here = self._hits[index].passage.document.id
        return max((hit.score for hit in self._hits if hit.passage.document.id != here), default=0.0)

    def _beside_others(self, index: int, focus: int) -> dict[str, float]:
        """How far the hit is ahead of the others, and its sentence of the others in it and elsewhere."""
        hit, others = self._hits[index], [at for at in range(len(self._hits)) if at != index]
        best = max((self._hits[at].score for at in others), default=0.0)
        sentence = hit.sentence_scores[focus]
        beside = max((score for at, score in enumerate(hit.sentence_scores) if at != focus), default=0.0)
        sentences = max((max(self._hits[at].sentence_scores, default=0.0) for at in others), default=0.0)
        ahead = {
            f"ahead_{name}": self._found[index][name]
            - max((self._found[at].get(name, 0.0) for at in others), default=0.0)
            for name in _AHEAD
            if name in self._found[index]
        }
        scores = [one.score for one in self._hits]
        return {
            **ahead,
            "score": hit.score,
            "margin": max(-1.0, min(1.0, hit.score - best)),
            "apart": max(-1.0, min(1.0, hit.score - self._elsewhere(index))),
            "ahead_in_passage": sentence - beside,
            "ahead_sentence": sentence - sentences,
            "spread": scores[0] - sum(scores[1:]) / max(1, len(scores) - 1),
        }


def _found(hit: Hit) -> dict[str, float]:
    """What is known of a hit: how near the nearest of its sentences is in meaning, how well the best one is met, and
    its other signals that are passed on."""
    found = {name: hit.signals[name] for name in _SHARED if name in hit.signals}
    if "sentence" in hit.signals:
        found["nearest"] = hit.signals["sentence"]
    return found | {"sentence": max(hit.sentence_scores, default=0.0)}


def _named(asked: _Asked, text: str, where: str) -> dict[str, float]:
    """The shares (0..1) of the question's numbers and names that ``text`` has."""
    return {
        f"numbers_in_{where}": _share(asked.numbers, numbers(text, asked.prose)),
        f"names_in_{where}": sum(name in text for name in asked.names) / len(asked.names) if asked.names else UNKNOWN,
    }


def _share(wanted: frozenset[str], there: frozenset[str]) -> float:
    return len(wanted & there) / len(wanted) if wanted else UNKNOWN


def _choices(readings: Sequence[Reading]) -> dict[tuple[int, int], float]:
    """How the choice among all sentences falls: their shares, which sum to 1."""
    best = max((reading.score for reading in readings), default=0.0)
    raised = {(reading.hit, reading.sentence): math.exp(reading.score - best) for reading in readings}
    total = sum(raised.values())
    return {place: value / total for place, value in raised.items()}


@lru_cache(maxsize=20_000)
def _runs(text: str) -> frozenset[tuple[str, str]]:
    """Words that follow one another. Remembered, as their character pairs are."""
    return frozenset(pairwise(token.text for token in tokens(text)))
