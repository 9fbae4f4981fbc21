from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge import ingest as module
from knowledge.blocks import Source
from knowledge.document import Passage
from knowledge.edge import open_edge
from knowledge.embedder import ModelPlace
from knowledge.errors import KnowledgeUnavailable, UnreadableDocument
from knowledge.index import Entry, Record, Space
from knowledge.ingest import IngestCancelled, IngestReport, ingest, origin_of, remove
from knowledge.limits import ReadLimits
from knowledge.memory import MemoryIndex
from knowledge.query import Query
from knowledge.readers import read
from knowledge.retriever import LocalRetriever
from knowledge.settings import KnowledgeSettings
from knowledge.shelf import IndexShelf
from tests.knowledge.twins import NO_MODEL, HashedEmbedder, entry

WORDS = KnowledgeSettings(model_languages=())
ROOT = Path(__file__).parents[2]


class ReadingHere:
    """Reads in this process."""

    def __init__(self, limits: ReadLimits) -> None:
        self._limits = limits

    def __enter__(self) -> ReadingHere:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, path: Path, name: str) -> Source:
        return read(path, name, self._limits)


class PreparingHere:
    """Prepares in this process, and counts."""

    prepared = 0

    def __init__(self, place: ModelPlace, batch: int) -> None:
        pass

    def __enter__(self) -> PreparingHere:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def model(self) -> int:
        return HashedEmbedder.dimension

    def entries(self, space: Space, passages: Sequence[Passage], revision: str, staged_at: float) -> list[Entry]:
        PreparingHere.prepared += len(passages)
        return [entry(space, passage, revision, staged_at) for passage in passages]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without child processes: one test below goes through them."""
    monkeypatch.setattr(module, "Reading", ReadingHere)
    monkeypatch.setattr(module, "Preparing", PreparingHere)
    PreparingHere.prepared = 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "knowledge"
    (made / "en").mkdir(parents=True)
    (made / "en" / "delivery.md").write_text("# Delivery\n\nDelivery takes two days.\n")
    (made / "en" / "returns.txt").write_text("Returns are free.\n")
    (made / "faq.csv").write_text("question,answer\nCan I pay by card?,Yes.\n")
    return made


def run(index: MemoryIndex, path: Path, **options: Any) -> IngestReport:
    return ingest(path, tenant="shop", shelf=IndexShelf(index), settings=WORDS, place=NO_MODEL, **options)


def told(index: Any, query: str = "delivery returns card pay days") -> set[str]:
    hits = LocalRetriever(index, WORDS, NO_MODEL).search(Query("shop", "en", query, limit=50))
    return {hit.passage.text for hit in hits}


def test_a_folder_becomes_what_is_served(here: None, folder: Path) -> None:
    index = MemoryIndex()
    report = run(index, folder)
    assert report.added == ("en/delivery.md", "en/returns.txt", "faq.csv")
    assert (report.changed, report.unchanged, report.removed, report.failed) == ((), (), (), ())
    assert report.passages == 3
    assert told(index) == {"Delivery takes two days.", "Returns are free.", "Yes."}


def test_what_did_not_change_is_not_prepared_again(here: None, folder: Path) -> None:
    index = MemoryIndex()
    run(index, folder)
    PreparingHere.prepared = 0
    (folder / "en" / "returns.txt").write_text("Returns cost three won.\n")
    report = run(index, folder)
    assert (report.changed, len(report.unchanged)) == (("en/returns.txt",), 2)
    assert PreparingHere.prepared == 1


def test_a_changed_document_leaves_nothing_of_itself_behind(here: None, folder: Path) -> None:
    index = MemoryIndex()
    run(index, folder)
    (folder / "en" / "delivery.md").write_text("# Delivery\n\nDelivery takes nine days.\n\n## Jeju\n\nEleven days.\n")
    run(index, folder)
    assert told(index, "delivery days") == {"Delivery takes nine days.", "Eleven days."}
    stored = [made.passage.text for made in index.scan(Space("shop", "en"))]
    assert len(stored) == 4
    assert not any("two" in text for text in stored)


def test_a_document_that_changes_its_language_moves(here: None, folder: Path) -> None:
    index = MemoryIndex()
    run(index, folder)
    (folder / "en" / "returns.txt").write_text("반품은 무료입니다.\n")
    run(index, folder)
    assert "Returns are free." not in told(index)
    assert len(list(index.scan(Space("shop", "en")))) == 2
    assert len(list(index.scan(Space("shop", "ko")))) == 1


def test_what_vanished_from_a_folder_goes_but_only_what_came_from_it(here: None, folder: Path, tmp_path: Path) -> None:
    index = MemoryIndex()
    other = tmp_path / "other"
    other.mkdir()
    (other / "hours.txt").write_text("Open at nine.\n")
    run(index, folder)
    run(index, other)
    run(index, other / "hours.txt", name="upload.txt")
    (folder / "en" / "returns.txt").unlink()
    report = run(index, folder)
    assert report.removed == ("en/returns.txt",)
    assert {record.document.id for record in index.records("shop")} == {
        "en/delivery.md",
        "faq.csv",
        "hours.txt",
        "upload.txt",
    }
    assert len(list(index.scan(Space("shop", "en")))) == 4


def test_of_all_folders_only_one_can_be_served_beside_uploads(here: None, folder: Path, tmp_path: Path) -> None:
    index = MemoryIndex()
    before = run(index, folder)
    upload, released = tmp_path / "upload.txt", tmp_path / "released"
    upload.write_text("Gift cards never expire.", encoding="utf-8")
    run(index, upload, name="gift.txt")
    released.mkdir()
    (released / "only.txt").write_text("Parking is free for two hours.", encoding="utf-8")
    assert run(index, released, alone=True).removed == before.added
    assert {record.document.id for record in index.records("shop")} == {"gift.txt", "only.txt"}


def test_one_bad_file_is_reported_and_stops_nothing(here: None, folder: Path) -> None:
    index = MemoryIndex()
    run(index, folder)
    (folder / "en" / "returns.txt").write_bytes(b"%PDF-1.7 not text")
    (folder / "scan.pdf").write_bytes(b"nothing")
    (folder / "logo.png").write_bytes(b"\x89PNG")
    (folder / ".hidden.md").write_text("Hidden.")
    (folder / "new.md").write_text("New words.")
    report = run(index, folder)
    assert [file for file, _ in report.failed] == ["en/returns.txt", "scan.pdf"]
    assert all(reason for _, reason in report.failed)
    assert report.added == ("new.md",)
    assert report.ignored == ("logo.png",)
    assert report.removed == ()
    assert "Returns are free." in told(index)


def test_a_link_out_of_the_folder_is_not_followed(here: None, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Secret.")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    report = run(MemoryIndex(), folder)
    assert [file for file, _ in report.failed] == ["link.txt"]


def test_a_folder_that_moved_takes_its_documents_along(here: None, folder: Path, tmp_path: Path) -> None:
    index = MemoryIndex()
    run(index, folder)
    moved = folder.rename(tmp_path / "moved")
    PreparingHere.prepared = 0
    assert len(run(index, moved).unchanged) == 3
    assert PreparingHere.prepared == 0
    (moved / "faq.csv").unlink()
    assert run(index, moved).removed == ("faq.csv",)


def test_a_single_file_of_a_known_folder_keeps_its_name_there(here: None, folder: Path) -> None:
    index = MemoryIndex()
    run(index, folder)
    (folder / "en" / "delivery.md").write_text("Delivery takes nine days.\n")
    report = run(index, folder / "en" / "delivery.md")
    assert report.changed == ("en/delivery.md",)
    assert report.removed == ()
    assert len(index.records("shop")) == 3


def test_other_rules_of_cutting_renew_everything(here: None, folder: Path) -> None:
    index = MemoryIndex()
    run(index, folder)
    settings = KnowledgeSettings(model_languages=(), passage_words=60)
    report = ingest(folder, tenant="shop", shelf=IndexShelf(index), settings=settings, place=NO_MODEL)
    assert len(report.changed) == 3


def test_another_model_takes_over_what_is_served_before_anything_is_read(here: None, folder: Path) -> None:
    index = MemoryIndex()
    run(index, folder)
    (folder / "faq.csv").write_text("question,answer\nCan I pay by cheque?,No.\n")
    stages: list[str] = []
    settings = KnowledgeSettings()
    report = ingest(
        folder,
        tenant="shop",
        shelf=IndexShelf(index),
        settings=settings,
        place=replace(NO_MODEL, name="hashed"),
        progress=lambda stage, done, total: stages.append(stage),
    )
    assert (report.changed, len(report.unchanged)) == (("faq.csv",), 2)
    assert stages.index("move") < stages.index("read")
    space = Space("shop", "en", "hashed")
    assert index.shifts("shop")["en"].serving == space
    assert len(list(index.scan(space))) == 3
    assert list(index.scan(Space("shop", "en"))) == []


def test_one_document_is_removed_at_once(here: None, folder: Path) -> None:
    index = MemoryIndex()
    run(index, folder)
    assert remove("faq.csv", tenant="shop", shelf=IndexShelf(index))
    assert "Yes." not in told(index)
    assert len(list(index.scan(Space("shop", "en")))) == 2
    assert not remove("faq.csv", tenant="shop", shelf=IndexShelf(index))


def test_progress_reaches_its_end_in_every_stage(here: None, folder: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    run(MemoryIndex(), folder, progress=lambda *step: steps.append(step))
    for stage in ("read", "embed", "store"):
        done = [step for step in steps if step[0] == stage]
        assert done[-1][1] == done[-1][2] > 0
        assert [step[1] for step in done] == sorted(step[1] for step in done)


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="neither"):
        origin_of(tmp_path / "gone", set())


def test_a_cancelled_ingestion_says_so_and_can_be_repeated(here: None, folder: Path) -> None:
    index = MemoryIndex()
    stages: Iterator[bool] = iter([False] * 6 + [True] * 100)
    with pytest.raises(IngestCancelled):
        run(index, folder, cancelled=lambda: next(stages))
    run(index, folder)
    assert len(told(index)) == 3


class Crashing(IndexShelf):
    """A shelf on which the process dies at the n-th write."""

    def __init__(self, index: MemoryIndex, writes: int) -> None:
        super().__init__(index)
        self._left = writes

    def _write(self, write: Callable[..., Any], *args: object) -> Any:
        if self._left == 0:
            raise KnowledgeUnavailable("the process was killed here")
        self._left -= 1
        return write(*args)

    def stage(self, space: Space, entries: Sequence[Entry]) -> None:
        for made in entries:
            self._write(super().stage, space, [made])

    def publish(self, tenant: str, record: Record) -> None:
        self._write(super().publish, tenant, record)

    def withdraw(self, tenant: str, documents: Sequence[str]) -> None:
        for document in documents:
            self._write(super().withdraw, tenant, [document])

    def sweep(self, tenant: str, models: Sequence[str], now: float) -> bool:
        return bool(self._write(super().sweep, tenant, models, now))


OLD = {"Delivery takes two days.", "Jeju takes three days."}
NEW = {"Delivery takes nine days.", "Jeju takes eleven days.", "Islands take twelve days."}


@pytest.mark.parametrize("writes", range(7))
def test_killed_anywhere_a_document_is_served_old_or_new_but_never_half(
    here: None, tmp_path: Path, writes: int
) -> None:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    guide = folder / "guide.md"
    guide.write_text("# Guide\n\n## Main\n\nDelivery takes two days.\n\n## Far\n\nJeju takes three days.\n")
    (folder / "zone.md").write_text("Gone soon days.\n")
    index = MemoryIndex()
    run(index, folder)
    guide.write_text(
        "# Guide\n\n## Main\n\nDelivery takes nine days.\n\n## Far\n\nJeju takes eleven days.\n\n"
        "## Sea\n\nIslands take twelve days.\n"
    )
    (folder / "zone.md").unlink()
    try:
        ingest(folder, tenant="shop", shelf=Crashing(index, writes), settings=WORDS, place=NO_MODEL)
        assert writes == 6
    except KnowledgeUnavailable:
        assert writes < 6
    served = told(index, "days delivery jeju islands") - {"Gone soon days."}
    assert served == (OLD if writes < 4 else NEW)
    run(index, folder)
    assert told(index, "days delivery jeju islands") == NEW
    assert {made.passage.text for made in index.scan(Space("shop", "en"))} == NEW
    assert [record.document.id for record in index.records("shop")] == ["guide.md"]


KILLED = """
import sys; from pathlib import Path
from knowledge.embedder import ModelPlace; from knowledge.ingest import ingest; from knowledge.shelf import IndexShelf
from knowledge.edge import open_edge; from knowledge.settings import KnowledgeSettings
index = open_edge(Path(sys.argv[1]))
print("open", flush=True)
ingest(Path(sys.argv[2]), tenant="shop", shelf=IndexShelf(index), settings=KnowledgeSettings(model_languages=()),
       place=ModelPlace("none", "", Path("/nonexistent")),
       progress=lambda stage, done, total: print(stage, done, flush=True))
