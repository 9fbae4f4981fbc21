"""Whose requests are believed. The carriers' own libraries and documents give the vectors; see each test."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.streams.signatures import (
    CLOCKS_DIFFER,
    Basic,
    Claim,
    Ed25519,
    FormHmac,
    PlivoV3,
    basic,
    plivo_signature,
    signature,
    signature_is_valid,
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


def test_the_forms_fields_are_signed_as_they_are_and_not_as_they_travel() -> None:
    form = parse_qsl("From=%2B8210&To=a+b", keep_blank_values=True)
    assert signature(TOKEN, URL, form) == independent_signature(TOKEN, URL, {"From": "+8210", "To": "a b"})


# --- Twilio's and SignalWire's ---------------------------------------------------------------------------------------


def test_the_form_may_be_signed_under_any_of_a_carriers_headers() -> None:
    signer = FormHmac(TOKEN, "x-signalwire-signature", "x-twilio-signature")
    right = signature(TOKEN, URL, FORM.items())
    for header in ("x-signalwire-signature", "x-twilio-signature"):
        assert signer.signed(Claim(URL, tuple(FORM.items()), headers={header: right}))
    assert not signer.signed(Claim(URL, tuple(FORM.items()), headers={"x-other": right}))
    assert not signer.signed(Claim(URL, tuple(FORM.items())))


# --- Plivo's ---------------------------------------------------------------------------------------------------------

NONCE = "05429567804466091622"


def independent_plivo(message: str) -> str:
    return base64.b64encode(hmac.new(TOKEN.encode(), message.encode(), hashlib.sha256).digest()).decode()


@pytest.mark.parametrize(
    ("url", "form", "message"),
    [
        ("https://h/answer", {}, f"https://h/answer.{NONCE}"),
        ("https://h/answer", {"To": "1", "From": "2"}, f"https://h/answer?From2To1.{NONCE}"),
        ("https://h/answer?b=2&a=1", {}, f"https://h/answer?a=1&b=2.{NONCE}"),
        ("https://h/answer?b=2&a=1", {"To": "1"}, f"https://h/answer?a=1&b=2.To1.{NONCE}"),
        ("https://h/answer?a=x%20y", {"Text": "한빛"}, f"https://h/answer?a=x y.Text한빛.{NONCE}"),
    ],
    ids=["bare", "form", "query", "both", "escaped"],
)
def test_plivo_signs_address_parameters_and_nonce(url: str, form: dict[str, str], message: str) -> None:
    expected = independent_plivo(message)
    assert plivo_signature(TOKEN, url, form.items(), NONCE) == expected
    claim = Claim(
        url, tuple(form.items()), headers={"x-plivo-signature-v3": expected, "x-plivo-signature-v3-nonce": NONCE}
    )
    assert PlivoV3(TOKEN).signed(claim)
    assert not PlivoV3("other").signed(claim)


def test_plivos_header_may_hold_several_signatures_and_the_main_accounts() -> None:
    right = plivo_signature(TOKEN, URL, (), NONCE)
    several = {"x-plivo-signature-v3": f"AAAA,{right}", "x-plivo-signature-v3-nonce": NONCE}
    main = {"x-plivo-signature-ma-v3": right, "x-plivo-signature-v3-nonce": NONCE}
    assert PlivoV3(TOKEN).signed(Claim(URL, headers=several))
    assert PlivoV3(TOKEN).signed(Claim(URL, headers=main))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-plivo-signature-v3": plivo_signature(TOKEN, URL, (), NONCE)},
        {"x-plivo-signature-v3-nonce": NONCE},
        {"x-plivo-signature-v3": "", "x-plivo-signature-v3-nonce": NONCE},
        {"x-plivo-signature-v3": "한글\ud800", "x-plivo-signature-v3-nonce": NONCE},
        {"x-plivo-signature-v3": plivo_signature(TOKEN, URL, (), NONCE), "x-plivo-signature-v3-nonce": "another"},
    ],
    ids=["nothing", "no-nonce", "no-signature", "empty", "not-ascii", "another-nonce"],
)
def test_what_is_not_plivos_is_not_believed(headers: dict[str, str]) -> None:
    assert not PlivoV3(TOKEN).signed(Claim(URL, headers=headers))


# --- Telnyx's --------------------------------------------------------------------------------------------------------

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()
BODY = b"CallSid=v3%3Aabc&From=%2B1"
NOW = 1_800_000_000


def telnyx(body: bytes = BODY, stamp: str = str(NOW), key: Ed25519PrivateKey = PRIVATE) -> dict[str, str]:
    signed = key.sign(stamp.encode() + b"|" + body)
    return {"telnyx-timestamp": stamp, "telnyx-signature-ed25519": base64.b64encode(signed).decode()}


def test_telnyx_signs_time_and_body_with_a_key_that_only_it_has() -> None:
    signer = Ed25519(PUBLIC)
    assert signer.signed(Claim("", body=BODY, headers=telnyx(), now=NOW))
    assert not signer.signed(Claim("", body=BODY + b"1", headers=telnyx(), now=NOW))
    other = Ed25519PrivateKey.generate()
    assert not signer.signed(Claim("", body=BODY, headers=telnyx(key=other), now=NOW))
    moved = telnyx() | {"telnyx-timestamp": str(NOW + 1)}
    assert not signer.signed(Claim("", body=BODY, headers=moved, now=NOW))


def test_a_request_that_is_old_or_ahead_of_its_time_is_not_believed() -> None:
    signer = Ed25519(PUBLIC)
    for seconds, good in (
        (CLOCKS_DIFFER, True),
        (CLOCKS_DIFFER + 1, False),
        (-CLOCKS_DIFFER, True),
        (-CLOCKS_DIFFER - 1, False),
    ):
        assert signer.signed(Claim("", body=BODY, headers=telnyx(), now=NOW + seconds)) is good


@pytest.mark.parametrize(
    "headers",
    [
        {},
        telnyx() | {"telnyx-signature-ed25519": "not base64!"},
        telnyx() | {"telnyx-signature-ed25519": "AAAA"},
        telnyx() | {"telnyx-signature-ed25519": "한"},
        telnyx() | {"telnyx-timestamp": "soon"},
        telnyx() | {"telnyx-timestamp": "9" * 400},
    ],
    ids=["nothing", "no-base64", "too-short", "not-ascii", "no-time", "no-time-ever"],
)
def test_what_is_not_telnyxs_is_not_believed(headers: dict[str, str]) -> None:
    assert not Ed25519(PUBLIC).signed(Claim("", body=BODY, headers=headers, now=NOW))


@pytest.mark.parametrize("key", ["", "AAAA", "not base64", base64.b64encode(bytes(33)).decode()])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Ed25519(key)


# --- Basic, and all --------------------------------------------------------------------------------------------------


def test_a_name_and_a_password_are_compared_as_a_whole() -> None:
    signer = Basic("exotel", "open:sesame")
    assert signer.signed(Claim("", headers={"authorization": "Basic ZXhvdGVsOm9wZW46c2VzYW1l"}))
    for wrong in ("", "Basic", basic("exotel", "open"), "Bearer ZXhvdGVsOm9wZW46c2VzYW1l", "\ud800"):
        assert not signer.signed(Claim("", headers={"authorization": wrong}))


@given(st.text(), st.lists(st.tuples(st.text(), st.text()), max_size=3), st.binary(), st.text(), st.text())
def test_no_request_breaks_a_signer(address: str, form: list[tuple[str, str]], body: bytes, one: str, two: str) -> None:
    names = ("x-twilio-signature", "x-plivo-signature-v3", "telnyx-signature-ed25519", "authorization")
    headers = dict.fromkeys(names, one) | dict.fromkeys(("x-plivo-signature-v3-nonce", "telnyx-timestamp"), two)
    claim = Claim(address, tuple(form), body, headers, NOW)
    for signer in (FormHmac(TOKEN, "x-twilio-signature"), PlivoV3(TOKEN), Ed25519(PUBLIC), Basic("user", TOKEN)):
        assert not signer.signed(claim)
