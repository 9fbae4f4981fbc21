from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from knowledge.errors import KnowledgeUnavailable
from knowledge.index import Signal, Space
from knowledge.qdrant import open_qdrant
from knowledge.settings import QdrantSettings
from tests.knowledge.twins import document, entry, passage, serve, words

SPACE = Space("한빛/shop", "en")
DELIVERY = passage(document("delivery"), "Delivery takes two days.")


def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    first = open_qdrant(QdrantSettings(), tmp_path)
    serve(first, SPACE, DELIVERY)
    first.close()
    again = open_qdrant(QdrantSettings(), tmp_path)
    assert [made.passage for made in again.scan(SPACE)] == [DELIVERY]
    assert len(again.search(SPACE, {Signal.LEXICAL: words(deliveri=1.0)}, 5)[Signal.LEXICAL]) == 1
    assert again.frequencies(SPACE, Signal.LEXICAL, []).passages == 1
    again.close()


def test_whoever_comes_second_is_told_who_has_it_and_what_to_do(tmp_path: Path) -> None:
    index = open_qdrant(QdrantSettings(), tmp_path)
    with pytest.raises(KnowledgeUnavailable, match=rf"pid {os.getpid()}.*AICC_QDRANT_URL"):
        open_qdrant(QdrantSettings(), tmp_path)
    index.close()
    open_qdrant(QdrantSettings(), tmp_path).close()


def test_a_broken_directory_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "qdrant").mkdir()
    (tmp_path / "qdrant" / "meta.json").write_text("not json")
    with pytest.raises(KnowledgeUnavailable, match="ingest again"):
        open_qdrant(QdrantSettings(), tmp_path)
    (tmp_path / "qdrant" / "meta.json").unlink()
    open_qdrant(QdrantSettings(), tmp_path).close()


def test_a_server_that_does_not_answer_is_unavailable_and_not_empty(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    index = open_qdrant(QdrantSettings(url=f"http://127.0.0.1:{port}", timeout=1), tmp_path)
    assert not index.exclusive
    with pytest.raises(KnowledgeUnavailable, match="AICC_QDRANT_URL"):
        index.search(SPACE, {Signal.LEXICAL: words(deliveri=1.0)}, 5)
    with pytest.raises(KnowledgeUnavailable):
        index.records("shop")
    with pytest.raises(KnowledgeUnavailable):
        index.put(SPACE, [entry(SPACE, DELIVERY)])
    index.close()


def test_names_that_qdrant_does_not_take_stay_apart(tmp_path: Path) -> None:
    index = open_qdrant(QdrantSettings(), tmp_path)
    for tenant in ("a/b", "a:b", "a_b"):
        serve(index, Space(tenant, "en"), passage(document(tenant), f"About {tenant}."))
    for tenant in ("a/b", "a:b", "a_b"):
        assert [made.passage.document.id for made in index.scan(Space(tenant, "en"))] == [tenant]
        assert [record.document.id for record in index.records(tenant)] == [tenant]
    index.close()


def test_a_closed_index_is_unavailable(tmp_path: Path) -> None:
    index = open_qdrant(QdrantSettings(), tmp_path)
    index.close()
    with pytest.raises(KnowledgeUnavailable):
        index.records("shop")
