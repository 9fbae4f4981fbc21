"""Descriptions become actions that load, and what they do not hold is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dialog.actions.action import Action, Risk, Via
from dialog.actions.openapi import Imported, from_mcp, from_openapi
from dialog.actions.source import read_actions
from dialog.errors import DescriptionRefused
from dialog.yaml_source import read_yaml

DOCUMENT = yaml.safe_load(
    """
openapi: 3.1.0
servers: [{url: "https://orders.example/v2/"}]
paths:
  /orders/{orderId}:
    parameters: [{$ref: "#/components/parameters/orderId"}]
    get:
      operationId: getOrder
      parameters:
        - {name: fields, in: query, schema: {type: string}}
        - {name: X-Trace, in: header, schema: {type: string}}
      responses:
        "404": {description: none}
        "200": {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
    delete: {responses: {"204": {description: gone}}}
  /orders/{orderId}/refunds:
    post:
      operationId: refundOrder
      parameters: [{$ref: "#/components/parameters/orderId"}]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [amount]
              properties:
                amount: {type: integer, format: int64, minimum: 1, multipleOf: 10}
                reason: {enum: [late, damaged]}
                when: {type: string, format: date-time}
      responses: {"201": {content: {application/json: {schema: {type: array, items: {type: string}}}}}}
components:
  parameters:
    orderId: {name: orderId, in: path, required: true, schema: {type: string, pattern: "[0-9]{8}"}}
  schemas:
    Order:
      type: object
      description: An order.
      required: [status]
      properties:
        status: {type: string, enum: [open, done]}
        note: {type: string, nullable: true}
        parent: {$ref: "#/components/schemas/Order"}
"""
)


def loaded(found: Imported, folder: Path) -> dict[str, Action]:
    path = folder / "actions.yaml"
    path.write_text(yaml.safe_dump(found.content, sort_keys=False))
    return read_actions(read_yaml(path))


def test_what_is_imported_loads(tmp_path: Path) -> None:
    actions = loaded(from_openapi(DOCUMENT, "orders"), tmp_path)
    assert list(actions) == ["get_order", "delete_orders_order_id", "refund_order"]
    get, refund = actions["get_order"], actions["refund_order"]
    assert (get.service.url, get.method, get.path) == ("https://orders.example/v2", "GET", "/orders/{orderId}")
    assert get.arguments["required"] == ["orderId"]
    assert get.result["required"] == ["status"]
    assert refund.arguments["required"] == ["amount", "orderId"]


def test_nothing_that_changes_something_is_taken_for_harmless(tmp_path: Path) -> None:
    actions = loaded(from_openapi(DOCUMENT, "orders"), tmp_path)
    risks = {name: action.risk for name, action in actions.items()}
    assert risks.pop("get_order") is Risk.READ_ONLY
    assert set(risks.values()) == {Risk.IRREVERSIBLE}


@pytest.mark.parametrize(
    "remark",
    [
        "get_order: the header parameter X-Trace is not taken over",
        "refund_order/amount: multipleOf is not taken over",
        "refund_order/when: format is not taken over",
        "refund_order: its answer is no object",
        "refers to itself",
    ],
)
def test_what_is_not_taken_over_is_said(remark: str) -> None:
    assert any(remark in said for said in from_openapi(DOCUMENT, "orders").remarks)


def test_only_what_is_named_is_imported() -> None:
    content = from_openapi(DOCUMENT, "orders", only=["refundOrder"]).content
    assert list(content["actions"]) == ["refund_order"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("document", "only", "complaint"),
    [
        ({}, [], "no OpenAPI 3"),
        ({"swagger": "2.0", "paths": {"/": {}}}, [], "no OpenAPI 3"),
        (DOCUMENT, ["cancelOrder"], "no operation cancelOrder"),
        ({"openapi": "3.0.0", "paths": {"/a": {"get": {"parameters": [{"$ref": "other.yaml#/x"}]}}}}, [], "bundle it"),
    ],
)
def test_what_cannot_be_imported_is_refused(document: dict[str, object], only: list[str], complaint: str) -> None:
    with pytest.raises(DescriptionRefused, match=complaint):
        from_openapi(document, "orders", only)


TOOLS = [
    {
        "name": "lookUp",
        "description": "Finds a thing.",
        "inputSchema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
        "annotations": {"readOnlyHint": True},
    },
    {"name": "erase-all", "inputSchema": {"type": "object"}},
]


def test_tools_become_actions_and_their_word_is_not_taken(tmp_path: Path) -> None:
    actions = loaded(from_mcp(TOOLS, "things", "http://127.0.0.1:9000"), tmp_path)
    assert [(action.path, action.risk) for action in actions.values()] == [
        ("lookUp", Risk.REVERSIBLE),
        ("erase-all", Risk.IRREVERSIBLE),
    ]
    assert {action.service.via for action in actions.values()} == {Via.MCP}
    assert actions["look_up"].arguments["required"] == ["id"]


def test_no_tools_are_no_actions() -> None:
    with pytest.raises(DescriptionRefused, match="empty"):
        from_mcp([], "things", "http://127.0.0.1:9000")
