"""The knowledge of a running server: one process that holds the index, and the async face of it.

The embedded index belongs to one process, scoring and Kiwi are computing, and neither may pause a call: so a worker
process hosts them and the gateway asks it. An ingestion runs beside it, in a thread of the gateway that talks to the
reading and preparing children and hands the host short writes, so that searches are answered in between and torch is
imported by neither.

Refuses: more than one worker on an embedded index; deciding what an answer is.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from prometheus_client import Gauge

from infra.workers import PoolFull, WorkerLost, WorkerPool, WorkerTimeout
from knowledge.document import Document, Hit, Passage
from knowledge.embedder import LazyEmbedder, ModelPlace, model_place
from knowledge.encoding import Encoded, TextEncoder
from knowledge.errors import KnowledgeUnavailable
from knowledge.index import Entry, Index, Record, Shift, Space
from knowledge.ingest import IngestReport, Progress, ingest, remove
from knowledge.language import LANGUAGES
from knowledge.preparing import Preparing
from knowledge.query import Query
from knowledge.retriever import LocalRetriever
from knowledge.settings import KnowledgeSettings, QdrantSettings
from knowledge.shelf import IndexShelf

SEARCH_TIMEOUT: Final = 5.0
"""Seconds after which a search is given up: the caller is waiting."""
WRITE_TIMEOUT: Final = 60.0
ENCODE_BATCH: Final = 16
"""Texts encoded at once: a search may be waiting behind them."""
WRITE_BATCH: Final = 16
"""Entries per write: a search may be waiting behind it."""


WAITING: Final = Gauge(
    "aicc_knowledge_passages_to_move", "Passages that wait to be prepared for the configured model", ["tenant"]
)


@dataclass(frozen=True, slots=True)
class KnowledgeStatus:
    """What a tenant can be told from. ``backend`` is where the index is; ``model`` is empty when none can serve.

    ``serving`` and ``following`` are the spaces, by language, that answer now and that are being filled to do so next;
    ``moved`` is how many passages of how many are in the latter, where this process fills it.
    """

    backend: str
    model: str
    documents: int
    passages: int
    languages: tuple[str, ...]
    serving: dict[str, Space]
    following: dict[str, Space]
    moved: tuple[int, int] | None = None


def open_index(qdrant: QdrantSettings, state: Path) -> Index:
    """The server that is configured, or the embedded index in ``state``.

    Raises ``KnowledgeUnavailable`` when the embedded one is locked or broken.
    """
    if qdrant.url is None:
        from knowledge.edge import open_edge

        return open_edge(state)
    from knowledge.qdrant import open_qdrant  # two seconds to import: only where a server is used

    return open_qdrant(qdrant)


class KnowledgeHost:
    """The synchronous whole, for one process: what a worker hosts, and what a command line without a server uses."""

    def __init__(
        self, qdrant: QdrantSettings, settings: KnowledgeSettings, state: Path, warm: Sequence[str] = ()
    ) -> None:
        self._settings = settings
        self._place = model_place(settings, state)
        self._backend = qdrant.url or f"embedded, {state}"
        self._index = open_index(qdrant, state)
        embedder = LazyEmbedder(self._place)
        self._retriever = LocalRetriever(self._index, settings, self._place, embedder=embedder)
        self._encoder = TextEncoder(settings, self._place, embedder=embedder)
        self._shelf = IndexShelf(self._index)
        self._retriever.warm(warm)

    @property
    def retriever(self) -> LocalRetriever:
        """The search, for use in this process."""
        return self._retriever

    def search(self, query: Query) -> list[Hit]:
        """See ``Retriever.search``."""
        return self._retriever.search(query)

    def encode(self, texts: Sequence[str], language: str) -> list[Encoded]:
        """See ``TextEncoder.encode``."""
        return self._encoder.encode(texts, language)

    def documents(self, tenant: str) -> list[Document]:
        """What is served, by id."""
        return sorted((record.document for record in self._index.records(tenant)), key=lambda document: document.id)

    def passages(self, tenant: str, language: str) -> list[Passage]:
        """All passages that are served in a language."""
        return self._retriever.passages(tenant, language)

    def texts(self, tenant: str, language: str) -> list[str]:
        """All words that are served in a language, for a recognizer's language model."""
        return self._retriever.texts(tenant, language)

    def status(self, tenant: str) -> KnowledgeStatus:
        """What there is."""
        records = self._index.records(tenant)
        shifts = self._index.shifts(tenant)
        return KnowledgeStatus(
            backend=self._backend,
            model=self._place.name if self._place.ready else "",
            documents=len(records),
            passages=sum(record.passages for record in records),
            languages=tuple(code for code in LANGUAGES if any(r.document.language == code for r in records)),
            serving={code: shift.serving for code, shift in shifts.items()},
            following={code: shift.following for code, shift in shifts.items() if shift.following is not None},
        )

    def ingest(
        self, path: Path, tenant: str, *, name: str | None = None, progress: Progress | None = None
    ) -> IngestReport:
        """Ingest in this process (with its two children). For a command line: a server's host must not be kept busy."""
        return ingest(
            path,
            tenant=tenant,
            shelf=self._shelf,
            settings=self._settings,
            place=self._place,
            name=name,
            progress=progress or (lambda stage, done, total: None),
        )

    def delete(self, tenant: str, document: str) -> bool:
        """Stop serving a document. Returns whether there was one."""
        return remove(document, tenant=tenant, shelf=self._shelf)

    def records(self, tenant: str) -> list[Record]:
        """See ``Shelf.records``."""
        return self._shelf.records(tenant)

    def stage(self, space: Space, entries: list[Entry]) -> None:
        """See ``Shelf.stage``."""
        self._shelf.stage(space, entries)

    def publish(self, tenant: str, record: Record) -> None:
        """See ``Shelf.publish``."""
        self._shelf.publish(tenant, record)

    def withdraw(self, tenant: str, documents: list[str]) -> None:
        """See ``Shelf.withdraw``."""
        self._shelf.withdraw(tenant, documents)

    def sweep(self, tenant: str, models: list[str], now: float) -> bool:
        """See ``Shelf.sweep``."""
        return self._shelf.sweep(tenant, models, now)

    def shifts(self, tenant: str) -> dict[str, Shift]:
        """See ``Shelf.shifts``."""
        return self._shelf.shifts(tenant)

    def shift(self, shift: Shift) -> None:
        """See ``Shelf.shift``."""
        self._shelf.shift(shift)

    def unfollowed(self, shift: Shift) -> list[str]:
        """See ``Shelf.unfollowed``."""
        return self._shelf.unfollowed(shift)

    def entries(self, space: Space, ids: list[str]) -> list[Entry]:
        """See ``Shelf.entries``."""
        return self._shelf.entries(space, ids)

    def discard(self, space: Space) -> None:
        """See ``Shelf.discard``."""
        self._shelf.discard(space)

    def exclusive(self) -> bool:
        """See ``Shelf.exclusive``."""
        return self._shelf.exclusive

    def close(self) -> None:
        """Close the index and give its lock back."""
        self._index.close()


