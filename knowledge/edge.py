"""Qdrant in this process, behind the index protocol: the only module that imports its embedded engine.

Each collection is a shard, a directory of its own. What is written goes to the shard's log first, so a process that is
killed finds it again when it opens; a machine that loses its power does as well, because what a record serves is on the
disk before the record, and the record before anything older is dropped.
Vectors are kept in 16 bits (cosines differ by 0.0002). Passages are compared in 4 bits first and the best three hundred
again in 16 (of 100 all are the same, in half the time); building graphs would block searches for longer than they
gain. What was deleted is cleared out when a shard is opened.

Refuses: several processes on one directory; payload filters; Qdrant's own fusion (it fuses ranks, which costs 8 points
of recall@1).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import qdrant_edge as engine

from knowledge.counts import WORDS, TermCounts, words_of
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
from knowledge.lexical import Sparse
from knowledge.naming import PREFIX, catalog, collection
from knowledge.payload import entry_from, entry_values, record_from, record_values, shift_from, shift_values

FOLDER: Final = "passages"
GONE: Final = "discarded"
"""A shard on its way out: under this name it is no shard any more, however little of it was removed."""
PAGE: Final = 256
"""Points that one call reads or writes at most."""
NEVER: Final = 1 << 40
"""Kilobytes of vectors from which graphs would be built."""
TWICE: Final = engine.QuantizationSearchParams(rescore=True, oversampling=3.0)
"""Compare in few bits, and three times as many as are wanted in all bits."""


class EdgeIndex:
    """Implements ``Index`` over the shards in a directory that nobody else has open. One thread at a time."""

    exclusive = True

    def __init__(self, directory: Path, lock: IO[str]) -> None:
        self._directory = directory
        self._lock = lock
        shutil.rmtree(directory / GONE, ignore_errors=True)
        self._shards = {path.name: _Shard(path) for path in sorted(directory.glob(f"{PREFIX}-*"))}
        self._catalogs: dict[str, _Catalog] = {}

    def search(self, space: Space, probes: Mapping[Signal, Probe], depth: int) -> dict[Signal, Ranking]:
        """See ``Index.search``."""
        shard = self._shard(collection(space))
        if shard is None:
            return {signal: [] for signal in probes}
        return in_two_steps(probes, lambda some, among: shard.rankings(some, depth, among))

    def entries(self, space: Space, ids: Sequence[str], *, vectors: bool = True) -> list[Entry]:
        """See ``Index.entries``."""
        shard = self._shard(collection(space))
        return [] if shard is None else [_entry(point) for point in shard.points(ids, vectors=vectors)]

    def scan(self, space: Space, *, vectors: bool = False) -> Iterator[Entry]:
        """See ``Index.scan``."""
        shard = self._shard(collection(space))
        if shard is not None:
            yield from map(_entry, shard.scan(payload=True, vectors=vectors))

    def put(self, space: Space, entries: Sequence[Entry]) -> None:
        """See ``Index.put``."""
        shard = self._shard(collection(space)) or self._create(collection(space), _config(space.dimension))
        for start in range(0, len(entries), PAGE):
            page = entries[start : start + PAGE]
            shard.forget([entry.id for entry in page])
            shard.write(engine.UpdateOperation.upsert_points([_point(entry) for entry in page]))
            for entry in page:
                for signal, terms in words_of(entry).items():
                    shard.counts.add(signal, terms)

    def drop(self, space: Space, ids: Sequence[str]) -> None:
        """See ``Index.drop``; what is served instead of these is on the disk by then."""
        shard = self._shard(collection(space))
        if shard is not None and ids:
            if (records := self._shard(catalog(space.tenant))) is not None:
                records.flush()
            shard.forget(ids)
            shard.write(engine.UpdateOperation.delete_points(list(ids)))

    def frequencies(self, space: Space, signal: Signal, terms: Iterable[int]) -> Frequencies:
        """See ``Index.frequencies``; never behind."""
        shard = self._shard(collection(space))
        return Frequencies(0, dict.fromkeys(terms, 0)) if shard is None else shard.counts.frequencies(signal, terms)

    def seal(self, space: Space) -> None:
        """See ``Index.seal``: bring what was written to the disk."""
        shard = self._shard(collection(space))
        if shard is not None:
            shard.flush()

    def records(self, tenant: str, documents: Sequence[str] | None = None) -> list[Record]:
        """See ``Index.records``."""
        known = self._catalog(tenant).records
        return list(known.values()) if documents is None else [known[key] for key in documents if key in known]

    def publish(self, tenant: str, record: Record) -> None:
        """See ``Index.publish``: one point, one write, after what it serves is on the disk."""
        known = self._catalog(tenant)
        self._declare(tenant, record_id(tenant, record.document.id), {"record": record_values(record)})
        known.records[record.document.id] = record

    def withdraw(self, tenant: str, document: str) -> None:
        """See ``Index.withdraw``."""
        shard = self._shard(catalog(tenant))
        if shard is not None:
            known = self._catalog(tenant)
            shard.write(engine.UpdateOperation.delete_points([record_id(tenant, document)]))
            known.records.pop(document, None)

    def shifts(self, tenant: str) -> dict[str, Shift]:
        """See ``Index.shifts``."""
        return dict(self._catalog(tenant).shifts)

    def shift(self, shift: Shift) -> None:
        """See ``Index.shift``: one point, one write, after what it serves is on the disk."""
        tenant, language = shift.serving.tenant, shift.serving.language
        known = self._catalog(tenant)
        self._declare(tenant, shift_id(tenant, language), {"shift": shift_values(shift)})
        known.shifts[language] = shift

    def discard(self, space: Space) -> None:
        """See ``Index.discard``; what is served instead is on the disk by then."""
        name = collection(space)
        shard = self._shard(name)
        if shard is not None:
            if (records := self._shard(catalog(space.tenant))) is not None:
                records.flush()
            self._shards.pop(name).close()
            (self._directory / name).rename(self._directory / GONE)
            shutil.rmtree(self._directory / GONE)

    def close(self) -> None:
        """Close the shards and give the directory back. Closing again does nothing."""
        for shard in self._shards.values():
            shard.close()
        self._shards.clear()
        self._lock.close()

    def _shard(self, name: str) -> _Shard | None:
        if self._lock.closed:
            raise KnowledgeUnavailable(f"the index in {self._directory} was closed")
        return self._shards.get(name)

    def _catalog(self, tenant: str) -> _Catalog:
        """A tenant's catalog as its shard has it: every search asks for some of it."""
        shard = self._shard(catalog(tenant))
        if tenant not in self._catalogs:
            known = self._catalogs[tenant] = _Catalog({}, {})
            for point in [] if shard is None else shard.scan(payload=True):
                match point.payload:
                    case {"record": values}:
                        record = record_from(values)
                        known.records[record.document.id] = record
                    case {"shift": values}:
                        shift = shift_from(values)
                        known.shifts[shift.serving.language] = shift
        return self._catalogs[tenant]

    def _declare(self, tenant: str, key: str, payload: dict[str, Any]) -> None:
        """Write a point of the catalog after everything else is on the disk."""
        shard = self._shard(catalog(tenant)) or self._create(catalog(tenant), _config(0))
        for other in self._shards.values():
            if other is not shard:
                other.flush()
        shard.write(engine.UpdateOperation.upsert_points([engine.Point(key, {}, payload)]))

    def _create(self, name: str, config: engine.EdgeConfig) -> _Shard:
        path = self._directory / name
        with _engine_at(path):
            engine.EdgeShard.create(str(path), config).close()
        shard = self._shards[name] = _Shard(path)
        return shard


