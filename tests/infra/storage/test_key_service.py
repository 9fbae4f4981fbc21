"""The key service over HTTP: trouble, refusals and answers of somebody else; the rest stands in ``tests/contracts``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI, Response

from infra.errors import ConfigError
from infra.storage.envelope import new_key
from infra.storage.errors import KeyUnavailable
from infra.storage.key_ring import Wrapped
from infra.storage.key_service import TransitKeyRing
from tests.vault import TOKEN, Vault
from tests.web import served


@pytest.fixture
async def vault() -> AsyncIterator[tuple[Vault, str]]:
    vault = Vault()
    async with served(vault.app()) as url:
        yield vault, url


async def test_a_server_in_trouble_is_asked_once_more(vault: tuple[Vault, str]) -> None:
    service, url = vault
    ring = TransitKeyRing(url, "aicc", TOKEN)
    service.fail = 1
    assert (await ring.wrap(new_key(), "a")).ring_key == "transit:aicc:1"
    assert service.asked == 2
    service.fail = 2
    with pytest.raises(KeyUnavailable, match=r"503.*sealed"):
        await ring.wrap(new_key(), "a")
    await ring.close()


@pytest.mark.parametrize(
    ("key", "token", "said"), [("aicc", "wrong", "permission denied"), ("other", TOKEN, "no such")]
)
async def test_a_refusal_is_told_in_the_services_words(
    vault: tuple[Vault, str], key: str, token: str, said: str
) -> None:
    ring = TransitKeyRing(vault[1], key, token)
    with pytest.raises(KeyUnavailable, match=said):
        await ring.wrap(new_key(), "a")
    await ring.close()


async def test_keys_of_a_name_that_was_used_before_are_still_unwrapped_by_it(vault: tuple[Vault, str]) -> None:
    service, url = vault
    service.versions["newer"] = [new_key()]
    before, after, key = TransitKeyRing(url, "aicc", TOKEN), TransitKeyRing(url, "newer", TOKEN), new_key()
    wrapped = await before.wrap(key, "a")
    assert await after.unwrap(wrapped, "a") == key
    assert await after.current() == "transit:newer:1"
    await before.close()
    await after.close()


async def test_nobody_at_home_is_told() -> None:
    ring = TransitKeyRing("http://127.0.0.1:9", "aicc", TOKEN)
    with pytest.raises(KeyUnavailable, match="does not answer"):
        await ring.current()
    await ring.close()


@pytest.mark.parametrize("answer", ["<html>", "[]", '{"data": {"ciphertext": "x", "plaintext": "?"}}', '{"data": 1}'])
async def test_somebody_else_who_answers_gives_no_key(answer: str) -> None:
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def any_path(path: str) -> Any:
        return Response(answer)

    async with served(app) as url:
        ring = TransitKeyRing(url, "aicc", TOKEN)
        for asked in (ring.current(), ring.wrap(new_key(), "a")):
            with pytest.raises(KeyUnavailable):
                await asked
        if "?" in answer:
            with pytest.raises(KeyUnavailable, match="no key"):
                await ring.unwrap(Wrapped("transit:aicc:1", b"x"), "a")
        await ring.close()


@pytest.mark.parametrize("url", ["http://vault.example:8200", "ftp://127.0.0.1", "vault"])
def test_keys_do_not_travel_unencrypted(url: str) -> None:
    with pytest.raises(ConfigError, match="https"):
        TransitKeyRing(url, "aicc", TOKEN)


@pytest.mark.parametrize("url", ["https://vault.example:8200", "http://localhost:8200", "http://[::1]:8200"])
async def test_they_may_on_this_machine(url: str) -> None:
    await TransitKeyRing(url, "aicc", TOKEN).close()
