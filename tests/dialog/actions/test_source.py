"""What a tenant writes about its actions, and what is refused with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dialog.actions.action import Action, FailureKind, Risk, Via
from dialog.actions.rules import Ceiling, Identity
from dialog.actions.source import read_actions
from dialog.errors import TenantDialogInvalid
from dialog.yaml_source import read_yaml
from tests.dialog.surroundings import TENANT

SHOP = """
services:
  orders: {url: "https://orders.example/v1/"}
  crm: {url: "postgresql://crm@db.example/crm"}
  prices: {url: "python:prices"}
rules:
  irreversible: {identity: knowledge, per_call: 3}
actions:
  refund:
    service: orders
    method: POST
    path: /orders/{order}/refund
    risk: irreversible
    timeout: 3
    arguments: &refund
      type: object
      required: [order, amount]
      properties: {order: {type: string}, amount: {type: integer}, reason: {type: string}}
    result: {type: object, properties: {refunded: {type: integer}}}
    record: {read: look}
    rules:
      identity: code
      owner: customer
      states: {status: [delivered]}
      one_of: {reason: [late, damaged]}
      at_most: {amount: record.total}
    proof: {read: look, shows: {refunded: $amount, status: [refunded, closed]}, settles: 5}
  look:
    service: orders
    method: GET
    path: /orders/{order}
    risk: read_only
    timeout: 2
    arguments: {type: object, required: [order], properties: {order: {type: string}}}
    result:
      type: object
      properties: {status: {type: string}, customer: {type: string}, total: {type: integer}, refunded: {type: integer}}
  note:
    service: crm
    statement: add_note
    risk: reversible
    timeout: 2
    arguments: {type: object, required: [order], properties: {order: {type: string}}}
  forget_note:
    service: crm
    statement: remove_note
    risk: reversible
    timeout: 2
    arguments: {type: object, required: [note_of], properties: {note_of: {type: string}}}
  quote:
    service: prices
    function: quote
    risk: read_only
    timeout: 1
    arguments: {type: object}
  settle:
    risk: irreversible
    timeout: 10
    arguments: *refund
    steps:
      - {do: note, undo: forget_note, undo_with: {note_of: $order}}
      - {do: refund}
"""


def read(folder: Path, content: object) -> dict[str, Action]:
    path = folder / "actions.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
    return read_actions(read_yaml(path))


def test_what_stands_there_becomes_actions(tmp_path: Path) -> None:
    actions = read(tmp_path, SHOP)
    assert list(actions) == ["refund", "look", "note", "forget_note", "quote", "settle"]
    refund, look = actions["refund"], actions["look"]
    assert refund.service.url == "https://orders.example/v1"
    assert (refund.risk, refund.rules.identity, refund.rules.per_call) == (Risk.IRREVERSIBLE, Identity.CODE, 3)
    assert refund.rules.at_most == {"amount": Ceiling(field="total")}
    assert refund.record is not None
    assert (refund.record.action, refund.record.arguments) == (look, {"order": "$order"})
    assert refund.proof is not None
    assert refund.proof.shows == {"refunded": ("$amount",), "status": ("refunded", "closed")}
    assert (actions["note"].service.via, actions["note"].path) == (Via.SQL, "add_note")
    assert (actions["quote"].service.via, actions["quote"].path) == (Via.PYTHON, "quote")


def test_an_action_may_consist_of_others_the_irreversible_last(tmp_path: Path) -> None:
    settle = read(tmp_path, SHOP)["settle"]
    assert [step.do.action.id for step in settle.steps] == ["note", "refund"]
    undo = settle.steps[0].undo
    assert undo is not None
    assert (undo.action.id, undo.arguments) == ("forget_note", {"note_of": "$order"})
    assert settle.steps[1].undo is None
    assert settle.rules.identity is Identity.KNOWLEDGE


WAREHOUSE = """
services:
  warehouse: {url: "mcp+https://warehouse.example/mcp"}
actions:
  reserve:
    service: warehouse
    tool: reserve-item
    refusals: {not_found: [no such item], rejected: [sold out]}
    risk: reversible
    timeout: 2
    arguments: {type: object, required: [item], properties: {item: {type: string}}}
"""


def test_a_tool_of_an_mcp_server_is_an_action(tmp_path: Path) -> None:
    reserve = read(tmp_path, WAREHOUSE)["reserve"]
    assert (reserve.service.via, reserve.service.url) == (Via.MCP, "mcp+https://warehouse.example/mcp")
    assert (reserve.path, reserve.method) == ("reserve-item", "")
    assert reserve.refusals == {FailureKind.NOT_FOUND: ("no such item",), FailureKind.REJECTED: ("sold out",)}


def test_only_tools_have_refusals_and_only_of_two_kinds(tmp_path: Path) -> None:
    with pytest.raises(TenantDialogInvalid, match="only tools have refusals"):
        read(tmp_path, SHOP.replace("statement: add_note", "statement: add_note\n    refusals: {rejected: [sold out]}"))
    with pytest.raises(TenantDialogInvalid, match="refusals"):
        read(tmp_path, WAREHOUSE.replace("not_found:", "unavailable:"))


CALLBACKS = """
services:
  callbacks: {url: "calls:"}
