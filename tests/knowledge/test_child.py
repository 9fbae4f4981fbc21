from __future__ import annotations

import pytest

from knowledge.child import ChildLost, ChildProcess, ChildTimeout

CHILD = "tests.knowledge.children"


def test_questions_are_answered_one_after_the_other_by_one_process() -> None:
    with ChildProcess(CHILD) as child:
        first = child.ask({"do": "echo", "text": "한글"}, 20)
        second = child.ask({"do": "echo", "text": "x" * 3_000_000}, 20)
    assert first["text"] == "한글"
    assert len(second["text"]) == 3_000_000
    assert first["pid"] == second["pid"]


def test_what_the_child_prints_does_not_reach_the_answers() -> None:
    with ChildProcess(CHILD) as child:
        assert child.ask({"do": "print"}, 20)["done"]


def test_a_child_that_dies_leaves_its_last_words_and_the_next_question_a_new_one() -> None:
    with ChildProcess(CHILD) as child:
        child.ask({"do": "echo", "text": ""}, 20)
        with pytest.raises(ChildLost, match="farewell") as lost:
            child.ask({"do": "die"}, 20)
        assert lost.value.code == 1
        assert child.ask({"do": "echo", "text": "again"}, 20)["text"] == "again"


def test_a_child_that_was_killed_tells_by_which_signal() -> None:
    with ChildProcess(CHILD) as child, pytest.raises(ChildLost) as lost:
        child.ask({"do": "kill"}, 20)
    assert lost.value.code == -9


def test_patience_ends() -> None:
    with ChildProcess(CHILD) as child:
        child.ask({"do": "echo", "text": ""}, 20)
        with pytest.raises(ChildTimeout):
            child.ask({"do": "hang"}, 0.2)
        assert child.ask({"do": "echo", "text": "again"}, 20)["text"] == "again"


def test_its_environment_is_the_one_it_was_given() -> None:
    with ChildProcess(CHILD, environment={"HF_HUB_OFFLINE": "1"}) as child:
        assert child.ask({"do": "environment", "name": "HF_HUB_OFFLINE"}, 20)["value"] == "1"
