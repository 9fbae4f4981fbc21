"""An action and the tool that carries it out are compared before anything is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.actions import mcp_fit
from dialog.actions.action import Action, Risk, Service
from dialog.actions.mcp_fit import Tool, misfits

SERVICE = Service("stock", "mcp+http://127.0.0.1:9000/mcp")


def schema(required: list[str], **properties: object) -> dict[str, object]:
    return {"type": "object", "required": required, "properties": properties}


def action(arguments: dict[str, object], risk: Risk = Risk.REVERSIBLE) -> Action:
    return Action("reserve", SERVICE, "", "reserve", risk, 1.0, arguments, schema(["left"], left={"type": "integer"}))


TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
OURS = action(schema(["item", "count"], item=TEXT, count=WHOLE))


@pytest.mark.parametrize(
    "takes",
    [
        schema(["item", "count"], item=TEXT, count=WHOLE),
        schema(["item"], item=TEXT, count=NUMBER),
        schema(["item"], item=TEXT, count={"anyOf": [WHOLE, {"type": "null"}]}),
        schema(["item"], item={"$ref": "#/$defs/Item"}, count=WHOLE) | {"$defs": {"Item": TEXT}},
        schema(["item"], item={}, count={"type": ["integer", "null"]}),
        schema([], item=TEXT, count=WHOLE, note=TEXT),
        schema(["item"], item=TEXT) | {"additionalProperties": True},
    ],
)
def test_what_a_tool_takes_fits(takes: dict[str, object]) -> None:
    assert misfits(OURS, Tool(takes)) == []


@pytest.mark.parametrize(
    ("takes", "complaint"),
    [
        (schema(["item"], item=TEXT), "arguments/count: the tool does not know it"),
        ({"type": "object"}, "arguments/item: the tool does not know it"),
        (schema(["item", "shop"], item=TEXT, count=WHOLE, shop=TEXT), "arguments/shop: the tool requires it"),
        (schema([], item=TEXT, count=TEXT), "arguments/count: the tool takes no integer"),
        (schema([], item=WHOLE, count=WHOLE), "arguments/item: the tool takes no string"),
        (schema([], item={"enum": ["a"]}, count=WHOLE), "arguments/item: the tool takes only some values"),
        (schema([], item={"$ref": "#/$defs/Gone"}, count=TEXT), "arguments/count: the tool takes no integer"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(takes: dict[str, object], complaint: str) -> None:
    [found] = [problem for problem in misfits(OURS, Tool(takes)) if complaint in problem]
    assert found.startswith(complaint)


def test_each_value_of_an_enumeration_must_be_taken() -> None:
    ours = action(schema(["why"], why={"enum": ["late", "damaged", 3]}))
    assert misfits(ours, Tool(schema([], why={"enum": ["late", "damaged", 3, "other"]}))) == []
    assert misfits(ours, Tool(schema([], why={"anyOf": [{"const": "late"}, {"enum": ["damaged"]}, WHOLE]}))) == []
    assert misfits(ours, Tool(schema([], why={"enum": ["late"]}))) == [
        "arguments/why: the tool does not take 'damaged'",
        "arguments/why: the tool does not take 3",
    ]


def test_what_is_inside_of_things_is_compared_too() -> None:
    ours = action(schema(["lines"], lines={"type": "array", "items": schema(["sku"], sku=TEXT, count=WHOLE)}))
    fitting = schema([], lines={"type": "array", "items": schema(["sku"], sku=TEXT, count=WHOLE)})
    wrong = schema([], lines={"type": "array", "items": schema(["sku"], sku=WHOLE, count=WHOLE)})
    assert misfits(ours, Tool(fitting)) == []
    assert misfits(ours, Tool(wrong)) == ["arguments/lines/items/sku: the tool takes no string"]


def test_a_schema_that_refers_to_itself_is_compared_only_so_far() -> None:
    node = schema([], next={"$ref": "#"}, item=TEXT, count=WHOLE)
    assert misfits(OURS, Tool(node)) == []
    assert len(misfits(OURS, Tool({"$ref": "#"}))) == 2, "it names nothing that it takes"


def nested(depth: int, of: dict[str, object]) -> dict[str, object]:
    return schema([], next=nested(depth - 1, of), other=nested(depth - 1, of)) if depth else of


def test_a_schema_that_refers_to_itself_in_many_ways_at_once_is_compared_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mcp_fit, "MOST_STEPS", 1_000)
    itself = {"$ref": "#/$defs/any"}
    choices = {"$defs": {"any": {"anyOf": [itself] * 8}}, **itself}
    assert len(misfits(OURS, Tool(choices))) == 2, "it names nothing that it takes"
    node = schema([], next={"anyOf": [itself] * 4}, other=itself, item=TEXT)
    ours = action(schema([], next=schema([], next=schema([], next=schema([], item=WHOLE)))))
    assert misfits(ours, Tool({"$defs": {"any": node}, **itself})) == [
        "arguments/next/next/next/item: the tool takes no integer"
    ]


def test_what_is_too_large_to_be_compared_fits_nothing_and_says_so() -> None:
    wide = {"anyOf": [schema([], **{f"p{i}": TEXT, "next": {"$ref": "#"}}) for i in range(200)]}
    [found] = misfits(action(nested(7, schema([], item=TEXT))), Tool(wide))
    assert found.startswith("arguments: the tool's schema is too large to be compared")


def test_who_reads_here_must_not_change_there() -> None:
    reading = replace(OURS, risk=Risk.READ_ONLY)
    takes = schema([], item=TEXT, count=WHOLE)
    assert misfits(reading, Tool(takes, only_reads=None)) == misfits(reading, Tool(takes, only_reads=True)) == []
    assert misfits(reading, Tool(takes, only_reads=False)) == [
        "risk: it is read_only here, and the tool says that it changes something"
    ]


def test_what_we_need_back_must_be_given() -> None:
    takes = schema([], item=TEXT, count=WHOLE)
    assert misfits(OURS, Tool(takes, gives=schema([], left=WHOLE))) == []
    assert misfits(OURS, Tool(takes, gives=schema([], kept=WHOLE))) == ["result/left: the tool gives no such thing"]
    assert misfits(OURS, Tool(takes, gives={"type": "object"})) == []


SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["string", "object", "#", "#/$defs/a", "x"])
KEYS = st.sampled_from("type properties required items enum const anyOf oneOf $ref $defs additionalProperties".split())
RUBBISH = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.just("item"), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, RUBBISH, max_size=5), st.none() | st.dictionaries(KEYS, RUBBISH, max_size=3))
def test_whatever_a_server_calls_a_schema_is_borne_with(
    takes: dict[str, object], gives: dict[str, object] | None
) -> None:
    assert all(isinstance(problem, str) for problem in misfits(OURS, Tool(takes, gives)))
