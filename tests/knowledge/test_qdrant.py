from __future__ import annotations

import socket

import pytest
from qdrant_client import QdrantClient

from knowledge.errors import KnowledgeUnavailable
from knowledge.index import Signal, Space
from knowledge.qdrant import QdrantIndex, open_qdrant
from knowledge.settings import QdrantSettings
from tests.knowledge.twins import document, entry, passage, serve, words

SPACE = Space("한빛/shop", "en")
DELIVERY = passage(document("delivery"), "Delivery takes two days.")
RETURNS = passage(document("returns"), "Returns are free.")


def test_a_server_that_does_not_answer_is_unavailable_and_not_empty() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    index = open_qdrant(QdrantSettings(url=f"http://127.0.0.1:{port}", timeout=1))
    assert not index.exclusive
    with pytest.raises(KnowledgeUnavailable, match="AICC_QDRANT_URL"):
        index.search(SPACE, {Signal.LEXICAL: words(deliveri=1.0)}, 5)
    with pytest.raises(KnowledgeUnavailable):
        index.records("shop")
    with pytest.raises(KnowledgeUnavailable):
        index.put(SPACE, [entry(SPACE, DELIVERY)])
    index.close()


def test_without_a_url_there_is_no_server() -> None:
    with pytest.raises(ValueError, match="embedded"):
        open_qdrant(QdrantSettings())


def test_processes_on_one_server_find_each_others_counts() -> None:
    client = QdrantClient(":memory:")
    first, second = QdrantIndex(client, "memory"), QdrantIndex(client, "memory")
    serve(first, SPACE, DELIVERY)
    assert second.frequencies(SPACE, Signal.LEXICAL, []).passages == 1
    serve(first, SPACE, RETURNS)
    assert second.frequencies(SPACE, Signal.LEXICAL, []).passages == 2
    client.close()


def test_a_closed_index_is_unavailable() -> None:
    index = QdrantIndex(QdrantClient(":memory:"), "memory")
    index.close()
    with pytest.raises(KnowledgeUnavailable):
        index.records("shop")
