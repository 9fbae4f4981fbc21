"""Plain forms remember where their characters came from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialog.parsers.text import canonical, plain, tokens


def test_tokens_are_lower_case_words_without_apostrophes() -> None:
    assert [token.text for token in tokens("That's 2026-1187, OK?")] == ["thats", "2026", "1187", "ok"]


def test_the_plain_form_leads_back_to_the_original() -> None:
    text = "저기요, 상담원  연결!"
    form = plain(text, spaced=False)
    at = form.text.index("상담원연결")
    start, end = form.original(at, at + 5)
    assert text[start:end] == "상담원  연결"
    assert plain(text, spaced=True).text == "저기요 상담원 연결"


def test_canonical_composes_and_flattens() -> None:
    decomposed = "가나\t\n다\x00"
    assert canonical(decomposed) == "가나 다"


@given(st.text(max_size=60), st.booleans())
def test_origins_are_within_the_text_and_in_order(text: str, spaced: bool) -> None:
    form = plain(text, spaced=spaced)
    assert len(form.text) == len(form.origins)
    assert all(0 <= origin < len(text) for origin in form.origins)
    assert list(form.origins) == sorted(form.origins)
