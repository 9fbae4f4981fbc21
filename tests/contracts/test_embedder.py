"""What every embedder promises: the twin without a model, the reference engine, and the one that serves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from knowledge.embedder import Embedder, Matrix, QueryEmbedder, Role
from tests.knowledge import engines
from tests.knowledge.twins import HashedEmbedder

TEXTS = [
    "How long does delivery take?",
    "Refunds are issued within three days of receiving the product.",
    "You can pay by card, bank transfer or gift card; " * 20,
    "delivery",
    "배송은 이틀 걸립니다.",
]


class Reference:
    """The reference engine, in the preparing process where torch belongs."""

    @property
    def name(self) -> str:
        return engines.place().name

    @property
    def dimension(self) -> int:
        return engines.converted().card().dimension

    def embed(self, texts: Sequence[str], role: Role) -> Matrix:
        return engines.preparing().embed(texts, role)


@pytest.fixture(params=["twin", "sentence-transformers", "ctranslate2"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    match request.param:
        case "twin":
            return HashedEmbedder()
        case "sentence-transformers":
            return Reference()
        case _:
            return QueryEmbedder(engines.converted())


def test_each_text_gets_a_unit_vector(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS, Role.PASSAGE)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    assert embedder.name


def test_no_text_gets_no_vector(embedder: Embedder) -> None:
    assert embedder.embed([], Role.QUERY).shape == (0, embedder.dimension)


def test_neighbours_in_a_batch_change_nothing(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS, Role.QUERY)
    alone = np.vstack([embedder.embed([text], Role.QUERY) for text in TEXTS])
    assert np.all(np.sum(together * alone, axis=1) > 0.999)


def test_what_is_alike_is_near(embedder: Embedder) -> None:
    question, near, far = embedder.embed(
        ["how long does delivery take", "delivery does take how long", "gift wrapping costs money"], Role.QUERY
    )
    assert question @ near > question @ far + 0.2


def test_both_engines_agree() -> None:
    served = QueryEmbedder(engines.converted()).embed(TEXTS, Role.QUERY)
    reference = Reference().embed(TEXTS, Role.QUERY)
    assert np.all(np.sum(served * reference, axis=1) >= 0.98)
