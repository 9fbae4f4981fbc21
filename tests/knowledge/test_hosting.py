from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.workers import WorkerPool
from knowledge.edge import EdgeIndex
from knowledge.errors import KnowledgeUnavailable, UnreadableDocument
from knowledge.hosting import KnowledgeHost, WorkerRetriever, knowledge_host, open_index
from knowledge.index import Record, Space
from knowledge.qdrant import QdrantIndex
from knowledge.query import Query
from knowledge.settings import KnowledgeSettings, QdrantSettings
from tests.knowledge.twins import document, entry, passage

WORDS = KnowledgeSettings(model_languages=())


@pytest.fixture
def host(tmp_path: Path) -> AsyncIterator[KnowledgeHost]:
    made = KnowledgeHost(QdrantSettings(), WORDS, tmp_path / "state")
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "knowledge"
    made.mkdir()
    (made / "delivery.md").write_text("Delivery takes two days.\n")
    (made / "returns.txt").write_text("Returns are free.\n")
    return made


def test_the_index_is_embedded_unless_a_server_is_named(tmp_path: Path) -> None:
    index = open_index(QdrantSettings(), tmp_path)
    assert isinstance(index, EdgeIndex)
    index.close()
    server = open_index(QdrantSettings(url="http://127.0.0.1:9"), tmp_path)
    assert isinstance(server, QdrantIndex)
    server.close()


def test_a_command_line_ingests_searches_and_deletes_without_a_server(host: KnowledgeHost, folder: Path) -> None:
    steps: list[str] = []
    report = host.ingest(folder, "shop", progress=lambda stage, done, total: steps.append(stage))
    assert report.added == ("delivery.md", "returns.txt")
    assert set(steps) == {"read", "embed", "store"}
    assert [made.id for made in host.documents("shop")] == ["delivery.md", "returns.txt"]
    assert host.search(Query("shop", "en", "delivery"))[0].passage.text == "Delivery takes two days."
    assert "Returns are free." in host.texts("shop", "en")
    assert [made.text for made in host.passages("shop", "en")] == ["Delivery takes two days.", "Returns are free."]
    status = host.status("shop")
    assert (status.documents, status.passages, status.languages) == (2, 2, ("en",))
    assert "embedded" in status.backend
    assert host.delete("shop", "returns.txt")
    assert host.status("shop").documents == 1


def test_the_steps_of_an_ingestion_can_be_asked_for_one_by_one(host: KnowledgeHost) -> None:
    space = Space("shop", "en")
    made = entry(space, passage(document("a"), "Delivery takes two days."))
    host.stage(space, [made])
    assert host.search(Query("shop", "en", "delivery")) == []
    host.publish("shop", Record(made.passage.document, made.revision, "/", "", 1))
    assert len(host.search(Query("shop", "en", "delivery"))) == 1
    assert len(host.records("shop")) == 1
    host.withdraw("shop", ["a"])
    assert not host.sweep("shop", [], 10.0)
    assert host.status("shop").documents == 0


async def test_a_worker_searches_and_ingests_and_keeps_what_it_has_when_it_dies(tmp_path: Path, folder: Path) -> None:
    state = tmp_path / "state"
    pool = WorkerPool(knowledge_host, QdrantSettings(), WORDS, state, (), processes=1, name="knowledge")
    await pool.start(60)
    retriever = WorkerRetriever(pool, WORDS, state)
    try:
        assert await retriever.search(Query("shop", "en", "delivery")) == []
        loop_thread_steps: list[tuple[str, int, int]] = []
        answered = 0

        async def keep_asking() -> None:
            nonlocal answered
            while True:
                await retriever.search(Query("shop", "en", "delivery"))
                answered += 1
                await asyncio.sleep(0)

        asking = asyncio.create_task(keep_asking())
        report = await retriever.ingest(folder, tenant="shop", progress=lambda *step: loop_thread_steps.append(step))
        asking.cancel()
        assert len(report.added) == 2
        assert answered > 10, "searches must be answered while documents are ingested"
        assert ("store", 2, 2) in loop_thread_steps
        hits = await retriever.search(Query("shop", "en", "delivery", limit=1))
        assert hits[0].passage.text == "Delivery takes two days."
        assert await retriever.texts("shop", "en") == [
            made
            for passage in await retriever.passages("shop", "en")
            for made in (*passage.headings, *passage.sentences)
        ]
        assert (await retriever.status("shop")).documents == len(await retriever.documents("shop")) == 2
        with pytest.raises(UnreadableDocument):
            await retriever.ingest(tmp_path / "gone", tenant="shop")
        assert (await retriever.status("shop")).serving == {"en": Space("shop", "en"), "ko": Space("shop", "ko")}
        assert await retriever.delete("shop", "returns.txt")
        assert not await retriever.delete("shop", "returns.txt")
        await retriever.prepare()
    finally:
        await pool.close()
    with pytest.raises(KnowledgeUnavailable):
        await retriever.search(Query("shop", "en", "delivery"))


async def test_an_ingestion_that_nobody_waits_for_ends_and_can_be_repeated(tmp_path: Path, folder: Path) -> None:
    state = tmp_path / "state"
    pool = WorkerPool(knowledge_host, QdrantSettings(), WORDS, state, (), processes=1, name="knowledge")
    await pool.start(60)
    retriever = WorkerRetriever(pool, WORDS, state)
    try:
        started = asyncio.Event()
        task = asyncio.create_task(
            retriever.ingest(folder, tenant="shop", progress=lambda stage, done, total: started.set())
        )
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        report = await retriever.ingest(folder, tenant="shop")
        assert len(report.added) + len(report.unchanged) == 2
    finally:
        await pool.close()


async def test_a_worker_serves_the_old_space_until_another_format_took_over(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    host = KnowledgeHost(QdrantSettings(), WORDS, state)
    host.ingest(folder, "shop")
    host.close()
    raised = Space("shop", "en", format=Space("shop", "en").format + 1)
    monkeypatch.setattr("knowledge.ingest.configured", lambda settings, place, tenant, language: raised)
    pool = WorkerPool(knowledge_host, QdrantSettings(), WORDS, state, (), processes=1, name="knowledge")
    await pool.start(60)
    retriever = WorkerRetriever(pool, WORDS, state)
    moved: list[tuple[str, int, int]] = []
    found: list[int] = []

    async def keep_asking() -> None:
        while True:
            found.append(len(await retriever.search(Query("shop", "en", "delivery"))))
            await asyncio.sleep(0)

    try:
        asking = asyncio.create_task(keep_asking())
        report = await retriever.ingest(folder, tenant="shop", progress=lambda *step: moved.append(step))
        asking.cancel()
        assert len(report.unchanged) == 2
        assert ("move", 2, 2) in moved
        assert set(found) == {1}, "at no moment was nothing found"
        status = await retriever.status("shop")
        assert (status.serving["en"], status.following, status.moved) == (raised, {}, None)
    finally:
        await pool.close()


async def test_texts_are_encoded_in_the_worker_in_parts(tmp_path: Path) -> None:
    pool = WorkerPool(knowledge_host, QdrantSettings(), WORDS, tmp_path, (), processes=1, name="knowledge")
    await pool.start(60)
    try:
        texts = [f"parcel number {number}" for number in range(40)]
        found = await WorkerRetriever(pool, WORDS, tmp_path).encode(texts, "en")
        assert len(found) == 40
        assert all("parcel" in one.terms and one.vector is None for one in found)
        assert "39" in found[39].terms
    finally:
        await pool.close()
