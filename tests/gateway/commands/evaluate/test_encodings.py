from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from gateway.commands.evaluate.encodings import KeptVectors, sight
from knowledge.embedder import LazyEmbedder, Matrix, ModelPlace, Role


def test_texts_are_seen_with_their_terms(tmp_path: Path) -> None:
    with sight(tmp_path, ["en"], lambda line: None) as seeing:
        many = seeing.many(["late parcels", "refunds"], "en")
        one = seeing.one("late parcels", "en")
    assert [seen.text for seen in many] == ["late parcels", "refunds"]
    assert one.terms == many[0].terms
    assert "parcel" in one.terms
    assert one.vector is None  # no model is configured here


def test_no_text_is_embedded_twice_not_even_in_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def embed(self: LazyEmbedder, texts: Sequence[str], role: Role) -> Matrix:
        asked.extend(texts)
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)

    monkeypatch.setattr(LazyEmbedder, "embed", embed)
    place, kept = ModelPlace("none", "none", tmp_path), tmp_path / "kept" / "vectors.npz"
    for _ in range(2):
        vectors = KeptVectors(place, kept, lambda line: None)
        found = vectors.embed(["aa", "b", "aa"], Role.QUERY)
        assert found[:, 0].tolist() == [2.0, 1.0, 2.0]
        vectors.keep()
    assert asked == ["aa", "b"]
