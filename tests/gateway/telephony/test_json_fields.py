"""Fields of a peer's JSON: what is wrong is named, and nothing else is raised."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.json_fields import TEXT_LIMIT, Fields, object_in


def fields(**values: object) -> Fields:
    return Fields("start.", values)


def test_fields_are_read_by_what_they_have_to_be() -> None:
    read = fields(name="m", count="12", other=12, inner={"key": "#"}, sound="AAA=")
    assert (read.text("name"), read.number("count"), read.number("other")) == ("m", 12, 12)
    assert (read.object("inner").key("key"), read.sound("sound")) == ("#", b"\0\0")


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ("text", ""),
        ("text", 5),
        ("text", "x" * (TEXT_LIMIT + 1)),
        ("key", "E"),
        ("key", "12"),
        ("number", -1),
        ("number", True),
        ("number", 1.5),
        ("number", "١٢"),
        ("number", "9" * 16),
        ("number", 10**15),
        ("object", []),
        ("sound", 5),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_never_echoed(reader: str, value: object) -> None:
    with pytest.raises(ProtocolViolation, match=r"bad_field: start\.field must be") as caught:
        getattr(fields(field=value), reader)("field")
    assert caught.value.close_code == 1007


def test_what_is_no_base64_is_said_so() -> None:
    with pytest.raises(ProtocolViolation) as caught:
        fields(field="A!A=").sound("field")
    assert caught.value.violation is Violation.BAD_BASE64


@pytest.mark.parametrize(
    ("message", "violation"),
    [
        (b"{}", Violation.NOT_TEXT),
        ("{", Violation.NOT_JSON),
        ("[]", Violation.NOT_AN_OBJECT),
        (json.dumps({"a": "x" * 100}), Violation.TOO_LARGE),
        ('{"a": "' + "한" * 20 + '"}', Violation.TOO_LARGE),
    ],
)
def test_a_message_that_is_no_object_of_its_size_is_a_violation(message: str | bytes, violation: Violation) -> None:
    with pytest.raises(ProtocolViolation) as caught:
        object_in(message, 64)
    assert caught.value.violation is violation


@given(st.text())
def test_whatever_comes_nothing_but_a_violation_is_raised(message: str) -> None:
    try:
        assert isinstance(object_in(message, 100).values, dict)
    except ProtocolViolation as violation:
        assert violation.reason