def knowledge_host(
    qdrant: QdrantSettings, settings: KnowledgeSettings, state: Path, warm: tuple[str, ...] = LANGUAGES
) -> KnowledgeHost:
    """The factory for ``WorkerPool``: ``WorkerPool(knowledge_host, qdrant, settings, state, processes=1, name=…)``."""
    return KnowledgeHost(qdrant, settings, state, warm)


class WorkerRetriever:
    """Implements ``Retriever`` over a pool of ``knowledge_host``, and ingests beside it."""

    def __init__(self, pool: WorkerPool, settings: KnowledgeSettings, state: Path) -> None:
        self._pool = pool
        self._settings = settings
        self._place = model_place(settings, state)
        self._ingesting: dict[str, asyncio.Lock] = {}
        self._moved: dict[str, tuple[int, int]] = {}

    async def search(self, query: Query) -> list[Hit]:
        """See ``Retriever.search``."""
        hits: list[Hit] = await self._ask("search", query, timeout=SEARCH_TIMEOUT)
        return hits

    async def encode(self, texts: Sequence[str], language: str) -> list[Encoded]:
        """See ``TextEncoder.encode``. Searches are answered between the parts of a long list."""
        found: list[Encoded] = []
        for start in range(0, len(texts), ENCODE_BATCH):
            found += await self._ask(
                "encode", tuple(texts[start : start + ENCODE_BATCH]), language, timeout=WRITE_TIMEOUT
            )
        return found

    async def documents(self, tenant: str) -> list[Document]:
        """What is served, by id."""
        documents: list[Document] = await self._ask("documents", tenant)
        return documents

    async def texts(self, tenant: str, language: str) -> list[str]:
        """All words that are served in a language, for a recognizer's language model."""
        texts: list[str] = await self._ask("texts", tenant, language)
        return texts

    async def passages(self, tenant: str, language: str) -> list[Passage]:
        """All passages that are served in a language."""
        passages: list[Passage] = await self._ask("passages", tenant, language)
        return passages

    async def status(self, tenant: str) -> KnowledgeStatus:
        """What there is."""
        status: KnowledgeStatus = await self._ask("status", tenant)
        return replace(status, moved=self._moved.get(tenant))

    async def delete(self, tenant: str, document: str) -> bool:
        """Stop serving a document. Returns whether there was one."""
        async with self._lock(tenant):
            return bool(await self._ask("delete", tenant, document, timeout=WRITE_TIMEOUT))

    async def ingest(
        self,
        path: Path,
        *,
        tenant: str,
        name: str | None = None,
        alone: bool = False,
        progress: Progress | None = None,
    ) -> IngestReport:
        """Ingest while serving; one ingestion per tenant at a time, the others wait. ``alone``: see ``ingest.ingest``.

        ``progress`` is called on the event loop. When this is cancelled the ingestion ends at its next step, and this
        returns only then. Raises as ``ingest.ingest`` does.
        """
        loop = asyncio.get_running_loop()
        report = progress or (lambda stage, done, total: None)
        stop = threading.Event()

        def tell(stage: str, done: int, total: int) -> None:
            if stage == "move":
                self._moved[tenant] = done, total
                WAITING.labels(tenant).set(total - done)
            loop.call_soon_threadsafe(report, stage, done, total)

        def work() -> IngestReport:
            return ingest(
                path,
                tenant=tenant,
                shelf=_PoolShelf(self, loop),
                settings=self._settings,
                place=self._place,
                name=name,
                alone=alone,
                progress=tell,
                cancelled=stop.is_set,
            )

        async with self._lock(tenant):
            running = asyncio.ensure_future(asyncio.to_thread(work))
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                stop.set()
                await asyncio.wait([running])
                raise
            finally:
                self._moved.pop(tenant, None)

    async def prepare(self) -> None:
        """Convert the model for serving where that was not done yet (a new node on a shared index)."""
        if self._settings.model_languages and not self._place.ready:
            await asyncio.to_thread(_convert, self._place)

    async def ask(self, method: str, *args: object) -> Any:
        """A short write of the host's (for the ingestion's thread)."""
        return await self._ask(method, *args, timeout=WRITE_TIMEOUT)

    def _lock(self, tenant: str) -> asyncio.Lock:
        return self._ingesting.setdefault(tenant, asyncio.Lock())

    async def _ask(self, method: str, *args: object, timeout: float = WRITE_TIMEOUT) -> Any:
        try:
            return await self._pool.call(method, *args, timeout=timeout)
        except (WorkerLost, WorkerTimeout, PoolFull) as error:
            raise KnowledgeUnavailable(f"the knowledge does not answer now: {error}") from error