@dataclass(frozen=True, slots=True)
class _Catalog:
    """A tenant's catalog: records by document, shifts by language."""

    records: dict[str, Record]
    shifts: dict[str, Shift]


class _Shard:
    """One collection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _engine_at(path):
            self._engine = engine.EdgeShard.load(str(path))
            self._engine.optimize()
        self._clean = True
        self.counts = TermCounts()
        self._names = [signal.value for signal in WORDS]
        held: dict[Signal, list[list[int]]] = {signal: [] for signal in WORDS}
        for point in self.scan(vectors=self._names):
            for signal, terms in _terms(point):
                held[signal].append(terms)
        for signal, passages in held.items():
            self.counts.add_all(signal, passages)

    def rankings(self, probes: Mapping[Signal, Probe], depth: int, among: set[str] | None) -> dict[Signal, Ranking]:
        """For each signal its best points, made in one pass."""
        requests = [_request(signal, probe, depth, among) for signal, probe in probes.items()]
        with _engine_at(self._path):
            answers = self._engine.query_batch(engine.QueryBatchRequest(requests))
        rankings = [[(str(point.id), point.score) for point in answer] for answer in answers]
        return dict(zip(probes, rankings, strict=True))

    def points(
        self, ids: Sequence[str], *, payload: bool = True, vectors: bool | list[str] = False
    ) -> list[engine.Record]:
        """Those of these points that exist."""
        with _engine_at(self._path):
            return self._engine.retrieve(list(ids), payload, vectors)

    def scan(self, *, payload: bool = False, vectors: bool | list[str] = False) -> Iterator[engine.Record]:
        """All points."""
        offset: Any = None
        while True:
            with _engine_at(self._path):
                page, offset = self._engine.scroll(
                    engine.ScrollRequest(offset=offset, limit=PAGE, with_payload=payload, with_vector=vectors)
                )
            yield from page
            if offset is None:
                return

    def write(self, operation: engine.UpdateOperation) -> None:
        """Apply an operation; when this returns it outlives the process."""
        with _engine_at(self._path):
            self._engine.update(operation)
        self._clean = False

    def forget(self, ids: Sequence[str]) -> None:
        """Count the terms of points no more that are about to go or to be replaced."""
        for point in self.points(ids, payload=False, vectors=self._names):
            for signal, terms in _terms(point):
                self.counts.remove(signal, terms)

    def flush(self) -> None:
        """Bring what was written to the disk, so that it outlives the machine."""
        if not self._clean:
            with _engine_at(self._path):
                self._engine.flush()
            self._clean = True

    def close(self) -> None:
        """Write everything and let go of the files."""
        with _engine_at(self._path):
            self._engine.close()


def open_edge(state: Path) -> EdgeIndex:
    """The index in ``state``. Raises ``KnowledgeUnavailable`` when another process has it open or it is broken."""
    directory = state / FOLDER
    lock = _locked(directory)
    try:
        return EdgeIndex(directory, lock)
    except KnowledgeUnavailable:
        lock.close()
        raise


def _locked(directory: Path) -> IO[str]:
    """A lock on all shards at once, that tells who holds it."""
    directory.mkdir(parents=True, exist_ok=True)
    lock = (directory / "aicc.lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise KnowledgeUnavailable(
            f"the index in {directory} is open in another process (pid {owner}): ask the running server over HTTP, stop"
            " it, or set AICC_QDRANT_URL to share one between processes"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


@contextlib.contextmanager
def _engine_at(path: Path) -> Iterator[None]:
    """Give what the engine raises its name."""
    try:
        yield
    except Exception as error:
        if type(error) is Exception:  # the engine raises nothing more special; anything else is a mistake of ours
            raise KnowledgeUnavailable(
                f"the index in {path} cannot be used ({error}); when it stays so, move it away and ingest again"
            ) from error
        raise


def _config(dimension: int) -> engine.EdgeConfig:
    """Exact search: no graphs, whatever the size."""
    plain: dict[str, Any] = {"distance": engine.Distance.Cosine, "datatype": engine.VectorStorageDatatype.Float16}
    small = engine.TurboQuantQuantizationConfig(bits=engine.TurboQuantBitSize.Bits4, memory=engine.Memory.Pinned)
    best = engine.MultiVectorConfig(engine.MultiVectorComparator.MaxSim)
    return engine.EdgeConfig(
        vectors={
            Signal.DENSE.value: engine.EdgeVectorParams(dimension, quantization_config=small, **plain),
            Signal.SENTENCE.value: engine.EdgeVectorParams(dimension, multivector_config=best, **plain),
        }
        if dimension
        else None,
        sparse_vectors={signal.value: engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf) for signal in WORDS},
        optimizers=engine.EdgeOptimizersConfig(indexing_threshold=NEVER),
        max_search_threads=1,
    )


def _request(signal: Signal, probe: Probe, depth: int, among: set[str] | None) -> engine.QueryRequest:
    asked: Any = _sparse(probe) if isinstance(probe, Sparse) else probe.tolist()
    return engine.QueryRequest(
        limit=depth,
        params=engine.SearchParams(quantization=TWICE) if signal is Signal.DENSE else None,
        query=engine.Query.Nearest([asked] if signal is Signal.SENTENCE else asked, using=signal.value),
        filter=None if among is None else engine.Filter(must=[engine.HasIdCondition(set(among))]),
        with_payload=False,
    )


def _point(entry: Entry) -> engine.Point:
    vectors: dict[str, Any] = {
        signal.value: _sparse(vector)
        for signal, vector in ((Signal.LEXICAL, entry.lexical), (Signal.CHARACTERS, entry.characters))
        if vector is not None and vector.indices
    }
    if entry.dense is not None:
        vectors[Signal.DENSE.value] = entry.dense.tolist()
    if entry.rows is not None and len(entry.rows):
        vectors[Signal.SENTENCE.value] = entry.rows.tolist()
    return engine.Point(entry.id, vectors, entry_values(entry))


def _entry(point: engine.Record) -> Entry:
    vectors = _vectors(point)
    words = _words(vectors)
    return entry_from(
        str(point.id),
        point.payload or {},
        lexical=words.get(Signal.LEXICAL),
        characters=words.get(Signal.CHARACTERS),
        dense=vectors.get(Signal.DENSE.value),
        rows=vectors.get(Signal.SENTENCE.value),
    )


def _vectors(point: engine.Record) -> Mapping[str, Any]:
    """A point's vectors by name; asked for once, because every time they are made anew."""
    vectors = point.vector
    return vectors if isinstance(vectors, dict) else {}


def _terms(point: engine.Record) -> Iterator[tuple[Signal, list[int]]]:
    """A point's terms without their weights: opening reads those of all."""
    vectors = _vectors(point)
    for signal in WORDS:
        vector = vectors.get(signal.value)
        if isinstance(vector, engine.SparseVector):
            yield signal, vector.indices


def _words(vectors: Mapping[str, Any]) -> dict[Signal, Sparse]:
    return {
        signal: Sparse(tuple(vector.indices), tuple(vector.values))
        for signal in WORDS
        if isinstance(vector := vectors.get(signal.value), engine.SparseVector)
    }


def _sparse(vector: Sparse) -> engine.SparseVector:
    return engine.SparseVector(list(vector.indices), list(vector.values))
