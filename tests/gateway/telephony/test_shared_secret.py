"""Secrets that far ends show: where they are found, and that only the right one is right."""

from __future__ import annotations

import base64

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from gateway.telephony.media_socket import Handshake
from gateway.telephony.shared_secret import Token, address_parameters, bearer, is_secret, secrets_shown


class Settings(BaseModel):
    token: Token = None


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"user:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("target", "authorization", "shown"),
    [
        ("/media?to=1&token=s&token=t", "", ["s"]),
        ("/media", "Bearer s", ["s"]),
        ("/media", basic("s:t"), ["s:t"]),
        ("/media?token=a", "bearer b", ["a", "b"]),
        ("/media", "Basic !", [""]),
        ("/media", "Basic", []),
        ("/media?" + "a=1&" * 100 + "token=s", "", []),
        ("/media", "", []),
    ],
)
def test_a_secret_may_stand_in_the_address_or_in_the_authorization(
    target: str, authorization: str, shown: list[str]
) -> None:
    assert secrets_shown(Handshake(target, {"authorization": authorization})) == shown


def test_only_the_secret_is_the_secret() -> None:
    secret = SecretStr("비밀-is-a-secret")
    assert is_secret("비밀-is-a-secret", secret)
    assert not any(is_secret(shown, secret) for shown in ("", "비밀", "\ud800", "비밀-is-a-secret "))


def test_what_the_address_says_keeps_its_order_and_its_blanks() -> None:
    assert address_parameters(Handshake("/m?b=1&a=&b=2", {})) == [("b", "1"), ("a", ""), ("b", "2")]
    assert bearer("Bearer ") is None


def test_a_setting_for_a_secret_refuses_what_can_be_guessed() -> None:
    assert Settings(token="").token is None  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="can be guessed"):
        Settings(token="short")  # type: ignore[arg-type]
    token = Settings(token="x" * 16).token  # type: ignore[arg-type]
    assert token is not None
    assert token.get_secret_value() == "x" * 16
