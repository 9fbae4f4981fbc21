"""What an intent head is held against: TF-IDF and logistic regression, as anybody would begin.

Words and pairs of words; of Korean, which writes words with their particles, runs of one to three characters instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class PlainIntents:
    """A pipeline of scikit-learn's with its defaults but for ``C``."""

    def __init__(self, examples: Mapping[str, Sequence[str]], language: str) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        words = {"analyzer": "char_wb", "ngram_range": (1, 3)} if language == "ko" else {"ngram_range": (1, 2)}
        self._pipeline: Any = make_pipeline(
            TfidfVectorizer(sublinear_tf=True, **words), LogisticRegression(C=10.0, max_iter=200)
        )
        texts = [text for of_intent in examples.values() for text in of_intent]
        self._pipeline.fit(texts, [intent for intent, of_intent in examples.items() for _ in of_intent])

    def judge(self, texts: Sequence[str]) -> tuple[list[str], NDArray[np.float64]]:
        """The most probable intent of each text, and how probable that is."""
        if not texts:
            return [], np.empty(0)
        shares = self._pipeline.predict_proba(texts)
        return [str(self._pipeline.classes_[at]) for at in shares.argmax(axis=1)], shares.max(axis=1)
