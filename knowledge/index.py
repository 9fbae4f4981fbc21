"""What an index of passages must do, whatever engine is behind it.

A *space* holds the passages of one tenant and one language. An *entry* is a passage with its vectors in one *revision*
of its document. A *catalog* says for each document which revision is the one to serve: publishing a record there is a
single write, so a document is replaced at one moment or not at all. Entries of any other revision are never served and
are swept away later.

Refuses: deciding what is relevant (the retriever fuses), embedding, files.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from knowledge.document import Document, Passage
from knowledge.embedder import Matrix
from knowledge.lexical import VERSION, Sparse

FORMAT: Final = VERSION
"""What entries hold beside vectors: raised with the rules of terms, or when an index is to keep something else."""
_NAMESPACE: Final = uuid.UUID("5d1f6f0e-7d0c-4a0f-9a55-3a3f3f0a8d11")


class Signal(StrEnum):
    """One way to compare a question with a passage."""

    DENSE = "dense"
    """Cosine with the whole passage."""
    SENTENCE = "sentence"
    """Best cosine with one of its sentences, its question or its heading."""
    LEXICAL = "lexical"
    """BM25 over stems (English) or morphemes (Korean)."""
    CHARACTERS = "characters"
    """BM25 over pairs of characters (Korean) or runs of letters (English)."""


@dataclass(frozen=True, slots=True)
class Space:
    """The passages of one tenant and language. ``model`` names the vectors in it (empty: words only), ``format`` the
    rules by which its entries were made.

    ``dimension`` matters only to whoever writes the first entry.
    """

    tenant: str
    language: str
    model: str = ""
    dimension: int = field(default=0, compare=False)
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Shift:
    """Which space serves a language. ``following`` is being filled to serve next; ``retired`` served until ``since``
    (seconds since the epoch) and is still asked by processes that have not noticed."""

    serving: Space
    following: Space | None = None
    retired: Space | None = None
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage with what it is found by.

    ``rows`` holds a unit vector per sentence, and one more for its label (its question, else its last heading) when it
    has one. ``sentence_terms`` are the hashed terms of each sentence and, last, of the label.
    """

    id: str
    passage: Passage
    revision: str
    staged_at: float
    lexical: Sparse
    sentence_terms: tuple[tuple[int, ...], ...]
    characters: Sparse | None = None
    dense: Matrix | None = None
    rows: Matrix | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The catalog's word on a document: the revision to serve, and where it came from."""

    document: Document
    revision: str
    root: str
    model: str
    passages: int


Probe: TypeAlias = "Matrix | Sparse"
"""A question as one signal sees it: a unit vector, or terms with weights (without document frequencies)."""

Ranking: TypeAlias = list[tuple[str, float]]
"""Ids of entries with scores, best first."""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """In how many of ``passages`` entries each asked term stands."""

    passages: int
    counts: Mapping[int, int]


class Index(Protocol):
    """Entries and catalogs. Every method may raise ``KnowledgeUnavailable``."""

    @property
    def exclusive(self) -> bool:
        """Whether nobody else can be writing now (so that what is unpublished may be swept at once)."""
        ...

    def search(self, space: Space, probes: Mapping[Signal, Probe], depth: int) -> dict[Signal, Ranking]:
        """For each signal its ``depth`` best entries, whatever their revision. A space that is not there is empty.

        ``SENTENCE`` beside other signals ranks only what these have named: a passage has many sentences, and comparing
        all of them costs ten times the rest and gains nothing (SQuAD, 2,910 questions: 0.850 with, 0.851 without).

        Scores are cosines, and BM25 sums with the inverse document frequency ln((n - df + .5) / (df + .5) + 1);
        entries that share no term are not in a ranking of words.
        """
        ...

    def entries(self, space: Space, ids: Sequence[str], *, vectors: bool = True) -> list[Entry]:
        """The entries with these ids that exist, in any order; without ``vectors`` the vectors may be missing."""
        ...

    def scan(self, space: Space, *, vectors: bool = False) -> Iterator[Entry]:
        """All entries; without ``vectors`` the vectors may be missing."""
        ...

    def put(self, space: Space, entries: Sequence[Entry]) -> None:
        """Add entries, or replace those of the same id."""
        ...

    def drop(self, space: Space, ids: Sequence[str]) -> None:
        """Remove entries; those that are gone already are no error."""
        ...

    def frequencies(self, space: Space, signal: Signal, terms: Iterable[int]) -> Frequencies:
        """How common terms are; may lag behind writes until ``seal``."""
        ...

    def seal(self, space: Space) -> None:
        """Writing to a space is over for now: bring derived figures up to date."""
        ...

    def records(self, tenant: str, documents: Sequence[str] | None = None) -> list[Record]:
        """The catalog's records of these documents, or of all."""
        ...

    def publish(self, tenant: str, record: Record) -> None:
        """Make a revision the one to serve. Atomic."""
        ...

    def withdraw(self, tenant: str, document: str) -> None:
        """Serve nothing of a document any more. Atomic; an unknown one is no error."""
        ...

    def shifts(self, tenant: str) -> dict[str, Shift]:
        """By language, what was last said about who serves it."""
        ...

    def shift(self, shift: Shift) -> None:
        """Say which space serves a tenant's language from now on. Atomic, and after what it serves is kept safe."""
        ...

    def discard(self, space: Space) -> None:
        """Remove a space with everything in it; one that is not there is no error."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


def entry_id(space: Space, passage: str, revision: str) -> str:
    """The id of a passage's entry in one revision: the same on every attempt, so that repeating is harmless."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join((space.tenant, space.language, passage, revision))))


def record_id(tenant: str, document: str) -> str:
    """The id of a document's record."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join((tenant, document))))


def shift_id(tenant: str, language: str) -> str:
    """The id of what is said about who serves a language; no document's record has it."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join((tenant, "serving", language))))


def in_two_steps(
    probes: Mapping[Signal, Probe], rank: Callable[[Mapping[Signal, Probe], set[str] | None], Mapping[Signal, Ranking]]
) -> dict[Signal, Ranking]:
    """Rankings for all probes; ``rank`` makes those of some of them, the second time among some entries only."""
    found: dict[Signal, Ranking] = {signal: [] for signal in probes}
    first: dict[Signal, Probe] = {
        signal: probe
        for signal, probe in probes.items()
        if signal is not Signal.SENTENCE and (not isinstance(probe, Sparse) or probe.indices)
    }
    if first:
        found.update(rank(first, None))
    if Signal.SENTENCE in probes:
        among = {key for ranking in found.values() for key, _ in ranking} if len(probes) > 1 else None
        if among is None or among:
            found.update(rank({Signal.SENTENCE: probes[Signal.SENTENCE]}, among))
    return found


def label_of(passage: Passage) -> str:
    """What names a passage: its question, else its last heading; the document's title alone names nothing."""
    return passage.question or (passage.headings[-1] if len(passage.headings) > 1 else "")
