"""A request to a carrier's REST API and its answer, within limits of time and size.

Refuses: retries, and believing an answer that it cannot read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from infra.http_body import body_within

ANSWER_WITHIN: Final = 10.0
"""Seconds that one request may take, its answer read to the end."""
CONNECT_WITHIN: Final = 5.0
LARGEST_ANSWER: Final = 256 * 1024
"""Bytes of an answer that are read."""

TIMEOUT: Final = httpx.Timeout(None, connect=CONNECT_WITHIN)
"""What a client of ``ask`` is to be given: ``ANSWER_WITHIN`` governs the whole."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a carrier answered; ``body`` is empty where it is not what we can read."""

    status: int
    body: Mapping[str, Any]

    @property
    def complaint(self) -> str:
        """What was wrong, in the carrier's words: carriers have them under ``message``, ``error`` or ``errors``."""
        said = self.body.get("message") or self.body.get("error")
        errors = self.body.get("errors")
        if not said and isinstance(errors, list) and errors and isinstance(errors[0], Mapping):
            said = errors[0].get("detail") or errors[0].get("title")
        return f"{self.status} {said if isinstance(said, str) else httpx.codes.get_reason_phrase(self.status)}"[:300]


async def ask(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    json: Mapping[str, Any] | None = None,
) -> Answer:
    """One request, its answer read. Raises ``httpx.HTTPError``, and ``TimeoutError`` when that takes too long."""
    asking = client.stream(method, path, params=params, data=form, json=json)
    async with asyncio.timeout(ANSWER_WITHIN), asking as response:
        return Answer(response.status_code, _object(await body_within(response, LARGEST_ANSWER)))


def _object(body: bytes | None) -> Mapping[str, Any]:
    try:
        read = orjson.loads(body or b"")
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}
