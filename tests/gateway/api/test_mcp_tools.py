"""How an offer looks in a list of tools."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator
from mcp_types import Tool

from gateway.api.mcp_offer import Offer
from gateway.api.mcp_tools import listed
from tests.gateway.api.mcp_stage import example_offer
from tests.house import example_release


def tools(language: str = "en") -> dict[str, Tool]:
    return {tool.name: tool for tool in listed(example_offer(), example_release(), language)}


@pytest.mark.parametrize(
    ("name", "reads", "destroys"),
    [
        ("order_status", True, False),
        ("change_address", False, False),
        ("cancel_order", False, True),
        ("confirm", False, True),
        ("withdraw", False, False),
        ("search_knowledge", True, False),
    ],
)
def test_annotations_follow_from_the_risk(name: str, reads: bool, destroys: bool) -> None:
    hints = tools()[name].annotations
    assert hints is not None
    assert (hints.read_only_hint, hints.destructive_hint) == (reads, destroys)
    assert (hints.idempotent_hint, hints.open_world_hint) == (True, False)


@pytest.mark.parametrize(("language", "title"), [("en", "Cancel an order"), ("ko", "주문 취소")])
def test_words_are_in_one_language_and_all_are_there(language: str, title: str) -> None:
    tool = tools(language)["cancel_order"]
    assert tool.title == title
    assert tool.meta is not None
    assert tool.meta["aicc/title"] == {"ko": "주문 취소", "en": "Cancel an order"}


def test_arguments_are_those_of_the_action_and_no_others() -> None:
    schema = tools()["refund_order"].input_schema
    assert schema["required"] == ["order_number", "amount", "reason"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["reason"]["enum"] == ["changed_mind", "damaged", "wrong_item"]
    assert schema["properties"]["amount"]["description"] == "the amount in won"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_all_schemas_are_json_schemas(language: str) -> None:
    for tool in tools(language).values():
        assert tool.description
        Draft202012Validator.check_schema(tool.input_schema)
        Draft202012Validator.check_schema(tool.output_schema)


def test_where_nothing_changes_there_is_nothing_to_confirm() -> None:
    whole = example_offer()
    reading = Offer(whole.tenant, {"order_status": whole.tools["order_status"]}, False, {})
    assert [tool.name for tool in listed(reading, example_release(), "en")] == ["order_status"]
