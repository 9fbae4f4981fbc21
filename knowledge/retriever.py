"""From a caller's question to the passages that may answer it.

    await retriever.search(
        Query("hanbit-store", "ko", "그럼 주말에는요?", context=("평일 영업시간이 어떻게 되나요?",), channel="phone")
    )

The evidence of the turns in ``context`` counts as well, the less the older they are. Each signal ranks on its own, the
scores are fused, and only what the catalog serves to this caller today comes through: the current revision of a
document, inside its days of validity, for this audience and channel. Every hit carries raw figures for confidence and a
score for each of its sentences.

Refuses: waiting (the search is plain synchronous work; ``hosting`` keeps it off the media loop), answering.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, Protocol

from knowledge import evidence, lexical
from knowledge.asking import Asking, trimmed
from knowledge.document import Document, Hit, Passage
from knowledge.embedder import Embedder, LazyEmbedder, ModelPlace
from knowledge.evidence import Question, Weights
from knowledge.fusion import WEIGHTS, fuse
from knowledge.index import Entry, Index, Probe, Ranking, Record, Signal, Space
from knowledge.moving import configured, standing
from knowledge.query import Query
from knowledge.settings import KnowledgeSettings

MODELS: Final = 2
"""Models that are kept loaded: the one that serves, and the one that is about to."""
ATTEMPTS: Final = 2
"""Searches per question: a second one when a document was replaced between looking and fetching."""


class Retriever(Protocol):
    """What the dialog asks."""

    async def search(self, query: Query) -> list[Hit]:
        """At most ``query.limit`` passages, best first, that may be told to whoever asks.

        Nothing found is an empty list. Raises ``KnowledgeUnavailable`` when the index or a model does not answer.
        """
        ...


class LocalRetriever:
    """Everything in this process, synchronously."""

    def __init__(
        self,
        index: Index,
        settings: KnowledgeSettings,
        place: ModelPlace,
        *,
        embedder: Embedder | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._index = index
        self._settings = settings
        self._place = place
        self._given = embedder
        self._asking: dict[str, Asking] = {}
        self._unsaid: dict[tuple[str, str], Space] = {}
        self._today = today

    def search(self, query: Query) -> list[Hit]:
        """See ``Retriever.search``."""
        text = trimmed(query.text)
        lexical.analyzer(query.language)  # a language that is not spoken here is an error, whatever was asked
        if not text or query.limit < 1:
            return []
        space = self.space(query.tenant, query.language)
        if not self._readable(space) and not self._index.records(query.tenant):
            return []  # nothing was ever ingested, so no model was converted either
        before = [words for earlier in query.context if (words := trimmed(earlier))]
        turn = self._asked_by(space.model).turn(text, before, query.language, dense=bool(space.model))
        weights = self._weights(space, turn.ranked)
        query = replace(query, on=query.on or self._today())

        for attempt in range(ATTEMPTS):
            rankings = self._index.search(space, _probes(turn.ranked, weights), self._settings.depth)
            fused = fuse(rankings, weights, self._settings.depth)
            found, replaced = self._current(space, fused, query.limit + 1, query.permits)
            if not replaced or attempt == ATTEMPTS - 1:
                break
        return self._hits(space, turn.weighed, found, query.limit)

    def texts(self, tenant: str, language: str) -> list[str]:
        """All that is served in a language, for a recognizer's language model: headings, questions, sentences."""
        return [text for passage in self.passages(tenant, language) for text in spoken_texts(passage)]

    def passages(self, tenant: str, language: str) -> list[Passage]:
        """All passages that are served in a language, in the order of their documents."""
        space = self.space(tenant, language)
        records = {record.document.id: record for record in self._index.records(tenant)}
        served = [entry.passage for entry in self._index.scan(space) if _served(entry, records)]
        return sorted(served, key=lambda passage: (passage.document.id, passage.ordinal))

    def space(self, tenant: str, language: str) -> Space:
        """Where passages of a language are served from: by what was said last, which may not be configured any more."""
        stored = self._index.shifts(tenant).get(language)
        return stored.serving if stored is not None else self._inferred(tenant, language)

    def _inferred(self, tenant: str, language: str) -> Space:
        """Where passages lie of which nothing was said yet. All records tell, so they are asked once."""
        known = self._unsaid.get((tenant, language))
        if known is None:
            records = self._index.records(tenant)
            wanted = configured(self._settings, self._place, tenant, language)
            known = standing({}, records, wanted).serving
            if records:
                self._unsaid[tenant, language] = known
        return known

    def warm(self, languages: Iterable[str]) -> None:
        """Load what the first question in these languages would have to wait for."""
        for language in languages:
            dense = language in self._settings.model_languages and self._place.ready
            asking = self._asked_by(self._place.name if dense else "")
            asking.turn("안녕하세요" if language == "ko" else "hello", (), language, dense=dense)

    def _readable(self, space: Space) -> bool:
        """Whether questions to a space can be embedded here."""
        return not space.model or self._given is not None or self._place.of(space.model).ready

    def _asked_by(self, model: str) -> Asking:
        """What makes questions for a model (or for words alone); those of models that served earlier are let go."""
        if model not in self._asking:
            if len(self._asking) > MODELS:
                self._asking.clear()
            self._asking[model] = Asking(self._given or LazyEmbedder(self._place.of(model)))
        return self._asking[model]

    def _weights(self, space: Space, question: Question) -> Mapping[Signal, float]:
        """What each signal counts for this question."""
        heard = [term.index for term in question.asked.terms if term.content]
        known = self._index.frequencies(space, Signal.LEXICAL, heard).counts
        misheard = space.language == "en" and not all(known.values())
        return WEIGHTS["en misheard" if misheard else space.language, bool(space.model)]

    def _current(
        self, space: Space, fused: Ranking, wanted: int, told: Callable[[Document], bool]
    ) -> tuple[list[tuple[Entry, float]], bool]:
        """The best entries that may be served, and whether some document's current entries were nowhere among them
        although older ones were (it was replaced just now)."""
        found: list[tuple[Entry, float]] = []
        outdated: set[str] = set()
        met: set[str] = set()
        for start in range(0, len(fused), wanted):
            scores = dict(fused[start : start + wanted])
            entries = self._index.entries(space, list(scores))
            documents = list({entry.passage.document.id for entry in entries})
            records = {record.document.id: record for record in self._index.records(space.tenant, documents)}
            for entry in sorted(entries, key=lambda entry: (-scores[entry.id], entry.id)):
                if _served(entry, records):
                    met.add(entry.passage.document.id)
                    if told(records[entry.passage.document.id].document):
                        found.append((entry, scores[entry.id]))
                elif entry.passage.document.id in records:
                    outdated.add(entry.passage.document.id)
            if len(found) >= wanted:
                break
        return found[:wanted], bool(outdated - met)

    def _hits(self, space: Space, question: Question, found: Sequence[tuple[Entry, float]], limit: int) -> list[Hit]:
        words = self._index.frequencies(space, Signal.LEXICAL, [term.index for term in question.asked.terms])
        pairs = [lexical.hashed(pair) for pair in question.asked.pairs]
        characters = self._index.frequencies(space, Signal.CHARACTERS, pairs) if pairs else None
        weights = Weights(evidence.weights_of(words), evidence.weights_of(characters) if characters is not None else {})
        hits = []
        for at, (entry, score) in enumerate(found[:limit]):
            weighed = evidence.weigh(question, entry, weights)
            following = found[at + 1][1] if at + 1 < len(found) else 0.0
            hits.append(
                Hit(
                    passage=entry.passage,
                    score=min(1.0, max(0.0, score)),
                    signals={**weighed.signals, "margin": score - following},
                    best=weighed.best,
                    sentence_scores=weighed.sentence_scores,
                )
            )
        return hits


class InlineRetriever:
    """A ``Retriever`` that searches where it is called, for evaluations and tests: no media loop waits for it there."""

    def __init__(self, local: LocalRetriever) -> None:
        self._local = local

    async def search(self, query: Query) -> list[Hit]:
        """See ``Retriever.search``."""
        return self._local.search(query)


def spoken_texts(passage: Passage) -> list[str]:
    """What of a passage a caller may say or hear."""
    return [*passage.headings, *([passage.question] if passage.question else []), *passage.sentences]


def _served(entry: Entry, records: dict[str, Record]) -> bool:
    record = records.get(entry.passage.document.id)
    return record is not None and record.revision == entry.revision


def _probes(question: Question, weights: Iterable[Signal]) -> dict[Signal, Probe]:
    probes: dict[Signal, Probe] = {}
    for signal in weights:
        if signal is Signal.LEXICAL:
            probes[signal] = lexical.asked_terms(question.asked)
        elif signal is Signal.CHARACTERS:
            probes[signal] = lexical.asked_characters(question.asked)
        elif question.vector is not None:
            probes[signal] = question.vector
    return probes
