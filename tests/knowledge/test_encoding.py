"""Terms and vectors of texts, with an embedder that tells what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.embedder import Matrix, ModelPlace, Role
from knowledge.encoding import TextEncoder
from knowledge.errors import KnowledgeError, KnowledgeUnavailable
from knowledge.settings import KnowledgeSettings


class Lengths:
    """Vectors that say how long a text is."""

    name = "lengths"
    dimension = 2

    def embed(self, texts: Sequence[str], role: Role) -> Matrix:
        assert role is Role.QUERY
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


def encoder(embedder: Lengths | None = None) -> TextEncoder:
    place = ModelPlace("none", "none", Path("nowhere"))
    return TextEncoder(KnowledgeSettings(model_languages=("en",)), place, embedder=embedder)


def test_texts_get_the_terms_of_their_language_and_vectors_in_their_order() -> None:
    texts = [f"{'very ' * number}late parcels" for number in range(40, 0, -1)]
    found = encoder(Lengths()).encode(texts, "en")
    assert "parcel" in found[0].terms
    assert [one.vector[0] for one in found if one.vector is not None] == [len(text) for text in texts]


def test_a_language_that_no_model_reads_has_terms_alone() -> None:
    (found,) = encoder().encode(["배송비가 얼마예요"], "ko")
    assert found.vector is None
    assert any(term.startswith("배송") for term in found.terms)


def test_a_model_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KnowledgeUnavailable):
        encoder().encode(["late"], "en")


def test_a_language_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(KnowledgeError):
        encoder().encode(["tard"], "fr")
