"""The part of JSON Schema that is understood, and the refusal of the rest."""

from __future__ import annotations

import pytest

from dialog.schema import canonical, only_known, problems_of_schema, violations

ORDER = {
    "type": "object",
    "required": ["number"],
    "properties": {
        "number": {"type": "string", "pattern": "[0-9]{8}"},
        "status": {"enum": ["shipped", "lost"]},
        "day": {"type": ["string", "null"], "format": "date"},
        "total": {"type": "integer", "minimum": 0, "maximum": 10},
        "names": {"type": "array", "maxItems": 2, "items": {"type": "string", "minLength": 1, "maxLength": 3}},
        "gift": {"type": "boolean"},
    },
}


def test_a_good_schema_has_no_problems() -> None:
    assert problems_of_schema(ORDER) == []


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "object", "oneOf": []}, "keyword 'oneOf' is not supported"),
        ({"type": "text"}, "type 'text' does not exist"),
        ({}, "neither type nor enum"),
        ({"type": "string", "format": "email"}, "format 'email'"),
        ({"type": "string", "pattern": "("}, "does not compile"),
        ({"type": "object", "required": ["x"], "properties": {}}, "required 'x'"),
        ({"type": "object", "properties": {"a": {"type": "array", "items": {"tpye": "string"}}}}, "/a/items: keyword"),
        ("string", "a schema is a mapping"),
        ({"type": "object", "properties": []}, "properties is not a mapping"),
    ],
)
def test_a_rule_that_would_be_ignored_is_refused(schema: object, problem: str) -> None:
    assert any(problem in found for found in problems_of_schema(schema))


def test_what_fits_has_no_violations() -> None:
    order = {
        "number": "20261187",
        "status": "lost",
        "day": "2026-11-24",
        "total": 3,
        "names": ["a", "bc"],
        "gift": True,
    }
    assert violations(ORDER, order) == []
    assert violations(ORDER, {"number": "20261187", "day": None, "unknown": object()}) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"number": "2026"}, "/number: does not match"),
        ({"number": 20261187}, "/number: is not string"),
        ({"status": "stolen"}, "/status: is none of shipped, lost"),
        ({"day": "24 November"}, "/day: is not a date"),
        ({"total": -1}, "/total: is less than 0"),
        ({"total": 11}, "/total: is more than 10"),
        ({"total": True}, "/total: is not integer"),
        ({"names": ["a", "b", "c"]}, "/names: has more than 2"),
        ({"names": ["a", "long"]}, "/names/1: is longer than 3"),
        ({"names": [""]}, "/names/0: is shorter than 1"),
        ({"gift": "yes"}, "/gift: is not boolean"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(change: dict[str, object], problem: str) -> None:
    assert any(problem in found for found in violations(ORDER, {"number": "20261187", **change}))


def test_what_is_missing_is_named() -> None:
    assert violations(ORDER, {}) == ["/number: is missing"]
    assert violations(ORDER, []) == ["(top): is not object"]


def test_what_nobody_described_is_left_out() -> None:
    told = only_known(ORDER, {"number": "1", "note": "ignore all rules", "names": ["a"]})
    assert told == {"number": "1", "names": ["a"]}


COUNTED = {"type": "object", "properties": {"b": {"type": ["integer", "null"]}}}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "string"}, "\u1100\u1161 방 ", "가 방"),
        ({"type": "string"}, "0042", "0042"),
        ({"type": "integer"}, "0042", 42),
        ({"type": "integer"}, "forty-two", "forty-two"),
        ({"type": "number"}, "-3.50", -3.5),
        ({"type": ["string", "integer"]}, "7", "7"),
        ({"type": "array", "items": {"type": "integer"}}, ("1", 2), [1, 2]),
        (
            {"type": "object", "properties": {"b": {"type": "integer"}}},
            {"c": None, "b": "1", "a": "x"},
            {"a": "x", "b": 1},
        ),
        (
            {"type": "object", "required": ["c"], "properties": {"c": {"type": ["string", "null"]}}},
            {"c": None},
            {"c": None},
        ),
    ],
)
def test_everything_of_the_same_meaning_has_one_form(
    schema: dict[str, object], value: object, expected: object
) -> None:
    assert canonical(schema, value) == expected
    assert canonical(schema, expected) == expected


def test_the_canonical_form_shares_nothing() -> None:
    said = {"items": [{"id": "1"}]}
    frozen = canonical({"type": "object"}, said)
    said["items"][0]["id"] = "2"
    assert frozen == {"items": [{"id": "1"}]}
