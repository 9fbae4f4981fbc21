"""Names of attributes: as the pinned conventions have them, and values that nobody could have said."""

from __future__ import annotations

import warnings

import pytest

from gateway.analytics.tracing import conventions as named


def test_the_names_are_those_of_the_conventions() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # they have moved to a repository of their own
        from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as known
        from opentelemetry.semconv.attributes import error_attributes
    names = {value for name, value in vars(known).items() if name.startswith("GEN_AI_")}
    operations = {one.value for one in known.GenAiOperationNameValues}
    ours = [
        named.agent("c", "t", "r", "m"),
        named.retrieval("c", "t/ko"),
        named.tool("c", "refund"),
    ]
    for attributes in ours:
        assert set(attributes) <= names
        assert attributes["gen_ai.operation.name"] in operations
    assert set(named.failed("timeout")) == {error_attributes.ERROR_TYPE}


def test_none_of_the_attributes_for_what_was_said_is_known_here() -> None:
    text = str([named.agent("c", "t", "r", "m"), named.retrieval("c", "s"), named.tool("c", "refund")])
    for opt_in in ("messages", "instructions", "arguments", "result", "query", "documents", "prompt"):
        assert f"gen_ai.{opt_in}" not in text and f".{opt_in}'" not in text


@pytest.mark.parametrize("name", ["no_answer", "orders.status", "refer", "ko", "hanbit-store/ko", "v2:main"])
def test_names_out_of_programs_and_tenants_files_are_words(name: str) -> None:
    assert named.word(name) == name


@pytest.mark.parametrize(
    "said", ["", "two words", "홍길동", "010-1234-5678", "a12345", "a" * 81, "hong@naver.com", "9.1", None, 7, ["a"]]
)
def test_what_somebody_may_have_said_is_no_word(said: object) -> None:
    assert named.word(said) is None


def test_attributes_out_of_an_event_are_words_numbers_and_truth_values() -> None:
    payload = {"way": "refer", "code": 486, "complete": False, "text": "Hello there", "none": None}
    found = named.words(payload, way="way", code="code", whole="complete", text="text", missing="missing", none="none")
    assert found == {"aicc.way": "refer", "aicc.code": 486, "aicc.whole": False}
    assert named.own(turn=1, latency=None) == {"aicc.turn": 1}
