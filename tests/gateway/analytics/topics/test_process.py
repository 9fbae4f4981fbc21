from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.analytics.topics.process import LATEST, Listener, vectors_of
from knowledge.child import ChildProcess, Message
from tests.knowledge.engines import converted

TURNS = [[f"c{n}", "2026-11-16", text] for n, text in enumerate(("late parcel", "my parcel is late", "parcel late"))]


def group(data: Path, language: str = "en", since: str = "2026-11-16") -> Message:
    return {"do": "group", "language": language, "since": since, "data": str(data)}


def test_turns_are_heard_in_parts_and_come_back_as_topics(tmp_path: Path) -> None:
    listener = Listener()
    for turn in TURNS:
        assert listener.answer({"do": "hear", "turns": [turn]}) == {}
    found = listener.answer(group(tmp_path))
    (topic,) = found.pop("topics")
    assert found == {"contacts": 3, "turns": 3, "alone": 0, "before": {"contacts": 0}}
    assert sorted(topic["label"]) == ["late", "parcel"]
    assert (topic["contacts"], topic["turns"], topic["by_day"]) == (3, 3, {"2026-11-16": 3})
    assert (topic["share"], topic["share_before"], topic["trend"]) == (1.0, None, "steady")
    assert set(topic["latest"]) == {"c0", "c1", "c2"}


def test_of_many_contacts_only_the_latest_are_named(tmp_path: Path) -> None:
    listener = Listener()
    listener.answer({"do": "hear", "turns": [[f"c{n}", "2026-11-16", "late parcel"] for n in range(LATEST + 9)]})
    (topic,) = listener.answer(group(tmp_path))["topics"]
    assert topic["contacts"] == LATEST + 9
    assert len(topic["latest"]) == LATEST


def test_numbers_are_masked_before_anything_is_looked_at(tmp_path: Path) -> None:
    listener = Listener()
    listener.answer(
        {"do": "hear", "turns": [[f"c{n}", "2026-11-16", "late parcel, +82 10-1234-5678"] for n in range(3)]}
    )
    (topic,) = listener.answer(group(tmp_path))["topics"]
    assert topic["example"] == "late parcel, +82 1*-****-5678"


def test_a_language_that_nobody_speaks_is_an_answer_and_no_crash(tmp_path: Path) -> None:
    listener = Listener()
    listener.answer({"do": "hear", "turns": TURNS})
    assert "fr" in listener.answer(group(tmp_path, "fr"))["error"]


def test_it_answers_over_its_pipes(tmp_path: Path) -> None:
    with ChildProcess("gateway.analytics.topics.process") as child:
        child.ask({"do": "hear", "turns": TURNS}, timeout=60)
        assert child.ask(group(tmp_path), timeout=60)["contacts"] == 3


def test_what_no_model_reads_or_is_ready_for_has_no_vectors(tmp_path: Path) -> None:
    assert vectors_of(["late parcel"], "en", tmp_path) is None
    assert vectors_of(["늦은 택배"], "ko", tmp_path) is None


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AICC_KNOWLEDGE_MODEL_LANGUAGES", "en")
    return converted().converted.parents[1]


def test_the_model_that_searches_reads_turns_as_well(data: Path) -> None:
    vectors = vectors_of(["where is my parcel", "my delivery has not come", "sing me a song"], "en", data)
    assert vectors is not None
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
