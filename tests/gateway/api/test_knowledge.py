from __future__ import annotations

from pathlib import Path

import pytest

from gateway.api import knowledge
from knowledge.document import Document
from knowledge.hosting import KnowledgeStatus
from knowledge.index import Space
from knowledge.ingest import IngestReport
from tests.gateway.http import client


class Store:
    def __init__(self) -> None:
        self.ingested: list[tuple[str | None, str, bytes | None]] = []
        self.failed: tuple[tuple[str, str], ...] = ()

    async def documents(self, tenant: str) -> list[Document]:
        return [Document("en/a.md", "A", "en", "d")]

    async def ingest(self, path: Path, *, tenant: str, name: str | None = None) -> IngestReport:
        self.ingested.append((name, path.name, path.read_bytes() if path.is_file() else None))
        return IngestReport(("en/a.md",), (), (), (), self.failed, (), 1, 0.1)

    async def status(self, tenant: str) -> KnowledgeStatus:
        old, new = Space(tenant, "en"), Space(tenant, "en", "better")
        return KnowledgeStatus("embedded", "better", 1, 40, ("en",), {"en": old}, {"en": new}, (16, 40))

    async def delete(self, tenant: str, document: str) -> bool:
        return document == "en/a.md"


class House:
    def __init__(self) -> None:
        self.store = Store()
        self.changes: list[str] = []
        self.http = client(knowledge.knowledge_router(self.store, self.folder, self.changed))

    def folder(self, tenant: str) -> Path | None:
        return Path("/tenants/shop") if tenant == "shop" else None

    async def changed(self, tenant: str) -> None:
        self.changes.append(tenant)


async def test_an_upload_keeps_its_name_and_nothing_of_its_path() -> None:
    house = House()
    async with house.http as http:
        response = await http.post("/v1/tenants/shop/documents", files={"file": ("../../etc/배송.md", b"# hi")})
    assert response.status_code == 201
    assert house.store.ingested == [("배송.md", "upload.md", b"# hi")]
    assert house.changes == ["shop"]


async def test_how_far_a_move_to_another_model_has_come_is_shown() -> None:
    async with House().http as http:
        shown = (await http.get("/v1/tenants/shop/knowledge")).json()
        assert (await http.get("/v1/tenants/other/knowledge")).status_code == 404
    assert (shown["serving"]["en"]["model"], shown["following"]["en"]["model"]) == ("", "better")
    assert (shown["passages"], shown["moved"]) == (40, [16, 40])


async def test_an_upload_that_cannot_be_read_is_an_error_with_the_reason() -> None:
    house = House()
    house.store.failed = (("a.pdf", "holds no text"),)
    async with house.http as http:
        response = await http.post("/v1/tenants/shop/documents", files={"file": ("a.pdf", b"%PDF")})
    assert (response.status_code, response.json()["detail"]) == (422, "a.pdf: holds no text")
    assert house.changes == []


async def test_a_large_upload_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "LARGEST_UPLOAD", 10)
    house = House()
    async with house.http as http:
        response = await http.post("/v1/tenants/shop/documents", files={"file": ("a.md", b"x" * 11)})
    assert response.status_code == 413
    assert house.store.ingested == []


async def test_documents_are_listed_refreshed_and_deleted() -> None:
    house = House()
    async with house.http as http:
        assert [d["id"] for d in (await http.get("/v1/tenants/shop/documents")).json()] == ["en/a.md"]
        assert (await http.post("/v1/tenants/shop/knowledge/refresh")).json()["added"] == ["en/a.md"]
        assert (await http.delete("/v1/tenants/shop/documents/en/a.md")).status_code == 204
        assert (await http.delete("/v1/tenants/shop/documents/en/b.md")).status_code == 404
    assert house.store.ingested == [(None, "knowledge", None)]
    assert house.changes == ["shop", "shop"]


@pytest.mark.parametrize("path", ["documents", "knowledge/refresh"])
async def test_an_unknown_tenant_is_said_so(path: str) -> None:
    house = House()
    async with house.http as http:
        method = http.get if path == "documents" else http.post
        assert (await method(f"/v1/tenants/other/{path}")).status_code == 404