actions:
  kept:
    service: callbacks
    function: status
    risk: read_only
    timeout: 1
    arguments: {type: object, required: [request], properties: {request: {type: string}}}
  call_back:
    service: callbacks
    function: request
    risk: reversible
    timeout: 2
    arguments:
      type: object
      required: [at, phone, language]
      properties: {at: {type: string}, phone: {type: string}, language: {type: string}}
"""


def test_a_call_of_ours_can_be_asked_for_and_read_back(tmp_path: Path) -> None:
    actions = read(tmp_path, CALLBACKS)
    assert {action.service.via for action in actions.values()} == {Via.CALLS}
    assert [action.path for action in actions.values()] == ["status", "request"]


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("function: request", "function: cancel", "of calls there are only: request, status"),
        ("risk: reversible", "risk: read_only", "a request changes something"),
        ("risk: read_only", "risk: reversible", "status is read_only"),
        ("required: [at, phone, language]", "required: [at, phone]", "calls needs the required argument 'language'"),
        ("required: [request]", "required: []", "calls needs the required argument 'request'"),
    ],
)
def test_of_calls_there_is_nothing_else(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    with pytest.raises(TenantDialogInvalid, match=complaint):
        read(tmp_path, CALLBACKS.replace(before, after))


def test_the_example_tenants_actions_load() -> None:
    assert "order_status" in read_actions(read_yaml(TENANT / "actions.yaml"))


@pytest.mark.parametrize(
    ("place", "value", "complaint"),
    [
        (("services", "orders", "url"), "ftp://x", "url"),
        (("rules", "irreversible", "identity"), "somehow", "must be one of none, claimed"),
        (("actions", "look", "service"), "nowhere", "there is no service 'nowhere'"),
        (("actions", "look", "method"), "POST", "is a GET"),
        (("actions", "refund", "method"), "GET", "is a GET"),
        (("actions", "note", "method"), "POST", "HTTP needs a method"),
        (("actions", "note", "statement"), "", "has a statement and no other"),
        (("actions", "quote", "path"), "/quote", "has a function and no other"),
        (("actions", "quote", "tool"), "quote", "has a function and no other"),
        (("actions", "look", "path"), "/orders/{number}", "'number' is not among its required arguments"),
        (("actions", "look", "arguments"), {"type": "object", "oneOf": []}, "'oneOf' is not supported"),
        (("actions", "look", "result"), {"type": "array"}, "must be of type object"),
        (("actions", "refund", "record", "read"), "note", "'note' is no read_only action"),
        (("actions", "refund", "record", "with"), {}, "look needs 'order'"),
        (("actions", "refund", "record", "with"), {"order": "$number"}, "'$number' is no argument of this action"),
        (("actions", "refund", "proof", "shows"), {"gone": True}, "'gone' is no result of look"),
        (("actions", "refund", "proof", "shows"), {"status": "$status"}, "'$status' is no argument"),
        (("actions", "refund", "rules", "owner"), "owner", "'owner' is no field of its record"),
        (("actions", "refund", "rules", "at_most"), {"sum": 3}, "'sum' is none of its arguments"),
        (("actions", "refund", "rules", "at_most"), {"amount": "record.sum"}, "'sum' is no field"),
        (("actions", "settle", "steps"), [{"do": "refund"}, {"do": "note"}], "irreversible comes last"),
        (("actions", "settle", "steps"), [{"do": "look"}], "changes something by itself"),
        (("actions", "settle", "steps"), [{"do": "refund", "with": {"total": 1}}], "'total' is no argument of refund"),
    ],
)
def test_what_would_fail_in_a_call_does_not_load(
    tmp_path: Path, place: tuple[str, ...], value: object, complaint: str
) -> None:
    content = yaml.safe_load(SHOP)
    part = content
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    with pytest.raises(TenantDialogInvalid) as refusal:
        read(tmp_path, content)
    assert complaint in str(refusal.value)
    assert "actions.yaml:" in str(refusal.value)


def test_a_complaint_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(TenantDialogInvalid, match=r"actions\.yaml:21: actions\.refund\.rules: 'owned_by'"):
        read(tmp_path, SHOP.replace("owner: customer", "owner: owned_by"))
