from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.edge import FOLDER, open_edge
from knowledge.errors import KnowledgeUnavailable
from knowledge.index import Record, Signal, Space
from tests.knowledge.twins import HashedEmbedder, document, entry, passage, serve, words

SPACE = Space("한빛/shop", "en", "hashed", HashedEmbedder.dimension)
DELIVERY = passage(document("delivery"), "Delivery takes two days.")
RETURNS = passage(document("returns"), "Returns are free.")

WRITER = """
import sys, itertools
from pathlib import Path
from knowledge.edge import open_edge
from knowledge.index import Record
from tests.knowledge.test_edge import SPACE
from tests.knowledge.twins import document, entry, passage
index = open_edge(Path(sys.argv[1]))
for at in itertools.count():
    made = [entry(SPACE, passage(document(f"d{at}"), f"Delivery number {part}.", part), "1") for part in range(3)]
    index.put(SPACE, made)
    index.publish(SPACE.tenant, Record(made[0].passage.document, "1", "/", SPACE.model, len(made)))
    if at % 4 == 3:
        index.drop(SPACE, [entry(SPACE, passage(document(f"d{at - 1}"), "x", part), "1").id for part in range(3)])
        index.withdraw(SPACE.tenant, f"d{at - 1}")
    print(at, flush=True)
"""


def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    first = open_edge(tmp_path)
    serve(first, SPACE, DELIVERY, RETURNS)
    first.drop(SPACE, [entry(SPACE, RETURNS).id])
    first.close()
    again = open_edge(tmp_path)
    assert [made.passage for made in again.scan(SPACE)] == [DELIVERY]
    assert len(again.search(SPACE, {Signal.LEXICAL: words(deliveri=1.0)}, 5)[Signal.LEXICAL]) == 1
    assert again.frequencies(SPACE, Signal.LEXICAL, []).passages == 1
    assert {record.document.id for record in again.records(SPACE.tenant)} == {"delivery", "returns"}
    again.close()


@pytest.mark.parametrize("after", [1, 5, 12])
def test_a_process_killed_while_it_writes_loses_nothing_that_it_had_published(tmp_path: Path, after: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    told = -1
    while told < after:
        told = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    told = max([told, *(int(line) for line in process.stdout if line.strip().isdigit())])
    process.wait()
    process.stdout.close()
    index = open_edge(tmp_path)
    records = {record.document.id: record for record in index.records(SPACE.tenant)}
    gone = {f"d{at - 1}" for at in range(told + 1) if at % 4 == 3}
    assert {f"d{at}" for at in range(told + 1)} - gone <= records.keys()
    assert not gone & records.keys()
    held: dict[str, int] = {}
    for made in index.scan(SPACE):
        held[made.passage.document.id] = held.get(made.passage.document.id, 0) + 1
    assert all(held.get(key, 0) == record.passages for key, record in records.items() if key not in gone)
    assert index.frequencies(SPACE, Signal.LEXICAL, []).passages == sum(held.values())
    serve(index, SPACE, DELIVERY)
    found = index.search(SPACE, {Signal.LEXICAL: words(deliveri=1.0)}, 1_000)[Signal.LEXICAL]
    assert len(found) == sum(held.values()) + 1
    index.close()


def test_whoever_comes_second_is_told_who_has_it_and_what_to_do(tmp_path: Path) -> None:
    index = open_edge(tmp_path)
    with pytest.raises(KnowledgeUnavailable, match=rf"pid {os.getpid()}.*AICC_QDRANT_URL"):
        open_edge(tmp_path)
    index.close()
    open_edge(tmp_path).close()


def test_a_broken_directory_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    index = open_edge(tmp_path)
    serve(index, SPACE, DELIVERY)
    index.close()
    for config in (tmp_path / FOLDER).glob("*/edge_config.json"):
        config.write_text("not json")
    with pytest.raises(KnowledgeUnavailable, match="ingest again"):
        open_edge(tmp_path)


def test_names_that_files_do_not_take_stay_apart(tmp_path: Path) -> None:
    index = open_edge(tmp_path)
    for tenant in ("a/b", "a:b", "a_b"):
        serve(index, Space(tenant, "en"), passage(document(tenant), f"About {tenant}."))
    for tenant in ("a/b", "a:b", "a_b"):
        assert [made.passage.document.id for made in index.scan(Space(tenant, "en"))] == [tenant]
        assert [record.document.id for record in index.records(tenant)] == [tenant]
    index.close()


def test_a_closed_index_is_unavailable_and_may_be_closed_again(tmp_path: Path) -> None:
    index = open_edge(tmp_path)
    index.close()
    index.close()
    with pytest.raises(KnowledgeUnavailable, match="closed"):
        index.records("shop")


def test_what_the_engine_refuses_has_our_name(tmp_path: Path) -> None:
    index = open_edge(tmp_path)
    serve(index, Space("shop", "en"), DELIVERY)
    with pytest.raises(KnowledgeUnavailable, match="cannot be used"):
        index.put(Space("shop", "en"), [entry(SPACE, RETURNS)])
    index.close()


def test_publishing_moves_the_record(tmp_path: Path) -> None:
    index = open_edge(tmp_path)
    for revision in ("1", "2"):
        index.publish("shop", Record(document("a"), revision, "/", "", 1))
    assert [record.revision for record in index.records("shop")] == ["2"]
    index.close()
