"""Who calls and what was dialled, read from what strangers write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.sip.headers import (
    LONGEST_NUMBER,
    MOST_CHARACTERS,
    MOST_HEADERS,
    Address,
    bounded,
    number,
    parties,
    read_address,
    read_user_to_user,
    user_to_user,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sip:1588@pbx.example", Address("sip", "1588", "pbx.example")),
        ("<sip:+82-2-1588@PBX.example:5070;transport=tcp>;tag=9", Address("sip", "+82-2-1588", "pbx.example")),
        ('"Hong \\"Gil\\" <x>" <sip:%2B8210@x.example;user=phone>', Address("sip", "+8210", "x.example")),
        ("Kim <sips:kim:secret@x.example>;tag=1", Address("sips", "kim", "x.example")),
        ("<sip:5551234;npdi;rn=+1@x>", Address("sip", "5551234", "x")),
        ("<tel:+82-2-1588;phone-context=x>", Address("tel", "+82-2-1588", "")),
        ("tel:+8221588", Address("tel", "+8221588", "")),
        ("<sip:1@[2001:db8::1]:5060>", Address("sip", "1", "[2001:db8::1]")),
        ("sip:x@y?User-to-User=1", Address("sip", "x", "y")),
        ("sip:pbx.example", Address("sip", "", "pbx.example")),
    ],
)
def test_an_address_is_read(text: str, expected: Address) -> None:
    assert read_address(text) == expected


@pytest.mark.parametrize("text", ["", "1588", "<>", "mailto:a@b", "<http://x>", '"unclosed <sip:1@x>'])
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_address(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sip:+82-2-(158) 80.000@x", "+82215880000"),
        ("sip:anonymous@anonymous.invalid", ""),
        ("sip:support-desk@x", "support-desk"),
        ("sip:*97@x", "*97"),
        ("sip:x", ""),
    ],
)
def test_a_number_loses_its_separators_and_a_name_does_not(text: str, expected: str) -> None:
    assert number(read_address(text)) == expected


def test_the_network_says_who_calls_where_it_is_believed() -> None:
    headers = {
        "From": '"x" <sip:anonymous@anonymous.invalid>;tag=1',
        "P-Asserted-Identity": "<sip:+821012345678@carrier.example>",
        "To": "<sip:15880000@gw.example>",
    }
    assert parties(headers, "sip:anonymous@anonymous.invalid", asserted=True).ani == "+821012345678"
    assert parties(headers, "sip:anonymous@anonymous.invalid", asserted=False).ani == ""


def test_what_a_proxy_was_asked_for_stands_above_what_had_been_dialled() -> None:
    headers = {"To": "<sip:15880000@gw>", "P-Called-Party-ID": "<sip:07000000001@gw>", "Diversion": "<sip:15880000@x>"}
    known = parties(headers, "sip:010@x", asserted=True)
    assert (known.ani, known.dnis) == ("010", "07000000001")
    assert known.headers["diversion"] == "<sip:15880000@x>"


@given(st.dictionaries(st.text(max_size=80), st.text(max_size=2_000), max_size=40), st.text(max_size=200))
def test_nothing_that_strangers_write_breaks_it_or_is_unbounded(headers: dict[str, str], peer: str) -> None:
    known = parties({"From": peer, **headers}, peer, asserted=True)
    assert len(known.ani) <= LONGEST_NUMBER
    assert len(known.dnis) <= LONGEST_NUMBER
    assert len(known.headers) <= MOST_HEADERS
    assert all(len(value) <= MOST_CHARACTERS for value in known.headers.values())
    assert not any(ord(c) < 32 for text in (known.ani, known.dnis, *known.headers.values()) for c in text)


def test_control_characters_do_not_get_into_a_log_or_a_header() -> None:
    assert bounded({"X-Note": "a\r\nInjected: b\x00"}) == {"x-note": "a  Injected: b"}
    assert number(read_address("sip:%0d%0aevil@x")) == "evil"


@given(st.text(max_size=100))
def test_user_to_user_carries_any_text(text: str) -> None:
    assert read_user_to_user(user_to_user(text)) == text


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("683432;encoding=hex;purpose=isdn-uui", "h42"),
        ("683432 ; Encoding = HEX", "h42"),
        ('"plain words"', "plain words"),
        ("xyz;encoding=hex", ""),
        ("ff;encoding=hex", ""),
    ],
)
def test_user_to_user_is_read(header: str, text: str) -> None:
    assert read_user_to_user(header) == text
