"""What speaks for an answer: figures of the question, the answer's sentence and passage, and the other hits. Pure.

They are shares and differences of shares, the same in every language, so that what is learnt of them in one holds in
another. A single hit's figures say how well it meets the question; beside the other hits' they say whether anything
here does: the best share of the question's words in any hit is what tells an absent topic. Confidence is made of
these; how, is ``dialog.answers.confidence``'s affair.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from dialog.answers.asking import fits, forms
from dialog.answers.evidence import alike, content_words, overlap, pairs
from dialog.answers.extractive import Extract
from dialog.answers.reading import Reading
from dialog.answers.verifier import numbers
from dialog.parsers.language import language
from dialog.parsers.tables import Prose
from dialog.parsers.text import tokens
from knowledge.document import Hit

UNKNOWN = 0.5
"""The share of what the question does not have (numbers, names): it speaks neither for nor against."""
_WHOLE = 0.99
_MANY_WORDS = 10
"""A question with so many content words says all that it can."""
_MOST_SAID = 3
"""Sentences that an answer usually has at most."""
_NAME = re.compile(r"(?<=\s)[A-Z][\w'’-]+")
_SHARED = ("coverage", "lexical_share", "dense", "sentence")
"""The hit's own signals that are passed on, the last as ``nearest``."""
_SURVEYED = (
    "coverage",
    "lexical_share",
    "dense",
    "nearest",
    "sentence",
    "words_in_passage",
    "words_in_sentence",
    "least_in_passage",
    "longest_in_passage",
    "runs_in_sentence",
)
"""Figures of which the best and the mean over all hits count too."""
_AHEAD = ("coverage", "lexical_share", "dense", "nearest")
"""Figures of which the distance to the best other hit counts too."""

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, taken apart."""

    text: str
    code: str
    prose: Prose
    words: tuple[str, ...]
    pairs: tuple[frozenset[str], ...]
    runs: frozenset[tuple[str, str]]
    numbers: frozenset[str]
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str, code: str) -> _Asked:
        prose = language(code).prose
        names = tuple(_NAME.findall(text))
        words = content_words(text, prose)
        return cls(text, code, prose, words, tuple(map(pairs, words)), _runs(text), numbers(text, prose), names)


class Survey:
    """A question and its hits, looked at as a whole; ``signals`` then tells of one answer among them."""

    def __init__(self, asked: str, code: str, hits: Sequence[Hit], readings: Sequence[Reading]) -> None:
        """Look at all hits, and at how their sentences were read. Raises ``LanguageNotSpoken``."""
        self._asked = _Asked.of(asked, code)
        self._hits = tuple(hits)
        self._chosen = _choices(readings)
        self._read = {(reading.hit, reading.sentence): reading.features for reading in readings}
        self._passages = [_in_passage(self._asked, hit) for hit in hits]
        tops = [
            {**of, **_in_sentence(self._asked, hit, hit.best)} if hit.passage.sentences else of
            for hit, of in zip(hits, self._passages, strict=True)
        ]
        self._whole: dict[str, float] = {}
        for name in _SURVEYED:
            column = [top.get(name, 0.0) for top in tops]
            self._whole[f"most_{name}"] = max(column, default=0.0)
            self._whole[f"mean_{name}"] = sum(column) / max(1, len(column))

    def signals(self, index: int, extracted: Extract) -> dict[str, float]:
        """What speaks for the answer that was taken from the hit at ``index``, by name."""
        hit, asked = self._hits[index], self._asked
        passage = self._passages[index]
        around = " ".join((*hit.passage.headings, hit.passage.document.title, hit.passage.question or ""))
        return {
            **self._whole,
            **passage,
            **_in_sentence(asked, hit, extracted.focus),
            **self._beside_others(index, hit.sentence_scores[extracted.focus]),
            **self._chosen_of(index, extracted),
            "overlap": overlap(asked.words, f"{extracted.text} {around}"),
            "form": (1.0 + fits(forms(asked.text, asked.code), extracted.text, asked.code)) / 2,
            "question": alike(asked.text, hit.passage.question) if hit.passage.question else 0.0,
            "agreed": float(extracted.focus == hit.best),
            "rank": float(index),
            "asked": min(1.0, len(asked.words) / _MANY_WORDS),
            "wanted": float(bool(forms(asked.text, asked.code))),
        }

    def _chosen_of(self, index: int, extracted: Extract) -> dict[str, float]:
        """How the choice among all sentences falls on what is said, and how much of its passage that is."""
        place = (index, extracted.focus)
        own, read = self._chosen.get(place, 0.0), self._read.get(place, {})
        sentences = extracted.passage.sentences
        quoted = " ".join(said.citation.quote for said in extracted.sentences if said.citation is not None)
        said = [at for at, sentence in enumerate(sentences) if at == extracted.focus or sentence in quoted]
        return {
            "choice": own,
            "choice_ahead": own - max((share for at, share in self._chosen.items() if at != place), default=0.0),
            "choice_of_said": sum(self._chosen.get((index, at), 0.0) for at in said),
            "choice_of_passage": sum(share for (at, _), share in self._chosen.items() if at == index),
            "said": len(said) / _MOST_SAID,
            "said_of_passage": len(said) / len(sentences),
            "rare_in_sentence": read.get("words", 0.0),
            "rare_around": read.get("context", 0.0),
            "late": read.get("late", 0.0),
        }

    def _elsewhere(self, index: int) -> float:
        """The best score in another document: passages of one do not compete with one another."""
        here = self._hits[index].passage.document.id
        return max((hit.score for hit in self._hits if hit.passage.document.id != here), default=0.0)

    def _beside_others(self, index: int, sentence: float) -> dict[str, float]:
        hit, others = self._hits[index], [at for at in range(len(self._hits)) if at != index]
        best = max((self._hits[at].score for at in others), default=0.0)
        sentences = max((max(self._hits[at].sentence_scores, default=0.0) for at in others), default=0.0)
        ahead = {
            f"ahead_{name}": self._passages[index].get(name, 0.0)
            - max((self._passages[at].get(name, 0.0) for at in others), default=0.0)
            for name in _AHEAD
        }
        scores = [hit.score for hit in self._hits]
        return {
            **ahead,
            "score": hit.score,
            "margin": max(-1.0, min(1.0, hit.score - best)),
            "apart": max(-1.0, min(1.0, hit.score - self._elsewhere(index))),
            "ahead_sentence": sentence - sentences,
            "spread": scores[0] - sum(scores[1:]) / max(1, len(scores) - 1),
        }


def _in_passage(asked: _Asked, hit: Hit) -> dict[str, float]:
    """How much of the question stands in the passage and what is around it, with the hit's own signals."""
    passage = hit.passage
    text = " ".join((*passage.headings, passage.document.title, passage.question or "", passage.text))
    found = {name: hit.signals[name] for name in _SHARED[:-1] if name in hit.signals}
    if "sentence" in hit.signals:
        found["nearest"] = hit.signals["sentence"]
    return found | _shares(asked, text, "passage")


def _in_sentence(asked: _Asked, hit: Hit, focus: int) -> dict[str, float]:
    """How much of it stands in one sentence, and how well retrieval finds that it meets the question."""
    return _shares(asked, hit.passage.sentences[focus], "sentence") | {"sentence": hit.sentence_scores[focus]}


def _shares(asked: _Asked, text: str, where: str) -> dict[str, float]:
    """The shares (0..1) of the question's words, word pairs, numbers and names that ``text`` has."""
    there = pairs(text)
    found = [len(own & there) / max(1, len(own)) for own in asked.pairs]
    total = sum(map(len, asked.words))
    weighed = sum(len(word) * share for word, share in zip(asked.words, found, strict=True))
    longest = max(range(len(found)), key=lambda at: len(asked.words[at]), default=None)
    return {
        f"words_in_{where}": weighed / total if total else 0.0,
        f"least_in_{where}": min(found, default=0.0),
        f"whole_in_{where}": sum(share >= _WHOLE for share in found) / max(1, len(found)),
        f"longest_in_{where}": 0.0 if longest is None else found[longest],
        f"runs_in_{where}": len(asked.runs & _runs(text)) / max(1, len(asked.runs)),
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
