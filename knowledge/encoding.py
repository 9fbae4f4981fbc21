"""Texts as search sees them, for whoever else compares texts: the terms of their language, and vectors where a model
reads it.

Refuses: a language that is not spoken here; texts half encoded (a model that cannot serve is an error, not a gap).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge import lexical
from knowledge.embedder import Embedder, LazyEmbedder, ModelPlace, Role
from knowledge.settings import KnowledgeSettings

_BATCH = 32


@dataclass(frozen=True, slots=True)
class Encoded:
    """The terms of a text in their order, and its vector (length 1); ``None`` in languages that no model reads."""

    terms: tuple[str, ...]
    vector: NDArray[np.float32] | None


class TextEncoder:
    """Encodes texts in this process; the model is loaded by the first that needs it."""

    def __init__(self, settings: KnowledgeSettings, place: ModelPlace, *, embedder: Embedder | None = None) -> None:
        self._languages = settings.model_languages
        self._embedder = embedder or LazyEmbedder(place)

    def encode(self, texts: Sequence[str], language: str) -> list[Encoded]:
        """The texts in order. Raises ``KnowledgeError`` for an unknown language, ``KnowledgeUnavailable`` while the
        language's model cannot serve."""
        analyzer = lexical.analyzer(language)
        terms = [tuple(analyzer.terms(text)) for text in texts]
        if language not in self._languages or not texts:
            return [Encoded(words, None) for words in terms]
        vectors = np.empty((len(texts), self._embedder.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))  # a batch takes as long as its longest text
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            vectors[some] = self._embedder.embed([texts[at] for at in some], Role.QUERY)
        return [Encoded(words, vector) for words, vector in zip(terms, vectors, strict=True)]
