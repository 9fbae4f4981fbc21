from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.genesys.signature import LONGEST_AGE, SKEW, NonceMemory, NotSigned, Request, Signed, verify

KEY = "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh"
SECRET = b"MySuperSecretKeyTellNo-1!2@3#4$5"
SESSION = "e160e428-53e2-487c-977d-96989bf5c99d"
MADE = 1641013200
COVERED = (
    '"@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" "audiohook-correlation-id" '
    '"x-api-key"'
)


def signed_request(
    *,
    key: str = KEY,
    keyid: str = KEY,
    secret: bytes = SECRET,
    nonce: str = "VGhpc0lzQVVuaXF1ZU5vbmNl",
    created: object = MADE,
    more: str = "",
    covered: str = COVERED,
) -> Request:
    """A request signed by hand, without the library that verifies it."""
    values = {
        "@request-target": "/telephony/genesys/connector?line=main",
        "@authority": "voice.example.com",
        "audiohook-organization-id": "d7934305-0972-4844-938e-9060eef73d05",
        "audiohook-session-id": SESSION,
        "audiohook-correlation-id": "30b0e395-84d3-4570-ac13-9a62d8f514c0",
        "x-api-key": key,
    }
    parameters = f'({covered});keyid="{keyid}";nonce="{nonce}";alg="hmac-sha256";created={created}{more}'
    lines = [f"{name}: {values[name.strip(chr(34))]}" for name in covered.split()]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    code = base64.b64encode(hmac.digest(secret, base.encode(), hashlib.sha256)).decode()
    headers = {name: value for name, value in values.items() if not name.startswith("@")}
    headers |= {"signature-input": f"sig1={parameters}", "signature": f"sig1=:{code}:"}
    return Request(values["@request-target"], values["@authority"], headers)


def checked(request: Request, now: float = MADE, nonces: NonceMemory | None = None) -> Signed:
    return verify(request, {KEY: SECRET, "other": b"another"}.get, nonces or NonceMemory(), now)


def test_what_genesys_own_signer_made_is_taken() -> None:
    request = signed_request(more=f";expires={MADE + 30}")
    # Made by the SignatureBuilder of Genesys' reference implementation for exactly these values.
    assert request.headers["signature"] == "sig1=:lab0yhTTSo2fIrpxCJu1mmOjmWIxg/1sQNZOmHpKmL4=:"
    assert checked(request) == Signed(
        KEY, "d7934305-0972-4844-938e-9060eef73d05", SESSION, "30b0e395-84d3-4570-ac13-9a62d8f514c0"
    )


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (signed_request(secret=b"guessed"), "not good"),
        (signed_request(key="unknown", keyid="unknown"), "not good"),
        (signed_request(keyid="other", secret=b"another"), "another key signed"),
        (signed_request(nonce="short"), "nonce must have"),
        (signed_request(nonce="n" * 257), "nonce must have"),
        (signed_request(created='"soon"'), "not good"),
        (signed_request(covered=COVERED.replace(' "x-api-key"', "")), "not good"),
        (signed_request(covered=COVERED.replace(' "@authority"', "")), "not good"),
        (signed_request(more=";tag2=1"), "not good"),
        (Request("/", "voice.example.com", {}), "no x-api-key"),
        (Request("/", "voice.example.com", {"x-api-key": KEY}), "not good"),
    ],
    ids=str,
)
def test_what_is_not_signed_as_it_should_be_is_refused(request_: Request, reason: str) -> None:
    with pytest.raises(NotSigned, match=reason):
        checked(request_)


def test_a_signature_is_good_for_the_request_that_it_was_made_for_alone() -> None:
    request = signed_request()
    for other in (
        replace(request, target="/telephony/genesys/monitor?line=main"),
        replace(request, authority="evil.example.com"),
        replace(request, headers={**request.headers, "audiohook-session-id": "another"}),
    ):
        with pytest.raises(NotSigned):
            checked(other)
    assert checked(replace(request, authority="VOICE.example.com:443"))


@pytest.mark.parametrize(
    ("now", "good"),
    [
        (MADE - SKEW, True),
        (MADE - SKEW - 1, False),
        (MADE + LONGEST_AGE + SKEW, True),
        (MADE + LONGEST_AGE + SKEW + 1, False),
    ],
)
def test_a_signature_is_good_for_a_while(now: float, good: bool) -> None:
    if good:
        assert checked(signed_request(), now)
    else:
        with pytest.raises(NotSigned, match=r"future|too old"):
            checked(signed_request(), now)


def test_what_the_signer_lets_expire_has_expired() -> None:
    with pytest.raises(NotSigned, match="too old"):
        checked(signed_request(more=f";expires={MADE - 10}"))


def test_a_request_is_good_once_and_another_may_follow() -> None:
    nonces = NonceMemory()
    checked(signed_request(), MADE, nonces)
    with pytest.raises(NotSigned, match="used before"):
        checked(signed_request(), MADE + 3, nonces)
    assert checked(signed_request(nonce="another-nonce-of-22-characters"), MADE + 3, nonces)


def test_a_bad_signature_does_not_use_up_the_nonce() -> None:
    nonces = NonceMemory()
    with pytest.raises(NotSigned):
        checked(signed_request(secret=b"guessed"), MADE, nonces)
    assert checked(signed_request(), MADE, nonces)


def test_a_full_memory_lets_nobody_in_until_some_nonces_have_aged() -> None:
    nonces = NonceMemory(most=2)
    assert nonces.use(KEY, "a", 0)
    assert nonces.use(KEY, "b", 10)
    assert not nonces.use(KEY, "c", 11)
    assert nonces.use(KEY, "c", LONGEST_AGE + 2 * SKEW + 1)
    assert not nonces.use(KEY, "b", LONGEST_AGE + 2 * SKEW + 1)


@given(st.text(), st.text(), st.text())
def test_whatever_a_request_holds_is_refused_and_nothing_else(given_input: str, signature: str, key: str) -> None:
    headers = {**signed_request().headers, "signature-input": given_input, "signature": signature, "x-api-key": key}
    with pytest.raises(NotSigned):
        checked(Request("/" + key, signature, headers))
