"""A tenant's knowledge over HTTP: what there is, uploads, and reading the tenant's own folder again."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from fastapi import APIRouter, HTTPException, UploadFile

from knowledge.document import Document
from knowledge.hosting import KnowledgeStatus
from knowledge.ingest import IngestReport

LARGEST_UPLOAD = 20_000_000
"""Bytes of one uploaded file."""

_PIECE = 1 << 20


class KnowledgeStore(Protocol):
    """What keeps the knowledge."""

    async def documents(self, tenant: str) -> list[Document]:
        """What is served, by id."""

    async def status(self, tenant: str) -> KnowledgeStatus:
        """How much there is, what serves it, and how far a move to another model has come."""

    async def ingest(self, path: Path, *, tenant: str, name: str | None = None) -> IngestReport:
        """Bring what is served of a folder or file up to date."""

    async def delete(self, tenant: str, document: str) -> bool:
        """Stop serving a document."""


def knowledge_router(
    store: KnowledgeStore, folder: Callable[[str], Path | None], changed: Callable[[str], Awaitable[None]]
) -> APIRouter:
    """``…/documents``, ``…/knowledge`` and ``…/knowledge/refresh`` of a tenant.

    ``folder`` is where a tenant's own files lie (none: no such tenant); ``changed`` is awaited after every change.
    """
    router = APIRouter(prefix="/v1/tenants/{tenant}", tags=["knowledge"])

    def known(tenant: str) -> Path:
        path = folder(tenant)
        if path is None:
            raise HTTPException(404, f"tenant {tenant} is not served here")
        return path

    @router.get("/knowledge")
    async def status(tenant: str) -> dict[str, Any]:
        known(tenant)
        return asdict(await store.status(tenant))

    @router.get("/documents")
    async def documents(tenant: str) -> list[dict[str, Any]]:
        known(tenant)
        return [asdict(document) for document in await store.documents(tenant)]

    @router.post("/documents", status_code=201)
    async def upload(tenant: str, file: UploadFile) -> dict[str, Any]:
        known(tenant)
        name = PurePosixPath((file.filename or "").replace("\\", "/")).name
        if not name:
            raise HTTPException(422, "the upload needs a file name; its ending says what it is")
        with tempfile.TemporaryDirectory(prefix="aicc-upload-") as place:
            path = Path(place) / "upload"
            await _keep(file, path)
            report = await store.ingest(path.rename(path.with_suffix(Path(name).suffix)), tenant=tenant, name=name)
        if report.failed:
            raise HTTPException(422, f"{name}: {report.failed[0][1]}")
        await changed(tenant)
        return asdict(report)

    @router.post("/knowledge/refresh")
    async def refresh(tenant: str) -> dict[str, Any]:
        report = await store.ingest(known(tenant) / "knowledge", tenant=tenant)
        await changed(tenant)
        return asdict(report)

    @router.delete("/documents/{document:path}", status_code=204)
    async def delete(tenant: str, document: str) -> None:
        known(tenant)
        if not await store.delete(tenant, document):
            raise HTTPException(404, f"tenant {tenant} has no document {document}")
        await changed(tenant)

    return router


async def _keep(file: UploadFile, path: Path) -> None:
    size = 0
    with path.open("wb") as out:
        while piece := await file.read(_PIECE):
            size += len(piece)
            if size > LARGEST_UPLOAD:
                raise HTTPException(413, f"the file has more than {LARGEST_UPLOAD} bytes")
            await asyncio.to_thread(out.write, piece)
