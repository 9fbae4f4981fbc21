"""A bearer token is read as the standards write it, and nothing else is one."""

from __future__ import annotations

import httpx
import pytest
from fastapi import Depends, FastAPI
from pydantic import SecretStr

from gateway.api.bearer import bearer_token, doorkeeper, is_secret

SECRET = SecretStr("the-token")


@pytest.mark.parametrize("shown", ["Bearer the-token", "bearer the-token", "BEARER the-token", "Bearer   the-token "])
def test_the_schemes_name_is_the_same_in_any_case(shown: str) -> None:
    assert bearer_token(shown) == "the-token"


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer ", "the-token", "Basic the-token", "Bearerthe-token", " the-token"]
)
def test_anything_else_shows_no_token(shown: str) -> None:
    assert bearer_token(shown) is None


def test_a_token_is_the_secret_or_it_is_not() -> None:
    assert is_secret("the-token", SECRET)
    assert not is_secret("The-token", SECRET)
    assert not is_secret("", SECRET)
    assert not is_secret("토큰", SECRET)


@pytest.mark.parametrize(
    ("secret", "shown", "status"),
    [
        (SECRET, "Bearer the-token", 200),
        (SECRET, "bearer the-token", 200),
        (SECRET, "Bearer another", 401),
        (SECRET, "Basic the-token", 401),
        (SECRET, None, 401),
        (None, None, 200),
    ],
)
async def test_the_doorkeeper_lets_through_who_shows_it(
    secret: SecretStr | None, shown: str | None, status: int
) -> None:
    app = FastAPI(dependencies=[Depends(doorkeeper(secret))])

    @app.get("/")
    async def root() -> str:
        return "in"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        response = await client.get("/", headers={} if shown is None else {"authorization": shown})
    assert response.status_code == status
    assert response.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
