from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.embedder import Role
from knowledge.index import Signal, Space
from knowledge.memory import ROOM, MemoryIndex
from tests.knowledge.twins import HashedEmbedder, document, entry, passage, words

SPACE = Space("shop", "en", "hashed", HashedEmbedder.dimension)
WORDS = ["delivery", "return", "jeju", "point", "refund"]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 4)), max_size=40))
def test_whatever_is_added_and_removed_the_rest_is_found_as_in_a_fresh_index(
    steps: list[tuple[bool, int, int]],
) -> None:
    grown = MemoryIndex()
    alive = {}
    for add, key, word in steps:
        made = entry(SPACE, passage(document(f"d{key}"), f"The {WORDS[word]} is here."))
        if add:
            grown.put(SPACE, [made])
            alive[made.id] = made
        else:
            grown.drop(SPACE, [made.id])
            alive.pop(made.id, None)
    fresh = MemoryIndex()
    fresh.put(SPACE, list(alive.values()))
    probes = {
        Signal.LEXICAL: words(deliveri=1.0, refund=0.5),
        Signal.DENSE: HashedEmbedder().embed(["jeju"], Role.QUERY)[0],
        Signal.SENTENCE: HashedEmbedder().embed(["point"], Role.QUERY)[0],
    }
    for signal, ranking in grown.search(SPACE, probes, 100).items():
        expected = dict(fresh.search(SPACE, probes, 100)[signal])
        assert dict(ranking).keys() == expected.keys()
        assert all(abs(score - expected[key]) < 1e-5 for key, score in ranking)


def test_what_was_removed_is_cleared_out_in_time() -> None:
    index = MemoryIndex()
    entries = [entry(SPACE, passage(document(f"d{at}"), "Delivery.")) for at in range(ROOM * 2)]
    index.put(SPACE, entries)
    index.drop(SPACE, [made.id for made in entries[1:]])
    assert [found.id for found in index.scan(SPACE)] == [entries[0].id]
    assert index.search(SPACE, {Signal.LEXICAL: words(deliveri=1.0)}, 5)[Signal.LEXICAL][0][0] == entries[0].id


def test_only_as_many_as_asked_come_back_best_first() -> None:
    index = MemoryIndex()
    index.put(SPACE, [entry(SPACE, passage(document(f"d{n}"), "jeju " * (n + 1) + "x " * (20 - n))) for n in range(20)])
    ranking = index.search(SPACE, {Signal.LEXICAL: words(jeju=1.0)}, 3)[Signal.LEXICAL]
    assert len(ranking) == 3
    assert [score for _, score in ranking] == sorted((score for _, score in ranking), reverse=True)


def test_closing_forgets() -> None:
    index = MemoryIndex()
    index.put(SPACE, [entry(SPACE, passage(document("d"), "Delivery."))])
    index.close()
    assert list(index.scan(SPACE)) == []