class _PoolShelf:
    """A ``Shelf`` for the ingestion's thread that writes through the event loop into the host."""

    def __init__(self, retriever: WorkerRetriever, loop: asyncio.AbstractEventLoop) -> None:
        self._retriever = retriever
        self._loop = loop

    def records(self, tenant: str) -> list[Record]:
        records: list[Record] = self._call("records", tenant)
        return records

    def stage(self, space: Space, entries: Sequence[Entry]) -> None:
        for start in range(0, len(entries), WRITE_BATCH):
            self._call("stage", space, list(entries[start : start + WRITE_BATCH]))

    def publish(self, tenant: str, record: Record) -> None:
        self._call("publish", tenant, record)

    def withdraw(self, tenant: str, documents: Sequence[str]) -> None:
        self._call("withdraw", tenant, list(documents))

    def sweep(self, tenant: str, models: Sequence[str], now: float) -> bool:
        return bool(self._call("sweep", tenant, list(models), now))

    @property
    def exclusive(self) -> bool:
        return bool(self._call("exclusive"))

    def shifts(self, tenant: str) -> dict[str, Shift]:
        shifts: dict[str, Shift] = self._call("shifts", tenant)
        return shifts

    def shift(self, shift: Shift) -> None:
        self._call("shift", shift)

    def unfollowed(self, shift: Shift) -> list[str]:
        missing: list[str] = self._call("unfollowed", shift)
        return missing

    def entries(self, space: Space, ids: Sequence[str]) -> list[Entry]:
        entries: list[Entry] = self._call("entries", space, list(ids))
        return entries

    def discard(self, space: Space) -> None:
        self._call("discard", space)

    def _call(self, method: str, *args: object) -> Any:
        future = asyncio.run_coroutine_threadsafe(self._retriever.ask(method, *args), self._loop)
        try:
            return future.result(WRITE_TIMEOUT + 5)
        except FutureTimeout:
            future.cancel()
            raise KnowledgeUnavailable("the knowledge did not take a write in time; ingest again") from None


def _convert(place: ModelPlace) -> None:
    with Preparing(place) as preparing:
        preparing.model()
