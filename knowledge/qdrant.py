"""A Qdrant server behind the index protocol: the only module that imports its client.

For more passages than one process holds, or for several processes on one index.

Refuses: payload filters, Qdrant's own fusion (it fuses ranks, which costs 8 points of recall@1), server administration.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from knowledge.counts import WORDS, TermCounts
from knowledge.errors import KnowledgeUnavailable
from knowledge.index import (
    Entry,
    Frequencies,
    Probe,
    Ranking,
    Record,
    Shift,
    Signal,
    Space,
    in_two_steps,
    record_id,
    shift_id,
)
from knowledge.language import LANGUAGES
from knowledge.lexical import Sparse
from knowledge.naming import catalog, collection
from knowledge.payload import entry_from, entry_values, record_from, record_values, shift_from, shift_values
from knowledge.settings import QdrantSettings

PAGE: Final = 256
"""Points that one request reads or writes at most."""


class QdrantIndex:
    """Implements ``Index``."""

    exclusive = False

    def __init__(self, client: QdrantClient, where: str) -> None:
        self._client = client
        self._where = where
        self._known: set[str] = set()
        self._tables: dict[str, _Table] = {}

    def search(self, space: Space, probes: Mapping[Signal, Probe], depth: int) -> dict[Signal, Ranking]:
        """See ``Index.search``. One request for all signals, and one for sentences."""
        name = collection(space)

        def rank(some: Mapping[Signal, Probe], among: set[str] | None) -> dict[Signal, Ranking]:
            requests = [_request(signal, probe, depth, among) for signal, probe in some.items()]
            answers: Sequence[models.QueryResponse] = []
            with self._asking(missing=name):
                answers = self._client.query_batch_points(name, requests=requests)
            rankings = [[(str(point.id), point.score) for point in answer.points] for answer in answers]
            return dict(zip(some, rankings, strict=False))  # a collection that is missing answers nothing

        return in_two_steps(probes, rank)

    def entries(self, space: Space, ids: Sequence[str], *, vectors: bool = True) -> list[Entry]:
        """See ``Index.entries``."""
        points: list[models.Record] = []
        with self._asking(missing=collection(space)):
            points = self._client.retrieve(collection(space), ids=list(ids), with_payload=True, with_vectors=vectors)
        return [_entry(point) for point in points]

    def scan(self, space: Space, *, vectors: bool = False) -> Iterator[Entry]:
        """See ``Index.scan``."""
        for point in self._points(collection(space), vectors=vectors):
            yield _entry(point)

    def put(self, space: Space, entries: Sequence[Entry]) -> None:
        """See ``Index.put``."""
        self._ensure_space(space)
        for start in range(0, len(entries), PAGE):
            with self._asking():
                self._client.upsert(
                    collection(space), points=[_point(entry) for entry in entries[start : start + PAGE]], wait=True
                )

    def drop(self, space: Space, ids: Sequence[str]) -> None:
        """See ``Index.drop``."""
        for start in range(0, len(ids), PAGE):
            with self._asking(missing=collection(space)):
                self._client.delete(
                    collection(space), points_selector=models.PointIdsList(points=list(ids[start : start + PAGE]))
                )

    def frequencies(self, space: Space, signal: Signal, terms: Iterable[int]) -> Frequencies:
        """See ``Index.frequencies``: from the table that ``seal`` has left in the catalog, kept until it changes."""
        return self._table(space).counts.frequencies(signal, terms)

    def seal(self, space: Space) -> None:
        """Count the terms of the space anew, and leave the table where every process finds it."""
        name = collection(space)
        counts = TermCounts()
        for point in self._points(name, vectors=[signal.value for signal in WORDS], payload=False):
            for signal in WORDS:
                vector = _vectors(point).get(signal.value)
                if vector is not None:
                    counts.add(signal, vector.indices)
        table = _Table(uuid.uuid4().hex, counts)
        self._ensure_catalog(space.tenant)
        with self._asking():
            self._client.upsert(
                catalog(space.tenant),
                points=[
                    models.PointStruct(id=_table_id(name), vector={}, payload={"stamp": table.stamp, **counts.values()})
                ],
                wait=True,
            )
        self._tables[name] = table

    def records(self, tenant: str, documents: Sequence[str] | None = None) -> list[Record]:
        """See ``Index.records``."""
        if documents is None:
            points = list(self._points(catalog(tenant)))
        else:
            points = []
            with self._asking(missing=catalog(tenant)):
                points = self._client.retrieve(catalog(tenant), ids=[record_id(tenant, key) for key in documents])
        return [record_from(point.payload["record"]) for point in points if point.payload and "record" in point.payload]

    def publish(self, tenant: str, record: Record) -> None:
        """See ``Index.publish``: one point, one write."""
        self._declare(tenant, record_id(tenant, record.document.id), {"record": record_values(record)})

    def withdraw(self, tenant: str, document: str) -> None:
        """See ``Index.withdraw``."""
        with self._asking(missing=catalog(tenant)):
            self._client.delete(
                catalog(tenant), points_selector=models.PointIdsList(points=[record_id(tenant, document)]), wait=True
            )

    def shifts(self, tenant: str) -> dict[str, Shift]:
        """See ``Index.shifts``: asked every time, for another process may have switched."""
        points: list[models.Record] = []
        with self._asking(missing=catalog(tenant)):
            points = self._client.retrieve(catalog(tenant), ids=[shift_id(tenant, code) for code in LANGUAGES])
        shifts = [shift_from(point.payload["shift"]) for point in points if point.payload]
        return {shift.serving.language: shift for shift in shifts}

    def shift(self, shift: Shift) -> None:
        """See ``Index.shift``: one point, one write."""
        tenant = shift.serving.tenant
        self._declare(tenant, shift_id(tenant, shift.serving.language), {"shift": shift_values(shift)})

    def discard(self, space: Space) -> None:
        """See ``Index.discard``, with its table of terms."""
        name = collection(space)
        with self._asking(missing=name):
            self._client.delete_collection(name)
        with self._asking(missing=catalog(space.tenant)):
            self._client.delete(
                catalog(space.tenant), points_selector=models.PointIdsList(points=[_table_id(name)]), wait=True
            )
        self._known.discard(name)
        self._tables.pop(name, None)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _points(
        self, collection: str, *, vectors: bool | list[str] = False, payload: bool = True
    ) -> Iterator[models.Record]:
        offset: Any = None
        while True:
            page: list[models.Record] = []
            following: Any = None
            with self._asking(missing=collection):
                page, following = self._client.scroll(
                    collection, limit=PAGE, offset=offset, with_payload=payload, with_vectors=vectors
                )
            yield from page
            if following is None:
                return
            offset = following

    def _table(self, space: Space) -> _Table:
        name = collection(space)
        known = self._tables.get(name)
        stamp = self._table_payload(space, ["stamp"])
        if not stamp:
            return known or _Table("", TermCounts())
        if known is None or stamp["stamp"] != known.stamp:
            values = self._table_payload(space, selector=True)
            known = self._tables[name] = _Table(values["stamp"], TermCounts.of(values))
        return known

    def _table_payload(self, space: Space, selector: bool | list[str]) -> Mapping[str, Any]:
        points: list[models.Record] = []
        with self._asking(missing=catalog(space.tenant)):
            points = self._client.retrieve(
                catalog(space.tenant), ids=[_table_id(collection(space))], with_payload=selector
            )
        return (points[0].payload or {}) if points else {}

    def _ensure_space(self, space: Space) -> None:
        dense = {
            Signal.DENSE.value: models.VectorParams(size=space.dimension, distance=models.Distance.COSINE),
            Signal.SENTENCE.value: models.VectorParams(
                size=space.dimension,
                distance=models.Distance.COSINE,
                multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
            ),
        }
        self._ensure(
            collection(space),
            dense if space.dimension else {},
            {signal.value: models.SparseVectorParams(modifier=models.Modifier.IDF) for signal in WORDS},
        )

    def _declare(self, tenant: str, key: str, payload: dict[str, Any]) -> None:
        """Write a point of the catalog."""
        self._ensure_catalog(tenant)
        with self._asking():
            self._client.upsert(
                catalog(tenant), points=[models.PointStruct(id=key, vector={}, payload=payload)], wait=True
            )

    def _ensure_catalog(self, tenant: str) -> None:
        self._ensure(catalog(tenant), {}, None)

    def _ensure(
        self,
        name: str,
        dense: dict[str, models.VectorParams],
        words: dict[str, models.SparseVectorParams] | None,
    ) -> None:
        if name in self._known:
            return
        with self._asking():
            if not self._client.collection_exists(name):
                self._client.create_collection(name, vectors_config=dense, sparse_vectors_config=words)
        self._known.add(name)

    @contextlib.contextmanager
    def _asking(self, missing: str | None = None) -> Iterator[None]:
        """Translate what the client raises. ``missing`` names a collection that is empty when it is not there."""
        try:
            yield
        except UnexpectedResponse as error:
            if error.status_code == 404 and missing is not None:
                return
            if error.status_code == 409:
                return  # another process has created the collection at the same moment
            raise KnowledgeUnavailable(f"Qdrant at {self._where} refused a request: {error}") from error
        except ResponseHandlingException as error:
            raise KnowledgeUnavailable(
                f"Qdrant at {self._where} does not answer ({error}); check AICC_QDRANT_URL and that the server runs"
            ) from error
        except ValueError as error:
            if missing is not None and str(error) == f"Collection {missing} not found":
                return
            raise
        except RuntimeError as error:  # the client was closed
            raise KnowledgeUnavailable(f"Qdrant at {self._where} cannot be asked: {error}") from error


@dataclass(frozen=True, slots=True)
class _Table:
    """The counts of a space, under a stamp that changes with every counting."""

    stamp: str
    counts: TermCounts


def open_qdrant(settings: QdrantSettings) -> QdrantIndex:
    """The configured server; whether it answers shows with the first request."""
    if settings.url is None:
        raise ValueError("a Qdrant server needs a URL; without one the index is embedded")
    key = settings.api_key.get_secret_value() if settings.api_key else None
    client = QdrantClient(
        url=settings.url, api_key=key, timeout=max(1, round(settings.timeout)), check_compatibility=False
    )
    return QdrantIndex(client, settings.url)


def _table_id(collection: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"terms of {collection}"))


def _request(signal: Signal, probe: Probe, depth: int, among: set[str] | None = None) -> models.QueryRequest:
    query: Any = _sparse(probe) if isinstance(probe, Sparse) else probe.tolist()
    return models.QueryRequest(
        query=[query] if signal is Signal.SENTENCE else query,
        using=signal.value,
        filter=None if among is None else models.Filter(must=[models.HasIdCondition(has_id=sorted(among))]),
        limit=depth,
        with_payload=False,
    )


def _sparse(vector: Sparse) -> models.SparseVector:
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def _point(entry: Entry) -> models.PointStruct:
    vectors: dict[str, Any] = {}
    if entry.dense is not None:
        vectors[Signal.DENSE.value] = entry.dense.tolist()
    if entry.rows is not None and len(entry.rows):
        vectors[Signal.SENTENCE.value] = entry.rows.tolist()
    if entry.lexical.indices:
        vectors[Signal.LEXICAL.value] = _sparse(entry.lexical)
    if entry.characters is not None and entry.characters.indices:
        vectors[Signal.CHARACTERS.value] = _sparse(entry.characters)
    return models.PointStruct(id=entry.id, vector=vectors, payload=entry_values(entry))


def _vectors(point: models.Record) -> Mapping[str, Any]:
    return point.vector if isinstance(point.vector, dict) else {}


def _entry(point: models.Record) -> Entry:
    vectors = _vectors(point)
    return entry_from(
        str(point.id),
        point.payload or {},
        lexical=_terms(vectors.get(Signal.LEXICAL.value)),
        characters=_terms(vectors.get(Signal.CHARACTERS.value)),
        dense=vectors.get(Signal.DENSE.value),
        rows=vectors.get(Signal.SENTENCE.value),
    )


def _terms(vector: Any) -> Sparse | None:
    return None if vector is None else Sparse(tuple(vector.indices), tuple(vector.values))
