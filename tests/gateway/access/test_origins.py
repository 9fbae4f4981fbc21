from __future__ import annotations

import pytest

from gateway.access.origins import Origins, checked_origin, origin_of


@pytest.mark.parametrize(
    "origin", ["https://desk.example", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:1"]
)
def test_an_origin_is_scheme_host_and_port(origin: str) -> None:
    assert checked_origin(origin) == origin
    assert checked_origin(f" {origin.upper()}/ ") == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "desk.example",
        "https://",
        "https://desk.example/crm",
        "http://desk.example",
        "ftp://x",
        "https://a@b.example",
        "*",
    ],
)
def test_what_is_no_origin_or_travels_in_the_open_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        checked_origin(text)


def test_our_own_address_is_the_one_that_was_asked_or_the_configured_one() -> None:
    asked = "http://10.0.0.5:8080/"
    assert Origins().allow("http://10.0.0.5:8080", asked)
    assert not Origins().allow("http://10.0.0.5", asked)
    assert not Origins("https://desk.example").allow("http://10.0.0.5:8080", asked)
    assert Origins("https://desk.example").allow("https://desk.example", asked)
    assert not Origins().allow(None, asked)
    assert not Origins(embedding=("https://crm.example",)).allow("https://crm.example.evil", asked)


def test_https_is_known_from_the_configured_address_first() -> None:
    assert Origins("https://desk.example").secure("http://10.0.0.5/")
    assert Origins().secure("https://desk.example/")
    assert not Origins().secure("http://localhost/")


def test_the_origin_of_an_address() -> None:
    assert origin_of("https://User:Pw@Desk.Example:8443/a?b#c") == "https://desk.example:8443"
