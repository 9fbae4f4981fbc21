from __future__ import annotations

from collections.abc import Sequence

import pytest

from knowledge.errors import KnowledgeUnavailable
from knowledge.index import Entry, Record, Signal, Space
from knowledge.memory import MemoryIndex
from knowledge.resident import ResidentIndex
from tests.knowledge.twins import document, entry, passage, serve, words

SPACE = Space("shop", "en")
DELIVERY = passage(document("delivery"), "Delivery takes two days.")
RETURNS = passage(document("returns"), "Returns are free.")


class Failing(MemoryIndex):
    def put(self, space: Space, entries: Sequence[Entry]) -> None:
        raise KnowledgeUnavailable("disk full")


class Shared(MemoryIndex):
    exclusive = False


def test_what_the_durable_index_holds_is_found_after_a_restart() -> None:
    durable = MemoryIndex()
    serve(ResidentIndex(durable), SPACE, DELIVERY, RETURNS)
    again = ResidentIndex(durable)
    assert len(again.search(SPACE, {Signal.LEXICAL: words(deliveri=1.0)}, 5)[Signal.LEXICAL]) == 1
    assert len(again.records("shop")) == 2


def test_what_is_written_is_durable_and_seen_at_once() -> None:
    durable = MemoryIndex()
    index = ResidentIndex(durable)
    assert index.search(SPACE, {Signal.LEXICAL: words(deliveri=1.0)}, 5)[Signal.LEXICAL] == []
    serve(index, SPACE, DELIVERY)
    assert [made.id for made in durable.scan(SPACE)] == [entry(SPACE, DELIVERY).id]
    assert len(index.search(SPACE, {Signal.LEXICAL: words(deliveri=1.0)}, 5)[Signal.LEXICAL]) == 1
    index.drop(SPACE, [entry(SPACE, DELIVERY).id])
    index.withdraw("shop", "delivery")
    assert list(durable.scan(SPACE)) == list(index.scan(SPACE)) == []
    assert durable.records("shop") == index.records("shop") == []


def test_what_could_not_be_written_is_not_served() -> None:
    index = ResidentIndex(Failing())
    with pytest.raises(KnowledgeUnavailable):
        index.put(SPACE, [entry(SPACE, DELIVERY)])
    assert list(index.scan(SPACE)) == []


def test_an_index_that_others_write_to_is_refused() -> None:
    with pytest.raises(ValueError, match="others"):
        ResidentIndex(Shared())


def test_publishing_moves_the_record() -> None:
    durable = MemoryIndex()
    durable.publish("shop", Record(document("a"), "1", "/", "", 1))
    index = ResidentIndex(durable)
    index.publish("shop", Record(document("a"), "2", "/", "", 1))
    assert [record.revision for record in index.records("shop", ["a"])] == ["2"]
    assert [record.revision for record in durable.records("shop")] == ["2"]
