"""Texts as bags of pieces."""

from __future__ import annotations

from dialog.understanding.grams import pieces


def shared(one: str, other: str) -> float:
    first, second = pieces(one), pieces(other)
    return (first & second).total() / max(first.total(), second.total())


def test_case_signs_and_spaces_hardly_matter() -> None:
    assert pieces("How MUCH is delivery?!") == pieces("how much is delivery")
    assert shared("배송비가 얼마예요", "배송비가얼마예요") > 0.5
    assert shared("배송비가 얼마예요", "반품은 언제까지 되나요") < 0.2


def test_a_text_of_nothing_has_no_words() -> None:
    assert not [piece for piece in pieces("?!") if piece.startswith(("w:", "p:"))]


def test_a_very_long_text_is_cut() -> None:
    assert pieces("word " * 10_000) == pieces("word " * 80)
