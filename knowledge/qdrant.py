"""Qdrant behind the index protocol: the only module that imports its client.

The same code speaks to a server and to the client's local mode, which keeps points in SQLite files and is locked by one
process. Each tenant and language has a collection of its own (a filter would cost local mode ten times the search), and
each tenant a catalog: a collection without vectors whose points are the documents' records.

Refuses: payload filters, Qdrant's own fusion (it fuses ranks, which costs 8 points of recall@1), server administration.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import os
import re
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from knowledge.errors import KnowledgeUnavailable
from knowledge.index import Entry, Frequencies, Probe, Ranking, Record, Signal, Space, record_id
from knowledge.lexical import Sparse
from knowledge.payload import passage_from, passage_values, record_from, record_values
from knowledge.settings import QdrantSettings

PAGE: Final = 256
"""Points that one request reads or writes at most."""
PREFIX: Final = "aicc"
WORDS: Final = (Signal.LEXICAL, Signal.CHARACTERS)


class QdrantIndex:
    """Implements ``Index``."""

    def __init__(self, client: QdrantClient, *, exclusive: bool, where: str, lock: IO[str] | None = None) -> None:
        self._client = client
        self._exclusive = exclusive
        self._where = where
        self._lock = lock
        self._known: set[str] = set()
        self._tables: dict[str, _Table] = {}
        atexit.register(self.close)  # else the client complains when the interpreter takes it apart

    @property
    def exclusive(self) -> bool:
        """True in local mode: its directory is locked by us."""
        return self._exclusive

    def search(self, space: Space, probes: Mapping[Signal, Probe], depth: int) -> dict[Signal, Ranking]:
        """See ``Index.search``. One request for all signals."""
        asked = {signal: probe for signal, probe in probes.items() if not isinstance(probe, Sparse) or probe.indices}
        found: dict[Signal, Ranking] = {signal: [] for signal in probes}
        requests = [
            models.QueryRequest(query=_query(signal, probe), using=signal.value, limit=depth, with_payload=False)
            for signal, probe in asked.items()
        ]
        with self._asking(missing=_collection(space)):
            answers = self._client.query_batch_points(_collection(space), requests=requests) if requests else []
            for signal, answer in zip(asked, answers, strict=True):
                found[signal] = [(str(point.id), point.score) for point in answer.points]
        return found

    def entries(self, space: Space, ids: Sequence[str]) -> list[Entry]:
        """See ``Index.entries``."""
        points: list[models.Record] = []
        with self._asking(missing=_collection(space)):
            points = self._client.retrieve(_collection(space), ids=list(ids), with_payload=True, with_vectors=True)
        return [_entry(point) for point in points]

    def scan(self, space: Space, *, vectors: bool = False) -> Iterator[Entry]:
        """See ``Index.scan``."""
        for point in self._points(_collection(space), vectors=vectors):
            yield _entry(point)

    def put(self, space: Space, entries: Sequence[Entry]) -> None:
        """See ``Index.put``."""
        self._ensure_space(space)
        for start in range(0, len(entries), PAGE):
            with self._asking():
                self._client.upsert(
                    _collection(space), points=[_point(entry) for entry in entries[start : start + PAGE]], wait=True
                )

    def drop(self, space: Space, ids: Sequence[str]) -> None:
        """See ``Index.drop``."""
        for start in range(0, len(ids), PAGE):
            with self._asking(missing=_collection(space)):
                self._client.delete(
                    _collection(space), points_selector=models.PointIdsList(points=list(ids[start : start + PAGE]))
                )

    def frequencies(self, space: Space, signal: Signal, terms: Iterable[int]) -> Frequencies:
        """See ``Index.frequencies``: from the table that ``seal`` has left in the catalog, kept until it changes."""
        table = self._table(space)
        counts = table.counts.get(signal, {})
        return Frequencies(table.passages.get(signal, 0), {term: counts.get(term, 0) for term in terms})

    def seal(self, space: Space) -> None:
        """Count the terms of the space anew, and leave the table where every process finds it."""
        name = _collection(space)
        passages: Counter[Signal] = Counter()
        counts: dict[Signal, Counter[int]] = {signal: Counter() for signal in WORDS}
        for point in self._points(name, vectors=[signal.value for signal in WORDS], payload=False):
            for signal in WORDS:
                vector = _vectors(point).get(signal.value)
                if vector is not None:
                    passages[signal] += 1
                    counts[signal].update(vector.indices)
        table = _Table(uuid.uuid4().hex, dict(passages), {signal: dict(count) for signal, count in counts.items()})
        self._ensure_catalog(space.tenant)
        with self._asking():
            self._client.upsert(
                _catalog(space.tenant),
                points=[models.PointStruct(id=_table_id(name), vector={}, payload=table.payload())],
                wait=True,
            )
        self._tables[name] = table

    def records(self, tenant: str, documents: Sequence[str] | None = None) -> list[Record]:
        """See ``Index.records``."""
        if documents is None:
            points = list(self._points(_catalog(tenant)))
        else:
            points = []
            with self._asking(missing=_catalog(tenant)):
                points = self._client.retrieve(_catalog(tenant), ids=[record_id(tenant, key) for key in documents])
        return [record_from(point.payload["record"]) for point in points if point.payload and "record" in point.payload]

    def publish(self, tenant: str, record: Record) -> None:
        """See ``Index.publish``: one point, one write."""
        self._ensure_catalog(tenant)
        point = models.PointStruct(
            id=record_id(tenant, record.document.id), vector={}, payload={"record": record_values(record)}
        )
        with self._asking():
            self._client.upsert(_catalog(tenant), points=[point], wait=True)

    def withdraw(self, tenant: str, document: str) -> None:
        """See ``Index.withdraw``."""
        with self._asking(missing=_catalog(tenant)):
            self._client.delete(
                _catalog(tenant), points_selector=models.PointIdsList(points=[record_id(tenant, document)]), wait=True
            )

    def close(self) -> None:
        """Close the connection, or the files and their lock."""
        atexit.unregister(self.close)
        self._client.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

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
        name = _collection(space)
        known = self._tables.get(name)
        stamp = self._table_payload(space, ["stamp"])
        if not stamp:
            return known or _Table("", {}, {})
        if known is None or stamp["stamp"] != known.stamp:
            known = self._tables[name] = _Table.of(self._table_payload(space, selector=True))
        return known

    def _table_payload(self, space: Space, selector: bool | list[str]) -> Mapping[str, Any]:
        points: list[models.Record] = []
        with self._asking(missing=_catalog(space.tenant)):
            points = self._client.retrieve(
                _catalog(space.tenant), ids=[_table_id(_collection(space))], with_payload=selector
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
            _collection(space),
            dense if space.dimension else {},
            {signal.value: models.SparseVectorParams(modifier=models.Modifier.IDF) for signal in WORDS},
        )

    def _ensure_catalog(self, tenant: str) -> None:
        self._ensure(_catalog(tenant), {}, None)

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
        except (sqlite3.Error, OSError, RuntimeError) as error:
            raise KnowledgeUnavailable(f"the index in {self._where} cannot be used: {error}") from error


class _Table:
    """How many passages each term of a space stands in, under a stamp that changes with every count."""

    def __init__(self, stamp: str, passages: Mapping[Signal, int], counts: Mapping[Signal, Mapping[int, int]]) -> None:
        self.stamp = stamp
        self.passages = passages
        self.counts = counts

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> _Table:
        return cls(
            payload["stamp"],
            {Signal(name): count for name, count in payload["passages"].items()},
            {
                Signal(name): dict(zip(pair["terms"], pair["counts"], strict=True))
                for name, pair in payload["words"].items()
            },
        )

    def payload(self) -> dict[str, Any]:
        return {
            "stamp": self.stamp,
            "passages": {signal.value: count for signal, count in self.passages.items()},
            "words": {
                signal.value: {"terms": list(count), "counts": list(count.values())}
                for signal, count in self.counts.items()
            },
        }


def open_qdrant(settings: QdrantSettings, state: Path) -> QdrantIndex:
    """The configured server, or local mode in ``state``/qdrant.

    Raises ``KnowledgeUnavailable`` when another process has the directory open, or it cannot be read.
    """
    if settings.url is not None:
        key = settings.api_key.get_secret_value() if settings.api_key else None
        client = QdrantClient(
            url=settings.url, api_key=key, timeout=max(1, round(settings.timeout)), check_compatibility=False
        )
        return QdrantIndex(client, exclusive=False, where=settings.url)
    path = state / "qdrant"
    lock = _locked(path)
    try:
        client = QdrantClient(path=str(path))
    except (sqlite3.Error, OSError, ValueError, RuntimeError, KeyError) as error:
        lock.close()
        raise KnowledgeUnavailable(
            f"the index in {path} cannot be opened ({error}); move the directory away and ingest again"
        ) from error
    return QdrantIndex(client, exclusive=True, where=str(path), lock=lock)


def _locked(path: Path) -> IO[str]:
    """Our own lock beside Qdrant's: Qdrant takes its own only after it has read everything."""
    path.mkdir(parents=True, exist_ok=True)
    lock = (path / "aicc.lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise KnowledgeUnavailable(
            f"the index in {path} is open in another process (pid {owner}): ask the running server over HTTP, stop it,"
            " or set AICC_QDRANT_URL to share one between processes"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _collection(space: Space) -> str:
    return "-".join((PREFIX, _slug(space.tenant), space.language, _slug(space.model or "words")))


def _catalog(tenant: str) -> str:
    return f"{PREFIX}-{_slug(tenant)}-catalog"


def _slug(name: str) -> str:
    """A name that a collection may have; what had to be changed gets a mark so that two never become one."""
    safe = re.sub(r"[^A-Za-z0-9_.]+", "_", name)
    return safe if safe == name else f"{safe}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _table_id(collection: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"terms of {collection}"))


def _query(signal: Signal, probe: Probe) -> Any:
    if isinstance(probe, Sparse):
        return _sparse(probe)
    return [probe.tolist()] if signal is Signal.SENTENCE else probe.tolist()


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
    payload = {
        "passage": passage_values(entry.passage),
        "revision": entry.revision,
        "staged_at": entry.staged_at,
        "terms": [list(terms) for terms in entry.sentence_terms],
    }
    return models.PointStruct(id=entry.id, vector=vectors, payload=payload)


def _vectors(point: models.Record) -> Mapping[str, Any]:
    return point.vector if isinstance(point.vector, dict) else {}


def _entry(point: models.Record) -> Entry:
    payload, vectors = point.payload or {}, _vectors(point)
    dense, rows = vectors.get(Signal.DENSE.value), vectors.get(Signal.SENTENCE.value)
    characters = vectors.get(Signal.CHARACTERS.value)
    return Entry(
        id=str(point.id),
        passage=passage_from(payload["passage"]),
        revision=payload["revision"],
        staged_at=payload["staged_at"],
        lexical=_terms(vectors.get(Signal.LEXICAL.value)) or Sparse((), ()),
        sentence_terms=tuple(tuple(terms) for terms in payload["terms"]),
        characters=_terms(characters),
        dense=None if dense is None else np.asarray(dense, np.float32),
        rows=None if rows is None else np.asarray(rows, np.float32),
    )


def _terms(vector: Any) -> Sparse | None:
    return None if vector is None else Sparse(tuple(vector.indices), tuple(vector.values))
