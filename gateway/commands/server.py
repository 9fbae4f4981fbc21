"""Finding the running gateway: it leaves its address in the data directory, and the other commands look there.

Refuses: starting one. Who needs a gateway and finds none is told how to start it.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from infra.errors import AiccError

_FILE = "gateway.json"
_ANSWER_WITHIN = 2.0
_REQUEST_WITHIN = 30.0


class NoGateway(AiccError):
    """No gateway answers."""

    code = "no_gateway"


class GatewayRefused(AiccError):
    """The gateway answered with an error; the message is its own."""

    code = "gateway_refused"


@dataclass(frozen=True, slots=True)
class RunningGateway:
    """A gateway that answers: its base URL, and the bearer token for ``/v1`` if it wants one."""

    url: str
    token: str | None = None

    @asynccontextmanager
    async def client(self, timeout: float | None = _REQUEST_WITHIN) -> AsyncIterator[httpx.AsyncClient]:
        """An HTTP client for its interface; never through a proxy of the environment."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=timeout, trust_env=False) as client:
            yield client

    async def ask(self, method: str, path: str, **request: Any) -> Any:
        """One request; its JSON answer. Raises ``GatewayRefused`` or ``NoGateway``."""
        try:
            async with self.client() as client:
                response = await client.request(method, path, **request)
        except httpx.HTTPError as error:
            raise NoGateway(f"the gateway at {self.url} does not answer: {error}") from error
        if response.is_error:
            raise GatewayRefused(f"{method} {path}: {response.status_code} {_message(response)}")
        return response.json()


def announce(data: Path, gateway: RunningGateway) -> None:
    """Leave the address for other commands; readable by this user only, for it may hold a token."""
    path = data / _FILE
    content = json.dumps({"url": gateway.url, "token": gateway.token, "pid": os.getpid()})
    descriptor = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    path.with_suffix(".new").replace(path)


def withdraw(data: Path) -> None:
    """Take the address back, if it is still ours."""
    path = data / _FILE
    if path.is_file() and json.loads(path.read_text()).get("pid") == os.getpid():
        path.unlink()


async def find(data: Path, url: str | None = None, token: str | None = None) -> RunningGateway | None:
    """The gateway at ``url``, or the one that left its address in ``data``, if it answers."""
    if url is not None:
        candidate = RunningGateway(url.rstrip("/"), token)
    else:
        try:
            left = json.loads((data / _FILE).read_text())
            candidate = RunningGateway(left["url"], left["token"])
        except (OSError, ValueError, KeyError):
            return None
    try:
        async with candidate.client(_ANSWER_WITHIN) as client:
            return candidate if (await client.get("/healthz")).is_success else None
    except (httpx.HTTPError, httpx.InvalidURL):
        return None


async def require(data: Path, url: str | None = None, token: str | None = None) -> RunningGateway:
    """As ``find``, but raises ``NoGateway`` with what to do."""
    found = await find(data, url, token)
    if found is None:
        where = f"at {url}" if url else f"for the data directory {data}"
        raise NoGateway(
            f"no gateway answers {where}; start one with `make serve` (or `aicc serve`) in another terminal"
        )
    return found


def _message(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return response.text[:300]
    return str(body.get("detail", body) if isinstance(body, dict) else body)
