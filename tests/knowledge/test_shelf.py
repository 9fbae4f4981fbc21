from __future__ import annotations

from knowledge.index import Record, Space
from knowledge.memory import MemoryIndex
from knowledge.shelf import AT_ONCE, GRACE, IndexShelf, spaces
from tests.knowledge.twins import document, entry, passage

SPACE = Space("shop", "en")
NOW = 1_000_000.0


class Shared(MemoryIndex):
    exclusive = False


def ids(index: MemoryIndex) -> set[str]:
    return {f"{made.passage.document.id}/{made.revision}" for made in index.scan(SPACE)}


def staged(shelf: IndexShelf, key: str, revision: str, at: float = NOW) -> None:
    shelf.stage(SPACE, [entry(SPACE, passage(document(key), "Words."), revision, at)])


def test_what_is_published_stays_and_everything_else_is_swept() -> None:
    index = MemoryIndex()
    shelf = IndexShelf(index)
    for key, revision in (("a", "1"), ("a", "2"), ("b", "1"), ("orphan", "1")):
        staged(shelf, key, revision)
    shelf.publish("shop", Record(document("a"), "2", "/", "", 1))
    shelf.publish("shop", Record(document("b"), "1", "/", "", 1))
    assert not shelf.sweep("shop", [], NOW)
    assert ids(index) == {"a/2", "b/1"}


def test_what_was_withdrawn_is_swept() -> None:
    index = MemoryIndex()
    shelf = IndexShelf(index)
    staged(shelf, "a", "1")
    shelf.publish("shop", Record(document("a"), "1", "/", "", 1))
    shelf.withdraw("shop", ["a", "never there"])
    shelf.sweep("shop", [], NOW)
    assert ids(index) == set()


def test_a_local_index_is_swept_a_few_at_a_time() -> None:
    index = MemoryIndex()
    shelf = IndexShelf(index)
    for at in range(AT_ONCE + 5):
        staged(shelf, f"d{at}", "1")
    assert shelf.sweep("shop", [], NOW)
    assert len(ids(index)) == 5
    assert not shelf.sweep("shop", [], NOW)
    assert ids(index) == set()


def test_what_somebody_else_is_staging_just_now_is_left_alone() -> None:
    index = Shared()
    shelf = IndexShelf(index)
    staged(shelf, "fresh", "1", NOW - 10)
    staged(shelf, "abandoned", "1", NOW - GRACE - 1)
    shelf.sweep("shop", [], NOW)
    assert ids(index) == {"fresh/1"}


def test_spaces_of_models_that_were_left_are_swept_too() -> None:
    index = MemoryIndex()
    old = Space("shop", "en", "old model", 48)
    index.put(old, [entry(old, passage(document("a"), "Words."), "1")])
    IndexShelf(index).sweep("shop", ["old model"], NOW)
    assert list(index.scan(old)) == []
    assert old in spaces("shop", ["old model"])
