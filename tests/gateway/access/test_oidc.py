"""The directory by OpenID Connect, against a provider that is really asked over HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from httpx import AsyncClient
from joserfc.jwk import OctKey, RSAKey

from gateway.access.errors import DirectoryRefused, DirectoryUnavailable
from gateway.access.journey import Journey, set_out
from gateway.access.oidc import KEYS_AGAIN_AFTER, KNOWN_FOR, RESTED_FOR, Directory, Registration
from tests.gateway.access.people import Clock, trusted
from tests.gateway.access.provider import CALLBACK, CLIENT, SECRET, Provider, key, running


class Visit:
    """A browser between us and the provider."""

    def __init__(self, provider: Provider, directory: Directory, browser: AsyncClient, clock: Clock) -> None:
        self.provider = provider
        self.directory = directory
        self.browser = browser
        self.clock = clock

    async def answer(self, journey: Journey) -> dict[str, str]:
        """What the provider sends the browser back with."""
        door = await self.directory.door(journey, CALLBACK)
        sent = await self.browser.get(door)
        assert sent.status_code == 302
        return dict(parse_qsl(urlsplit(sent.headers["location"]).query))

    async def claims(self) -> Any:
        journey = set_out("shop", "/desk")
        return await self.directory.claims(journey, await self.answer(journey), CALLBACK)


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    clock = Clock(datetime.now(UTC))
    async with running() as provider, AsyncClient(trust_env=False) as browser:
        directory = Directory(Registration(provider.issuer, CLIENT, SECRET, "openid profile email"), trusted(), clock)
        yield Visit(provider, directory, browser, clock)
        await directory.close()


async def test_who_comes_back_is_who_the_provider_says(visit: Visit) -> None:
    claims = await visit.claims()
    assert (claims["sub"], claims["name"], claims["groups"]) == ("00u1", "Kim Minji", ["agents"])


async def test_an_rsa_key_is_as_good(visit: Visit) -> None:
    visit.provider.key = RSAKey.generate_key(2048, {"kid": "r1", "use": "sig", "alg": "RS256"})
    assert (await visit.claims())["sub"] == "00u1"


async def test_the_answer_to_another_browser_is_refused(visit: Visit) -> None:
    """Wrong state: somebody else's way to the directory, or none."""
    mine, theirs = set_out("shop", "/desk"), set_out("shop", "/desk")
    answer = await visit.answer(theirs)
    for wrong in (answer, {**answer, "state": ""}, {"code": answer["code"]}):
        with pytest.raises(DirectoryRefused, match="this browser"):
            await visit.directory.claims(mine, wrong, CALLBACK)


async def test_a_code_without_its_verifier_is_worth_nothing(visit: Visit) -> None:
    journey = set_out("shop", "/desk")
    answer = await visit.answer(journey)
    with pytest.raises(DirectoryRefused, match="invalid_grant"):
        await visit.directory.claims(replace(journey, verifier="x" * 43), answer, CALLBACK)


async def test_a_code_is_used_once(visit: Visit) -> None:
    journey = set_out("shop", "/desk")
    answer = await visit.answer(journey)
    await visit.directory.claims(journey, answer, CALLBACK)
    with pytest.raises(DirectoryRefused, match="invalid_grant"):
        await visit.directory.claims(journey, answer, CALLBACK)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"sub": "x" * 256},
    ],
)
async def test_an_id_token_that_does_not_hold_is_refused(visit: Visit, claims: dict[str, Any]) -> None:
    visit.provider.claims = claims
    with pytest.raises(DirectoryRefused):
        await visit.claims()


async def test_several_audiences_hold_when_it_was_issued_for_us(visit: Visit) -> None:
    visit.provider.claims = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert (await visit.claims())["sub"] == "00u1"


async def test_a_signature_that_is_not_the_providers_is_refused(visit: Visit) -> None:
    visit.provider.signed_with = key()
    with pytest.raises(DirectoryRefused):
        await visit.claims()


async def test_a_shared_secret_signs_nothing(visit: Visit) -> None:
    """Whoever knows the client's secret, or the public key, could sign with it."""
    visit.provider.signed_with = OctKey.import_key("s3cret:of%our own, and long enough for HS256")
    visit.provider.header = {"alg": "HS256"}
    with pytest.raises(DirectoryRefused):
        await visit.claims()


async def test_no_signature_is_refused(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = visit.provider.id_token

    def unsigned(nonce: str) -> str:
        body = signed(nonce).split(".")[1]
        return f"eyJhbGciOiJub25lIn0.{body}."

    monkeypatch.setattr(visit.provider, "id_token", unsigned)
    with pytest.raises(DirectoryRefused):
        await visit.claims()


async def test_a_new_key_of_the_provider_is_found_but_not_asked_for_all_the_time(visit: Visit) -> None:
    await visit.claims()
    visit.provider.key = key("k2")
    with pytest.raises(DirectoryRefused):
        await visit.claims()
    visit.clock.now += KEYS_AGAIN_AFTER
    assert (await visit.claims())["sub"] == "00u1"
    assert visit.provider.asked["/keys"] == 2


async def test_the_provider_is_asked_about_itself_once_an_hour(visit: Visit) -> None:
    for _ in range(3):
        await visit.claims()
    assert visit.provider.asked["/.well-known/openid-configuration"] == 1
    visit.clock.now += KNOWN_FOR
    await visit.directory.door(set_out("shop", "/desk"), CALLBACK)
    assert visit.provider.asked["/.well-known/openid-configuration"] == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"error": "access_denied"},
        {"error": "login_required", "code": "x"},
        {"code": ""},
        {"iss": "https://evil.example"},
    ],
)
async def test_what_is_no_yes_is_a_no(visit: Visit, answer: dict[str, str]) -> None:
    journey = set_out("shop", "/desk")
    right = await visit.answer(journey)
    with pytest.raises(DirectoryRefused):
        await visit.directory.claims(journey, {**right, **answer}, CALLBACK)


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"jwks_uri": "http://127.0.0.1:1/keys"},
    ],
)
async def test_a_provider_that_is_none_is_left_alone_for_a_moment(visit: Visit, discovery: dict[str, Any]) -> None:
    visit.provider.discovery = discovery
    for _ in range(3):
        with pytest.raises(DirectoryUnavailable):
            await visit.directory.door(set_out("shop", "/desk"), CALLBACK)
    assert visit.provider.asked["/.well-known/openid-configuration"] == 1
    visit.provider.discovery = {}
    visit.clock.now += RESTED_FOR
    assert await visit.directory.door(set_out("shop", "/desk"), CALLBACK)


async def test_a_token_endpoint_that_answers_nonsense_is_not_the_visitors_fault(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = set_out("shop", "/desk")
    answer = await visit.answer(journey)
    visit.clock.now += KNOWN_FOR
    visit.provider.discovery = {"token_endpoint": f"{visit.provider.issuer}/nowhere"}
    with pytest.raises((DirectoryUnavailable, DirectoryRefused)):
        await visit.directory.claims(journey, answer, CALLBACK)
