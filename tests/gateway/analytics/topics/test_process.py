from __future__ import annotations

from gateway.analytics.topics.process import answer
from knowledge.child import ChildProcess

TURNS = [[f"c{n}", "2026-11-16", text] for n, text in enumerate(("late parcel", "my parcel is late", "parcel late"))]


def test_turns_come_back_as_topics() -> None:
    found = answer({"language": "en", "turns": TURNS})
    (topic,) = found.pop("topics")
    assert found == {"contacts": 3, "turns": 3, "alone": 0}
    assert sorted(topic["label"]) == ["late", "parcel"]
    assert (topic["turns"], topic["by_day"], topic["trend"]) == (3, {"2026-11-16": 3}, "steady")
    assert set(topic["contacts"]) == {"c0", "c1", "c2"}


def test_a_language_that_nobody_speaks_is_an_answer_and_no_crash() -> None:
    assert "fr" in answer({"language": "fr", "turns": TURNS})["error"]


def test_it_answers_over_its_pipes() -> None:
    with ChildProcess("gateway.analytics.topics.process") as child:
        assert child.ask({"language": "en", "turns": TURNS}, timeout=60)["contacts"] == 3
