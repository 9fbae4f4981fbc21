from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.errors import CallRefused
from gateway.telephony.leg import Refusal, RefusalReason
from gateway.telephony.twilio import (
    connect_stream,
    hang_up,
    read_twiml,
    refuse,
    signature,
    signature_is_valid,
    socket_url,
)

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {"CallSid": "CA1", "Caller": "+14158675310", "Digits": "1234", "From": "+14158675310", "To": "+18005551212"}


def independent_signature(token: str, url: str, form: dict[str, str]) -> str:
    """HMAC-SHA1 spelt out by RFC 2104, of the address and the sorted fields."""
    text = url
    for name in sorted(form):
        text += name + form[name]
    key = token.encode()
    key = (hashlib.sha1(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha1(bytes(k ^ 0x36 for k in key) + text.encode()).digest()
    return base64.b64encode(hashlib.sha1(bytes(k ^ 0x5C for k in key) + inner).digest()).decode()


@pytest.mark.parametrize(
    ("token", "url", "form"),
    [
        (TOKEN, URL, FORM),
        (TOKEN, "wss://voice.example.com/telephony/twilio/media", {}),
        ("t" * 100, URL, {"To": "한빛 스토어", "Body": "", "A": "b=c&d"}),
    ],
)
def test_signatures_are_those_of_an_independent_implementation(token: str, url: str, form: dict[str, str]) -> None:
    assert signature(token, url, form.items()) == independent_signature(token, url, form)
    assert signature_is_valid(token, url, form.items(), claimed=independent_signature(token, url, form))


def test_the_order_in_which_fields_come_does_not_matter_and_repeats_count_once() -> None:
    pairs = list(FORM.items())
    assert signature(TOKEN, URL, reversed(pairs)) == signature(TOKEN, URL, pairs + pairs)


@pytest.mark.parametrize("claimed", [None, "", "abc", "한글", "\ud800", signature("other", URL, FORM.items())])
def test_a_wrong_or_missing_signature_is_not_valid(claimed: str | None) -> None:
    assert not signature_is_valid(TOKEN, URL, FORM.items(), claimed=claimed)


def test_a_changed_field_or_address_breaks_the_signature() -> None:
    claimed = signature(TOKEN, URL, FORM.items())
    assert not signature_is_valid(TOKEN, URL, (FORM | {"From": "+1"}).items(), claimed=claimed)
    assert not signature_is_valid(TOKEN, URL + "3", FORM.items(), claimed=claimed)


@pytest.mark.parametrize(
    ("signed", "seen"),
    [
        ("wss://a.example:443/media", "wss://a.example/media"),
        ("https://a.example/voice?x=1", "https://a.example:443/voice?x=1"),
        ("http://[::1]:80/voice", "http://[::1]/voice"),
    ],
)
def test_a_default_port_may_be_named_or_not(signed: str, seen: str) -> None:
    assert signature_is_valid(TOKEN, seen, claimed=signature(TOKEN, signed))


def test_another_port_or_a_host_that_is_none_is_not_taken_for_the_same() -> None:
    claimed = signature(TOKEN, "https://a.example/voice")
    assert not signature_is_valid(TOKEN, "https://a.example:8443/voice", claimed=claimed)
    assert not signature_is_valid(TOKEN, "https://[/voice", claimed=claimed)
    assert not signature_is_valid(TOKEN, "https://a.example:port/voice", claimed=claimed)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://voice.example.com", "wss://voice.example.com/media"),
        ("http://127.0.0.1:8080/aicc/", "ws://127.0.0.1:8080/aicc/media"),
        ("ws://host", "ws://host/media"),
    ],
)
def test_the_media_socket_is_at_the_same_address_with_the_sockets_scheme(base: str, url: str) -> None:
    assert socket_url(base, "/media") == url


def test_twiml_hands_the_sound_to_the_socket_with_parameters() -> None:
    document = connect_stream("wss://h/media", {"from": "+82<10>", "to": "\"한빛\" & '친구'"})
    assert document.startswith('<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream url="wss://h/media">')
    offer = read_twiml(document)
    assert (offer.url, dict(offer.parameters)) == ("wss://h/media", {"from": "+82<10>", "to": "\"한빛\" & '친구'"})


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_whatever_a_carrier_reports_the_twiml_stays_well_formed(parameters: dict[str, str]) -> None:
    stream = ElementTree.fromstring(connect_stream("wss://h/media", parameters)).find("./Connect/Stream")
    assert stream is not None
    assert len(stream) == len(parameters)
    assert all(child.tag == "Parameter" for child in stream)


def test_a_call_without_room_is_rejected_as_busy_or_told_so() -> None:
    assert refuse(Refusal(RefusalReason.BUSY)).endswith('<Response><Reject reason="busy" /></Response>')
    assert 'reason="rejected"' in refuse(Refusal(RefusalReason.REJECTED))
    told = ElementTree.fromstring(refuse(Refusal(RefusalReason.BUSY, "지금은 통화량이 많습니다 <&>", "ko")))
    assert [verb.tag for verb in told] == ["Say", "Hangup"]
    assert (told[0].text, told[0].get("language")) == ("지금은 통화량이 많습니다 <&>", "ko-KR")
    assert 'language="en-US"' in refuse(Refusal(RefusalReason.BUSY, "All lines are busy.", "en"))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (refuse(Refusal(RefusalReason.BUSY)), "Reject"),
        (refuse(Refusal(RefusalReason.BUSY, "All lines are busy.")), "All lines are busy."),
        ("<Response", "did not answer with TwiML"),
        ("<Response><Connect><Stream/></Connect></Response>", "Connect"),
    ],
)
def test_a_caller_who_is_not_connected_learns_why(document: str, said: str) -> None:
    with pytest.raises(CallRefused, match=said):
        read_twiml(document)


def test_the_forms_fields_are_signed_as_they_are_and_not_as_they_travel() -> None:
    form = parse_qsl("From=%2B8210&To=a+b", keep_blank_values=True)
    assert signature(TOKEN, URL, form) == independent_signature(TOKEN, URL, {"From": "+8210", "To": "a b"})


def test_a_call_that_is_up_is_ended_with_or_without_words() -> None:
    assert [verb.tag for verb in ElementTree.fromstring(hang_up())] == ["Hangup"]
    told = ElementTree.fromstring(hang_up("Goodbye", "en"))
    assert [(verb.tag, verb.text, verb.get("language")) for verb in told] == [
        ("Say", "Goodbye", "en-US"),
        ("Hangup", None, None),
    ]
