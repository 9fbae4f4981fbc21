"""What tests of this room share: an embedder without a model, and ways to make entries without a process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from knowledge import lexical
from knowledge.document import Document, Passage
from knowledge.embedder import Matrix, ModelPlace, Role
from knowledge.index import Entry, Index, Record, Space, entry_id
from knowledge.lexical import Sparse
from knowledge.preparing_process import row_texts, whole_text
from knowledge.sentences import split

NO_MODEL = ModelPlace("none", "nowhere", Path("/nonexistent"))


class HashedEmbedder:
    """An ``Embedder`` that adds up a random direction per word: texts that share words are near each other."""

    name = "hashed"
    dimension = 48

    def embed(self, texts: Sequence[str], role: Role) -> Matrix:
        out = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split() or [""]:
                seed = lexical.hashed(word.strip(".,?!"))
                out[row] += np.random.default_rng(seed).normal(size=self.dimension).astype(np.float32)
            out[row] /= np.linalg.norm(out[row])
        return out


def document(key: str, language: str = "en", *, valid_until: date | None = None) -> Document:
    return Document(key, key, language, "digest", valid_until=valid_until)


def passage(
    doc: Document, text: str, ordinal: int = 0, *, question: str | None = None, heading: str | None = None
) -> Passage:
    headings = (doc.title, heading) if heading else (doc.title,)
    return Passage(f"{doc.id}#{ordinal}", doc, ordinal, headings, text, split(text), question)


def entry(space: Space, made: Passage, revision: str = "1", staged_at: float = 0.0) -> Entry:
    """As the preparing process makes it, with vectors of ``HashedEmbedder`` where the space has any."""
    analyzer = lexical.analyzer(space.language)
    whole = whole_text(made)
    embedder = HashedEmbedder()
    return Entry(
        id=entry_id(space, made.id, revision),
        passage=made,
        revision=revision,
        staged_at=staged_at,
        lexical=lexical.weighted(analyzer.terms(whole), lexical.TYPICAL[space.language]),
        sentence_terms=tuple(
            tuple(sorted({lexical.hashed(term) for term in analyzer.terms(text)})) for text in row_texts(made)
        ),
        characters=lexical.document_characters(whole, space.language),
        dense=embedder.embed([whole], Role.PASSAGE)[0] if space.model else None,
        rows=embedder.embed(row_texts(made), Role.PASSAGE) if space.model else None,
    )


def serve(index: Index, space: Space, *passages: Passage, revision: str = "1") -> None:
    """Put and publish passages."""
    index.put(space, [entry(space, made, revision) for made in passages])
    for made in passages:
        index.publish(space.tenant, Record(made.document, revision, "/root", space.model, 1))
    index.seal(space)


def words(**weights: float) -> Sparse:
    """A sparse vector of plain terms."""
    return lexical.sparse({lexical.hashed(term): weight for term, weight in weights.items()})
