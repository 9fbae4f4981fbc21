"""Another model takes over: the old one serves until all is there, whatever ends the work in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from knowledge.document import Document, Passage
from knowledge.edge import open_edge
from knowledge.embedder import ModelPlace
from knowledge.errors import KnowledgeUnavailable
from knowledge.index import Entry, Index, Record, Shift, Space
from knowledge.memory import MemoryIndex
from knowledge.moving import BATCH, Mover, configured, standing
from knowledge.naming import UNNAMED
from knowledge.query import Query
from knowledge.retriever import LocalRetriever
from knowledge.settings import KnowledgeSettings
from knowledge.shelf import GRACE, IndexShelf
from tests.knowledge.twins import NO_MODEL, HashedEmbedder, document, entry, passage, serve

WORDS = KnowledgeSettings(model_languages=())
OLD = Space("shop", "en")
NEW = Space("shop", "en", "hashed", HashedEmbedder.dimension)
PLACE = replace(NO_MODEL, name="hashed")
COUNT = 2 * BATCH + 3


@dataclass
class PreparesHere:
    """Prepares in this process, and counts."""

    prepared: list[str] = field(default_factory=list)

    def model(self) -> int:
        return HashedEmbedder.dimension

    def entries(self, space: Space, passages: Sequence[Passage], revision: str, staged_at: float) -> list[Entry]:
        self.prepared += [made.id for made in passages]
        return [entry(space, made, revision, staged_at) for made in passages]


class Ended(Exception):
    """Whoever moves is no more."""


class Breaking(IndexShelf):
    """A shelf on which only so many writes succeed."""

    def __init__(self, index: Index, writes: int) -> None:
        super().__init__(index)
        self.left = writes

    def _write(self) -> None:
        if not self.left:
            raise Ended
        self.left -= 1

    def stage(self, space: Space, entries: Sequence[Entry]) -> None:
        self._write()
        super().stage(space, entries)

    def shift(self, shift: Shift) -> None:
        self._write()
        super().shift(shift)

    def discard(self, space: Space) -> None:
        self._write()
        super().discard(space)


def filled(index: Index) -> Index:
    serve(index, OLD, *(passage(document(f"d{at}"), f"Delivery number{at} takes two days.") for at in range(COUNT)))
    index.put(OLD, [entry(OLD, passage(document("draft"), "Delivery of a draft."), "9")])
    return index


def mover(shelf: IndexShelf, prepares: PreparesHere | None = None) -> Mover:
    made = prepares or PreparesHere()
    return Mover(shelf, lambda: made, lambda stage, done, total: None)


def found(index: Index) -> set[str]:
    """All that is served, by a search, whatever model is configured."""
    place = ModelPlace("hashed", "", Path("/nonexistent"))
    retriever = LocalRetriever(index, KnowledgeSettings(), place, embedder=HashedEmbedder())
    hits = retriever.search(Query("shop", "en", "how long does delivery take", limit=COUNT + 1))
    return {hit.passage.document.id for hit in hits}


EVERYTHING = {f"d{at}" for at in range(COUNT)}


def test_what_is_served_moves_and_the_old_space_goes() -> None:
    index, prepares = filled(MemoryIndex()), PreparesHere()
    records = index.records("shop")
    steps: list[tuple[str, int, int]] = []
    Mover(IndexShelf(index), lambda: prepares, lambda *step: steps.append(step)).to(NEW)
    assert index.shifts("shop") == {
        "en": replace(index.shifts("shop")["en"], serving=NEW, following=None, retired=None)
    }
    assert {made.passage.document.id for made in index.scan(NEW)} == EVERYTHING, "drafts stay behind"
    assert list(index.scan(OLD)) == []
    assert index.records("shop") == records, "records hold for both spaces"
    assert steps == [("move", done, COUNT) for done in (0, BATCH, 2 * BATCH, COUNT)]
    assert found(index) == EVERYTHING
    Mover(IndexShelf(index), lambda: prepares, lambda *step: steps.append(step)).to(NEW)
    assert len(prepares.prepared) == COUNT, "moving again does nothing"


@pytest.mark.parametrize("writes", range(8))
def test_ended_at_any_write_the_old_space_serves_and_the_next_attempt_goes_on(writes: int) -> None:
    index, prepares = filled(MemoryIndex()), PreparesHere()
    try:
        mover(Breaking(index, writes), prepares).to(NEW)
    except Ended:
        assert writes < 7
    serving = standing(index.shifts("shop"), index.records("shop"), NEW).serving
    assert serving == (OLD if writes < 5 else NEW)
    assert found(index) == EVERYTHING
    staged = {made.id for made in index.scan(NEW)}
    before = len(prepares.prepared)
    mover(IndexShelf(index), prepares).to(NEW)
    assert found(index) == EVERYTHING
    assert list(index.scan(OLD)) == []
    assert len(prepares.prepared) - before == COUNT - len(staged), "what was staged is not prepared again"


def test_a_third_model_in_the_middle_leaves_nothing_of_the_second() -> None:
    index = filled(MemoryIndex())
    with pytest.raises(Ended):
        mover(Breaking(index, 2)).to(NEW)
    assert list(index.scan(NEW))
    third = replace(NEW, model="third")
    mover(IndexShelf(index)).to(third)
    assert index.shifts("shop")["en"].serving == third
    assert list(index.scan(NEW)) == list(index.scan(OLD)) == []


def test_another_format_moves_as_another_model_does() -> None:
    index = filled(MemoryIndex())
    mover(IndexShelf(index)).to(OLD)
    raised = replace(OLD, format=OLD.format + 1)
    mover(IndexShelf(index)).to(raised)
    assert index.shifts("shop")["en"].serving == raised
    assert {made.passage.document.id for made in index.scan(raised)} == EVERYTHING
    assert list(index.scan(OLD)) == []


def test_what_is_published_meanwhile_moves_as_well_and_what_is_withdrawn_does_not_return() -> None:
    index = filled(MemoryIndex())

    def meanwhile(stage: str, done: int, total: int) -> None:
        if done == BATCH and not index.records("shop", ["late"]):
            serve(index, OLD, passage(document("late"), "Delivery is late."))
            index.withdraw("shop", "d0")

    made = PreparesHere()
    Mover(IndexShelf(index), lambda: made, meanwhile).to(NEW)
    assert found(index) == EVERYTHING - {"d0"} | {"late"}


def test_documents_that_change_for_ever_leave_the_old_space_serving() -> None:
    index = filled(MemoryIndex())

    def always(stage: str, done: int, total: int) -> None:
        serve(index, OLD, passage(document(f"more{len(index.records('shop'))}"), "Delivery again."))

    made = PreparesHere()
    with pytest.raises(KnowledgeUnavailable, match="the old index serves"):
        Mover(IndexShelf(index), lambda: made, always).to(NEW)
    assert index.shifts("shop")["en"].serving == OLD


def test_where_others_search_as_well_the_old_space_stays_until_they_have_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = filled(MemoryIndex())
    monkeypatch.setattr(index, "exclusive", False, raising=False)
    mover(IndexShelf(index)).to(NEW)
    switched = index.shifts("shop")["en"]
    assert switched.retired == OLD
    assert list(index.scan(OLD))
    mover(IndexShelf(index)).to(NEW)
    assert list(index.scan(OLD))
    index.shift(replace(switched, since=switched.since - GRACE - 1))
    mover(IndexShelf(index)).to(NEW)
    assert list(index.scan(OLD)) == []


def test_who_serves_shows_from_the_records_where_nothing_was_said() -> None:
    english, korean = Document("a", "a", "en", ""), Document("b", "b", "ko", "")
    records = [Record(english, "1", "/", "old-model", 1), Record(korean, "1", "/", "", 1)]
    later = replace(NEW, format=UNNAMED + 5)
    assert standing({}, [], later).serving == later
    assert standing({}, records, later).serving == Space("shop", "en", "old-model", format=UNNAMED)
    assert standing({}, records, Space("shop", "ko")).serving == Space("shop", "ko", format=UNNAMED)
    assert standing({"en": Shift(OLD)}, records, later).serving == OLD
    assert configured(KnowledgeSettings(), PLACE, "shop", "en") == NEW
    assert configured(KnowledgeSettings(), PLACE, "shop", "ko") == Space("shop", "ko")


KILLED = """
import sys; from pathlib import Path
from knowledge.edge import open_edge; from knowledge.shelf import IndexShelf
from tests.knowledge.test_moving import NEW, Mover, PreparesHere
index = open_edge(Path(sys.argv[1]))
prepares = PreparesHere()
Mover(IndexShelf(index), lambda: prepares, lambda stage, done, total: print(done, flush=True)).to(NEW)
print("done", flush=True)
"""


def test_killed_for_real_the_old_space_serves_and_the_next_attempt_goes_on(tmp_path: Path) -> None:
    filled(index := open_edge(tmp_path)).close()
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(str(2 * BATCH)):
                os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    index = open_edge(tmp_path)
    assert index.shifts("shop")["en"] == Shift(OLD, following=NEW)
    assert found(index) == EVERYTHING
    prepares = PreparesHere()
    mover(IndexShelf(index), prepares).to(NEW)
    assert len(prepares.prepared) <= COUNT - BATCH
    assert found(index) == EVERYTHING
    index.close()
    index = open_edge(tmp_path)
    assert index.shifts("shop")["en"].serving == NEW
    assert found(index) == EVERYTHING
    index.close()
