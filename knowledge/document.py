"""The enterprise's own words: documents, and the passages they are cut into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Document:
    """One source that answers may cite.

    ``id`` is stable across re-ingestion (the source's path relative to the ingested root, or its upload name).
    ``digest`` is the SHA-256 of the source's bytes. ``language`` is ``ko`` or ``en``.
    Outside ``valid_from``..``valid_until`` (both inclusive, either may be open) nothing of it may be said, nor to
    anybody but its ``audience`` or on any but its ``channels`` (empty: to everybody, on every channel).
    """

    id: str
    title: str
    language: str
    digest: str
    valid_from: date | None = None
    valid_until: date | None = None
    audience: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    def told(self, day: date, audience: str | None = None, channel: str | None = None) -> bool:
        """Whether it may be cited on ``day`` to this audience on this channel; ``None``: nobody, none special."""
        return (
            self.valid_on(day)
            and (not self.audience or audience in self.audience)
            and (not self.channels or channel in self.channels)
        )

    def valid_on(self, day: date) -> bool:
        """Whether it may be cited on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can answer a question by itself.

    ``headings`` is the way from the document's title down to it; ``text`` its words without them;
    ``sentences`` the same words cut at sentence ends (a list item or a table row is one).
    ``question`` is set when the source was a question with its answer (then ``text`` is the answer).
    """

    id: str
    document: Document
    ordinal: int
    headings: tuple[str, ...]
    text: str
    sentences: tuple[str, ...]
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that retrieval found.

    ``score`` in 0..1 orders hits of one query (the fusion of ``signals``). ``signals`` holds each retriever's own
    figures by name, raw enough to be calibrated: ``dense`` is a cosine, ``lexical`` a BM25 sum, ``coverage`` the share
    of the query's content words that stand in the passage. ``best`` is the index of the sentence that matches most,
    ``sentence_scores`` one figure in 0..1 for each sentence of the passage.
    """

    passage: Passage
    score: float
    signals: dict[str, float]
    best: int
    sentence_scores: tuple[float, ...]
