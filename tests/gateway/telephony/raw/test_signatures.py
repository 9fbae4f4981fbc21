"""What Vonage and jambonz sign: theirs, fresh, and for this very body."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import SecretStr

from gateway.telephony.raw.signatures import CLOCKS_DIFFER, signed_by_jambonz, signed_by_vonage

SECRET = "a-secret-of-thirty-two-characters"
NOW = 1_795_000_000.0
BODY = b'{"uuid":"c-1"}'


def vonage(secret: str = SECRET, algorithm: str = "HS256", **claims: object) -> str:
    told = {"iat": int(NOW), "jti": "1", "iss": "Vonage", "payload_hash": hashlib.sha256(BODY).hexdigest(), **claims}
    return jwt.encode({"alg": algorithm, "typ": "JWT"}, told, OctKey.import_key(secret))


def jambonz(secret: str = SECRET, at: float = NOW, body: bytes = BODY) -> str:
    signed = hmac.new(secret.encode(), f"{at:.0f}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at:.0f},v1={signed}"


def by_vonage(token: str | None, body: bytes = BODY, now: float = NOW) -> bool:
    return signed_by_vonage(token, SecretStr(SECRET), now, body)


def by_jambonz(header: str, body: bytes = BODY, now: float = NOW) -> bool:
    return signed_by_jambonz(header, SecretStr(SECRET), now, body)


def test_what_vonage_has_signed_is_believed_with_and_without_a_body() -> None:
    assert by_vonage(vonage())
    assert by_vonage(vonage(payload_hash=None), b"")
    assert by_vonage(vonage(payload_hash=hashlib.sha256(BODY).hexdigest().upper()))
    assert by_vonage(vonage(), now=NOW + CLOCKS_DIFFER)


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "a.b.c",
        vonage("another-secret-of-some-32-characters"),
        vonage(payload_hash="0" * 64),
        vonage(payload_hash=5),
        vonage(iat="now"),
        vonage(iat=True),
        vonage(iat=None),
        vonage(iat=int(NOW) - CLOCKS_DIFFER - 1),
        vonage(iat=int(NOW) + CLOCKS_DIFFER + 1),
        "eyJhbGciOiJub25lIn0.eyJpYXQiOjE3OTUwMDAwMDB9.",
    ],
)
def test_nothing_else_is_vonages(token: str | None) -> None:
    assert not by_vonage(token)


def test_what_jambonz_has_signed_is_believed() -> None:
    assert by_jambonz(jambonz())
    assert by_jambonz(jambonz(at=NOW - CLOCKS_DIFFER))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1=00",
        jambonz("another"),
        jambonz(body=b"{}"),
        jambonz(at=NOW - CLOCKS_DIFFER - 1),
        jambonz().replace("t=1", "t=2"),
        jambonz() + ",v2=00",
        f"t=٣,v1={'0' * 64}",
    ],
)
def test_nothing_else_is_jambonz(header: str) -> None:
    assert not by_jambonz(header)