index.close()
print("done", flush=True)
"""


def test_killed_for_real_it_can_be_repeated_and_nothing_is_half(here: None, tmp_path: Path) -> None:
    state, folder = tmp_path / "state", tmp_path / "knowledge"
    folder.mkdir()

    def write(word: str) -> None:
        for at in range(5):
            sections = "".join(f"## Part {part}\n\nDocument{at} part{part} is {word}.\n\n" for part in range(4))
            (folder / f"d{at}.md").write_text(f"# Document{at}\n\n{sections}")

    write("old")
    index = open_edge(state)
    ingest(folder, tenant="shop", shelf=IndexShelf(index), settings=WORDS, place=NO_MODEL)
    index.close()
    write("new")
    command = [sys.executable, "-c", KILLED, str(state), str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("store 2"):
                os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    index = open_edge(state)
    served = LocalRetriever(index, WORDS, NO_MODEL).passages("shop", "en")
    versions = {at: [made.text.split()[-1] for made in served if made.document.id == f"d{at}.md"] for at in range(5)}
    assert all(len(words) == 4 and len(set(words)) == 1 for words in versions.values()), versions
    assert {words[0] for words in versions.values()} == {"old.", "new."}
    report = ingest(folder, tenant="shop", shelf=IndexShelf(index), settings=WORDS, place=NO_MODEL)
    assert len(report.changed) + len(report.unchanged) == 5
    assert len(report.unchanged) >= 2
    stored = [made.passage.text for made in index.scan(Space("shop", "en"))]
    assert len(stored) == 20
    assert all(text.endswith("new.") for text in stored)
    index.close()
