from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.embedder import ModelPlace, QueryEmbedder, Role
from knowledge.errors import KnowledgeError
from knowledge.index import Space, entry_id
from knowledge.preparing import Preparing
from tests.knowledge import engines
from tests.knowledge.twins import NO_MODEL, document, entry, passage

RETURNS = passage(document("returns"), "Returns are free within 30 days. Keep the box.", heading="Returns")


def test_words_are_prepared_as_everywhere_else() -> None:
    space = Space("shop", "en")
    with Preparing(NO_MODEL) as preparing:
        (made,) = preparing.entries(space, [RETURNS], "7", 5.0)
    expected = entry(space, RETURNS, "7", 5.0)
    assert made == expected
    assert made.id == entry_id(space, RETURNS.id, "7")


def test_with_a_model_there_is_a_vector_for_the_passage_each_sentence_and_the_label() -> None:
    place = engines.converted()
    space = Space("shop", "en", place.name, place.card().dimension)
    (made,) = engines.preparing().entries(space, [RETURNS], "1", 0.0)
    assert made.dense is not None
    assert made.rows is not None
    assert made.rows.shape == (3, 384)
    assert len(made.sentence_terms) == 3
    served = QueryEmbedder(place)
    sentence, label = served.embed(["Keep the box.", "Returns"], Role.PASSAGE)
    assert made.rows[1] @ sentence > 0.98
    assert made.rows[2] @ label > 0.98
    assert np.isclose(np.linalg.norm(made.dense), 1.0, atol=1e-4)


def test_a_model_that_cannot_be_loaded_is_an_error_that_names_it(tmp_path: Path) -> None:
    place = ModelPlace("broken", str(tmp_path), tmp_path / "converted")
    with Preparing(place) as preparing, pytest.raises(KnowledgeError, match="holds no sentence-transformers model"):
        preparing.model()
