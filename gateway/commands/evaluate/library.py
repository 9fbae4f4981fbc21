"""A corpus in the product's own index: prepared, staged, published and searched as a tenant's documents are.

The index stays in the work folder, so that passages are embedded once. What is left out is reading files and cutting
them: published figures are about whole contexts. Refuses: any way round the product, such as terms or vectors of its
own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from gateway.commands.evaluate.reading_sets import Corpus
from infra.config import load
from knowledge import lexical
from knowledge.document import Document, Hit, Passage
from knowledge.embedder import ModelPlace, model_place
from knowledge.hosting import open_index
from knowledge.index import Index, Record, Space, entry_id
from knowledge.memory import MemoryIndex
from knowledge.preparing import Preparing
from knowledge.query import Query
from knowledge.retriever import LocalRetriever
from knowledge.sentences import split
from knowledge.settings import KnowledgeSettings, QdrantSettings

TENANT = "evaluation"
TODAY = date(2026, 1, 1)
"""Any day: the documents of a corpus are always valid."""
BATCH = 64
"""Passages that are prepared at once."""


@dataclass(frozen=True, slots=True)
class Library:
    """An index that holds a corpus, each context a document of one passage."""

    index: Index
    settings: KnowledgeSettings
    place: ModelPlace
    retriever: LocalRetriever
    language: str

    def search(self, query: str, limit: int) -> list[Hit]:
        """The passages that the product finds."""
        return self.retriever.search(Query(TENANT, self.language, query, limit, TODAY))

    def only(self, contexts: Container[int]) -> Library:
        """A library of some of the contexts, in memory: rare words are rare among these, and nothing else is known."""
        space = self.retriever.space(TENANT, self.language)
        memory = MemoryIndex()
        kept = [entry for entry in self.index.scan(space, vectors=True) if _number(entry.passage) in contexts]
        memory.put(space, kept)
        records = {record.document.id: record for record in self.index.records(TENANT)}
        for entry in kept:
            memory.publish(TENANT, records[entry.passage.document.id])
        retriever = LocalRetriever(memory, self.settings, self.place)
        retriever.warm([self.language])
        return replace(self, index=memory, retriever=retriever)


def number_of(hit: Hit) -> int:
    """The number of the context that a hit is."""
    return _number(hit.passage)


@contextmanager
def opened(
    corpus: Corpus, name: str, work: Path, tell: Callable[[str], None], *, words_only: bool = False
) -> Iterator[Library]:
    """The corpus, prepared and published under ``work / name`` as far as it is not there yet; ``words_only`` without
    vectors, whatever is configured.

    Raises a ``KnowledgeError``, such as when another evaluation holds that index.
    """
    settings = load(KnowledgeSettings)
    if words_only:
        settings = settings.model_copy(update={"model_languages": ()})
    place = model_place(settings, work)
    with closing(open_index(load(QdrantSettings), work / name)) as index:
        _fill(index, corpus, name, settings, place, tell)
        retriever = LocalRetriever(index, settings, place)
        retriever.warm([corpus.language])
        yield Library(index, settings, place, retriever, corpus.language)


def _fill(
    index: Index,
    corpus: Corpus,
    name: str,
    settings: KnowledgeSettings,
    place: ModelPlace,
    tell: Callable[[str], None],
) -> None:
    passages = [_passage(number, context, corpus.language) for number, context in enumerate(corpus.contexts)]
    known = {record.document.id: record.revision for record in index.records(TENANT)}
    wanted = {passage.document.id: _revision(passage, place) for passage in passages}
    missing = [passage for passage in passages if known.get(passage.document.id) != wanted[passage.document.id]]
    for document in known.keys() - wanted.keys():
        index.withdraw(TENANT, document)
    if not missing and place.ready:
        return
    with Preparing(place, settings.embed_batch) as preparing:
        dense = corpus.language in settings.model_languages
        space = (
            Space(TENANT, corpus.language, place.name, preparing.model()) if dense else Space(TENANT, corpus.language)
        )
        outdated = [entry_id(space, p.id, known[p.document.id]) for p in missing if p.document.id in known]
        for start in range(0, len(missing), BATCH):
            _publish(index, space, preparing, missing[start : start + BATCH], wanted)
            tell(f"{name}: {min(start + BATCH, len(missing))} of {len(missing)} contexts are in the index")
        index.drop(space, outdated)
        index.seal(space)


def _publish(
    index: Index, space: Space, preparing: Preparing, passages: Sequence[Passage], revisions: dict[str, str]
) -> None:
    for entry in preparing.entries(space, passages, "", 0.0):
        document = entry.passage.document
        revision = revisions[document.id]
        index.put(space, [replace(entry, id=entry_id(space, entry.passage.id, revision), revision=revision)])
        index.publish(TENANT, Record(document, revision, "evaluation", space.model, 1))


def _passage(number: int, context: str, language: str) -> Passage:
    digest = hashlib.sha256(context.encode()).hexdigest()
    document = Document(f"{language}-{number}", "", language, digest)
    return Passage(f"{document.id}#0", document, 0, (), context, split(context))


def _number(passage: Passage) -> int:
    return int(passage.document.id.rpartition("-")[2])


def _revision(passage: Passage, place: ModelPlace) -> str:
    """Names a context together with what decides how it is found."""
    cut = "\x1f".join(passage.sentences)
    rules = f"{passage.document.digest} {lexical.VERSION} {place.name} {cut}"
    return hashlib.sha256(rules.encode()).hexdigest()[:16]
