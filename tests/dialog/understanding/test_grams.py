"""Texts as bags of pieces."""

from __future__ import annotations

import numpy as np
import pytest

from dialog.understanding.grams import Space, pieces


def likeness(space: Space, one: str, other: str) -> float:
    first, second = space.matrix([pieces(one), pieces(other)])
    return float(first @ second)


@pytest.fixture
def space() -> Space:
    texts = ["배송비가 얼마예요", "반품은 언제까지 되나요", "how much is delivery", "when can i return it"]
    return Space.over([pieces(text) for text in texts])


def test_case_signs_and_spaces_hardly_matter(space: Space) -> None:
    assert pieces("How MUCH is delivery?!") == pieces("how much is delivery")
    assert likeness(space, "배송비가 얼마예요", "배송비가얼마예요") > 0.5
    assert likeness(space, "배송비가 얼마예요", "반품은 언제까지 되나요") < 0.2


def test_rows_have_length_one_and_unknown_texts_length_zero(space: Space) -> None:
    rows = space.matrix([pieces("delivery"), pieces("ѫѭѯ")])
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1.0, 0.0])


def test_rare_pieces_weigh_more() -> None:
    space = Space.over([pieces("red shoes"), pieces("red hats"), pieces("red socks")])
    assert space.weights[space.places["w:shoes"]] > space.weights[space.places["w:red"]]


def test_a_very_long_text_is_cut() -> None:
    assert pieces("word " * 10_000) == pieces("word " * 80)
