"""Which routes there are, and who guards them."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import httpx
import pytest

from gateway.telephony.streams.door import MediaDoor
from gateway.web import doors, web_app
from infra.errors import ConfigError
from tests.gateway.test_app import house


async def test_a_house_that_takes_no_calls_shows_no_pages_and_no_desk(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(web_app(house(tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/v1/tenants")).status_code == 200
        for path in ("/desk", "/call", "/v1/me", "/v1/desk/snapshot"):
            assert (await client.get(path)).status_code == 404


def test_a_house_without_people_still_takes_calls_from_carriers(tmp_path: Path) -> None:
    class Board:
        async def serve(self, leg: object) -> None: ...

    whole = house(tmp_path)
    whole.switchboard = Board()  # type: ignore[assignment]
    [door] = doors(whole)
    assert isinstance(door, MediaDoor)


async def test_every_carrier_whose_key_is_set_has_its_door_and_its_webhooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Board:
        async def serve(self, leg: object) -> None: ...

    keys = {
        "SIGNALWIRE_SIGNING_KEY": "key",
        "TELNYX_PUBLIC_KEY": base64.b64encode(bytes(range(32))).decode(),
        "TELNYX_API_KEY": "key",
        "PLIVO_AUTH_TOKEN": "key",
        "EXOTEL_USER": "exotel",
        "EXOTEL_PASSWORD": "key",
    }
    for name, value in keys.items():
        monkeypatch.setenv(f"AICC_CARRIERS_{name}", value)
    whole = house(tmp_path)
    whole.switchboard = Board()  # type: ignore[assignment]
    found = {door.path.decode() for door in doors(whole) if isinstance(door, MediaDoor)}
    assert found == {f"/telephony/{name}/media" for name in ("twilio", "signalwire", "telnyx", "plivo", "exotel")}
    transport = httpx.ASGITransport(web_app(whole))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for name, status in {"signalwire": 403, "telnyx": 403, "plivo": 403, "exotel": 404}.items():
            answer = await client.post(f"/telephony/{name}/voice", data={"CallSid": "CA1", "CallUUID": "1"})
            assert answer.status_code == status


async def test_health_is_for_everybody(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(web_app(house(tmp_path, token="secret")))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/v1/tenants")).status_code == 401


async def test_half_a_character_is_refused_with_words_also_where_nobody_signs_in(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(web_app(house(tmp_path)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        body = '{"number": "01012345678", "language": "ko", "at": "2026-11-24T15:00", "key": "\\ud800"}'
        headers = {"content-type": "application/json"}
        answer = await client.post("/v1/tenants/shop/callbacks", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_genesys_has_two_doors_where_a_key_opens_a_tenant_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Board:
        async def serve(self, leg: object) -> None: ...

    whole = house(tmp_path)
    whole.switchboard = Board()  # type: ignore[assignment]
    [tenant] = whole.tenants
    for key, wrong in (
        ({"tenant": tenant}, ""),
        ({"tenant": tenant, "line": "no-such-line"}, "has no line"),
        ({"tenant": "nobody"}, "is no tenant"),
    ):
        secret = base64.b64encode(bytes(32)).decode()
        monkeypatch.setenv("AICC_GENESYS_KEYS", json.dumps({"key": {**key, "secret": secret}}))
        if wrong:
            with pytest.raises(ConfigError, match=wrong):
                doors(whole)
        else:
            found = {door.path for door in doors(whole)}
            assert {b"/telephony/genesys/connector", b"/telephony/genesys/monitor"} <= found
