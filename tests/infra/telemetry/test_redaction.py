"""Nothing personal and no secret stays in a log line; what the program itself says stays readable."""

from __future__ import annotations

import pytest

from infra.telemetry.redaction import DEEPEST, passes_luhn, redact, redact_text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("call me at 010-1234-5678 please", "call me at [phone] please"),
        ("01012345678", "[phone]"),
        ("+82 10-1234-5678", "[phone]"),
        ("02-123-4567.", "[phone]."),
        ("(02) 123 4567", "[phone]"),
        ("1588-1234", "[phone]"),
        ("+1 (415) 555-0132", "[phone]"),
        ("415-555-0132", "[phone]"),
        ("제 번호는 010 1234 5678입니다", "제 번호는 [phone]입니다"),
        ("card 4111 1111 1111 1111", "card [card]"),
        ("card 4111-1111-1111-1111, ok", "card [card], ok"),
        ("5500005555555559", "[card]"),
        ("900101-1234567", "[resident number]"),
        ("order 20261121123456", "order [number]"),
        ("GET /Calls.json?To=%2B821012345678&From=%2B827080001000", "GET /Calls.json?To=[phone]&From=[phone]"),
        ("shop%2B821012345678", "shop%2B[number]"),
        ("?q=010%201234%2D5678", "?q=[phone]"),
        ("?q=%EB%B2%88%ED%98%B801012345678", "?q=%EB%B2%88%ED%98%B8[phone]"),
        ("mail kim.minsu+shop@example.co.kr now", "mail [email] now"),
        ("postgresql://aicc:hunter2@db/aicc", "postgresql://aicc:[secret]@db/aicc"),
        ("Authorization: Bearer eyJhbGciOi.abc-def", "Authorization: Bearer [secret]"),
    ],
)
def test_what_is_personal_or_secret_goes(text: str, safe: str) -> None:
    assert redact_text(text) == safe


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21",
        "at 2026-11-21T19:25:32.123456Z",
        "2026-11-21 19:25:32",
        "127.0.0.1:54321",
        "192.168.100.200",
        "rate 8000.25",
        "took 0.123456789 s",
        "error 12345 in line 99",
        "5f0c8a52-1b2c-4d3e-8f90-123456789012",
        "0/16ED500",
        "/state/recordings/shop/2026-11-21/CA0123456789abcdef.wav",
        "0x7fd41234567",
        "v1.20.3-4",
        "/a%20b%2Fc?at=2026-11-21T09%3A00%3A00",
        "%EC%9E%90%EB%8F%99%20%EC%9D%91%EB%8B%B5",
    ],
)
def test_what_the_program_says_stays(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "db_password",
        "api_key",
        "apikey",
        "auth_token",
        "Authorization",
        "client_secret",
        "cookie",
        "X-Twilio-Signature",
        "private_key",
        "pin",
    ],
)
def test_a_secrets_name_hides_its_value(name: str) -> None:
    assert redact({name: "x", "other": {name: 12}}) == {name: "[secret]", "other": {name: "[secret]"}}


@pytest.mark.parametrize("name", ["keyboard", "passenger", "spinner", "line", "pinned"])
def test_a_harmless_name_does_not(name: str) -> None:
    assert redact({name: "x"}) == {name: "x"}


def test_it_looks_into_what_is_nested() -> None:
    assert redact({"a": [{"b": ("01012345678", 5)}], "error": ValueError("a@b.co")}) == {
        "a": [{"b": ["[phone]", 5]}],
        "error": "ValueError: [email]",
    }


def test_what_is_too_deep_is_not_logged() -> None:
    nested: object = "01012345678"
    for _ in range(DEEPEST + 3):
        nested = [nested]
    assert "010" not in str(redact(nested))


def test_the_check_digit_of_cards() -> None:
    assert passes_luhn("4111111111111111")
    assert not passes_luhn("4111111111111112")
