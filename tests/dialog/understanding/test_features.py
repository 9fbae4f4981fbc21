"""Rows of features: likenesses, and what is done without an encoder."""

from __future__ import annotations

import numpy as np
import pytest

from dialog.understanding.features import Gallery, Seen, Space

TEXTS = [
    Seen(text)
    for text in ("배송비가 얼마예요", "반품은 언제까지 되나요", "how much is delivery", "when can i return it")
]
EAST, WEST = np.eye(2, dtype=np.float32)


def likeness(space: Space, one: Seen, other: Seen) -> float:
    return float(Gallery.of(space.rows([one])).likeness(space.rows([other]))[0, 0])


def test_rows_have_length_one_and_unknown_texts_length_zero() -> None:
    rows = Space.over(TEXTS).rows([Seen("delivery"), Seen("ѫѭѯ")]).toarray()
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1.0, 0.0])


def test_rare_pieces_weigh_more() -> None:
    space = Space.over([Seen("red shoes"), Seen("red hats"), Seen("red socks")])
    assert likeness(space, Seen("red shoes"), Seen("shoes")) > likeness(space, Seen("red shoes"), Seen("red"))


def test_terms_make_texts_alike_that_share_no_piece() -> None:
    inn, hotel = Seen("inn", ("lodging",)), Seen("hotel", ("lodging",))
    other = Seen("bus", ("vehicle",))
    space = Space.over([inn, hotel, other])
    assert likeness(space, inn, hotel) > likeness(space, inn, other) == 0.0


def test_vectors_count_only_where_all_texts_have_one() -> None:
    near, far = Seen("inn", vector=EAST), Seen("hotel", vector=EAST)
    assert likeness(Space.over([near, far]), near, far) > 0.7
    assert likeness(Space.over([near, Seen("hotel")]), near, far) < 0.3


def test_a_gallery_compares_as_plain_products_do() -> None:
    texts = [*TEXTS, *(Seen(f"delivery number {number}") for number in range(30))]
    rows = Space.over(texts).rows(texts)
    dense = rows.toarray()
    assert Gallery.of(rows).likeness(rows, block=7) == pytest.approx(dense @ dense.T, abs=1e-5)
