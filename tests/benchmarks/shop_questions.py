"""The example shop's own questions, labelled, under three conditions: what confidence is fitted and judged on beside
public sets.

The questions are those of ``examples/suites/data/faq.*.yaml``, each as a page of questions puts it and in the ways in
which callers say it. Their answer is *there*; or their document was never in the index (*passage absent*: what another
document answers as well is left out, what nothing answers belongs here, too); or they are none of the shop's business
at all (*topic absent*: the off-topic utterances of the intents' training half).

Every second question of the file, and of what is off topic, is *odd*: nothing that ships was fitted on those.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from dialog.answers.answering import Question as Asked
from gateway.commands.evaluate.cases import FOLDS, HITS, Condition
from knowledge.document import Hit
from knowledge.embedder import model_place
from knowledge.hosting import KnowledgeHost, open_index
from knowledge.index import Index
from knowledge.memory import MemoryIndex
from knowledge.query import Query
from knowledge.retriever import LocalRetriever
from knowledge.settings import KnowledgeSettings, QdrantSettings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ROOT / "examples" / "hanbit-store" / "knowledge"
DATA = ROOT / "examples" / "suites" / "data"
TENANT = "hanbit-store"

Search = Callable[[str], list[Hit]]


@dataclass(frozen=True, slots=True)
class ShopCase:
    """A question as it was asked, the number of its line in the file, the document that answers it (or what it shares
    with others), the words that a right answer has (none: nothing is one), and the hits that came back."""

    condition: Condition
    number: int
    topic: str
    asked: Asked
    holds: tuple[str, ...]
    hits: tuple[Hit, ...]

    @property
    def odd(self) -> bool:
        """Whether it is of the half that nothing was fitted on."""
        return self.number % 2 == 1

    def answered_by(self, text: str) -> bool:
        """Whether ``text`` answers it: it has all that is wanted."""
        return bool(self.holds) and all(_letters(word) in _letters(text) for word in self.holds)


def shop_cases(code: str, state: Path) -> list[ShopCase]:
    """All of a language; ``state`` keeps the index between runs."""
    faq = yaml.safe_load((DATA / f"faq.{code}.yaml").read_text(encoding="utf-8"))
    intents = yaml.safe_load((DATA / f"intents.{code}.train.yaml").read_text(encoding="utf-8"))["intents"]
    with closing(KnowledgeHost(QdrantSettings(), KnowledgeSettings(), state)) as host:
        host.ingest(DOCUMENTS, TENANT)
    with closing(open_index(QdrantSettings(), state)) as index:
        shelf = _Shelf(index, code, faq["day"], state)
        return [
            *_there(faq["faqs"], code, shelf.without(())),
            *_absent(faq["faqs"], code, shelf),
            *_never(Condition.PASSAGE_ABSENT, faq["unanswered"], code, shelf.without(())),
            *_never(Condition.TOPIC_ABSENT, intents["elsewhere"]["examples"], code, shelf.without(())),
        ]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The shop's documents, of which some can be left out."""

    index: Index
    code: str
    day: date
    state: Path

    def without(self, documents: Container[str]) -> Search:
        """A search of an index that never had some documents: rare words are rare among the others."""
        settings = KnowledgeSettings()
        place = model_place(settings, self.state)
        space = LocalRetriever(self.index, settings, place).space(TENANT, self.code)
        memory = MemoryIndex()
        kept = [entry for entry in self.index.scan(space, vectors=True) if entry.passage.document.id not in documents]
        memory.put(space, kept)
        for record in self.index.records(TENANT):
            if record.document.id not in documents:
                memory.publish(TENANT, record)
        retriever = LocalRetriever(memory, settings, place)
        return lambda text: retriever.search(Query(TENANT, self.code, text, HITS, self.day, audience="customer"))


def _there(faqs: Sequence[dict[str, object]], code: str, search: Search) -> Iterator[ShopCase]:
    for number, item, text in _said(faqs):
        yield _case(Condition.THERE, number, str(item["document"]), text, code, search, _holds(item))


def _absent(faqs: Sequence[dict[str, object]], code: str, shelf: _Shelf) -> Iterator[ShopCase]:
    documents = sorted({str(item["document"]) for item in faqs})
    for fold in range(FOLDS):
        away = set(documents[fold::FOLDS])
        search = shelf.without(away)
        for number, item, text in _said(faqs):
            if item["document"] not in away:
                continue
            case = _case(Condition.PASSAGE_ABSENT, number, str(item["document"]), text, code, search)
            if not any(all(_letters(word) in _letters(hit.passage.text) for word in _holds(item)) for hit in case.hits):
                yield case


def _never(condition: Condition, texts: Sequence[str], code: str, search: Search) -> Iterator[ShopCase]:
    for number, text in enumerate(texts):
        yield _case(condition, number, f"{condition} {number}", text, code, search)


def _case(
    condition: Condition, number: int, topic: str, text: str, code: str, search: Search, holds: tuple[str, ...] = ()
) -> ShopCase:
    return ShopCase(condition, number, topic, Asked(text, code, 1.0), holds, tuple(search(text)))


def _said(faqs: Sequence[dict[str, object]]) -> Iterator[tuple[int, dict[str, object], str]]:
    """Each question of the file in all its ways, with its number."""
    for number, item in enumerate(faqs):
        for text in (item["question"], *item["asked"]):  # type: ignore[misc]
            yield number, item, str(text)


def _holds(item: dict[str, object]) -> tuple[str, ...]:
    return tuple(map(str, item["holds"]))  # type: ignore[call-overload]


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
