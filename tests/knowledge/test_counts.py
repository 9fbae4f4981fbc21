from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from knowledge.counts import TermCounts, words_of
from knowledge.index import Signal, Space
from tests.knowledge.twins import document, entry, passage

TERMS = st.frozensets(st.integers(0, 9), max_size=6)


@given(st.lists(TERMS), st.data())
def test_what_is_removed_counts_as_if_it_had_never_been(kept: list[frozenset[int]], data: st.DataObject) -> None:
    passing = data.draw(st.lists(TERMS))
    counts, fresh = TermCounts(), TermCounts()
    for terms in [*kept, *passing]:
        counts.add(Signal.LEXICAL, terms)
    for terms in passing:
        counts.remove(Signal.LEXICAL, terms)
    fresh.add_all(Signal.LEXICAL, [sorted(terms) for terms in kept])
    assert counts.frequencies(Signal.LEXICAL, range(10)) == fresh.frequencies(Signal.LEXICAL, range(10))
    again = TermCounts.of(json.loads(json.dumps(counts.values())))
    assert again.frequencies(Signal.LEXICAL, range(10)) == fresh.frequencies(Signal.LEXICAL, range(10))


def test_an_entry_has_terms_for_each_signal_of_words_in_its_language() -> None:
    english = entry(Space("shop", "en"), passage(document("a"), "Delivery takes two days."))
    korean = entry(Space("shop", "ko"), passage(document("b", "ko"), "배송은 이틀 걸립니다."))
    assert words_of(english)[Signal.LEXICAL] == english.lexical.indices
    assert words_of(korean).keys() == words_of(english).keys() == {Signal.LEXICAL, Signal.CHARACTERS}
    assert words_of(replace(korean, characters=None)).keys() == {Signal.LEXICAL}
