"""Actions over HTTP.

What a path does not name goes into the query string, of POST, PUT and PATCH into a JSON body; what changes something
carries its idempotency key. Every call has one time limit for the whole; a read that failed for a passing reason is
tried once more within it, after a short random pause; nothing else is ever repeated. Answers are bounded in size, must
be JSON and must fit the action's schema. Redirects are not followed: a back end that moved is for its configuration.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Risk, Succeeded, Unknown, lost
from dialog.schema import only_known, violations
from infra.http_body import body_within

LARGEST_ANSWER = 64 * 1024
"""Bytes of a back end's answer that are read."""

_FIRST_SHARE = 0.6
"""Of the time limit, how much the first of two attempts may take."""
_LONGEST_PAUSE = 0.15
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_PLACE = re.compile(r"\{(\w+)\}")


class HttpActions:
    """Reaches back ends with one pool of connections. ``overrides`` maps a service's id to another base URL."""

    def __init__(
        self,
        overrides: Mapping[str, str] | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._overrides = {name: url.rstrip("/") for name, url in (overrides or {}).items()}
        self._jitter = jitter
        self._client = httpx.AsyncClient(
            transport=transport,
            follow_redirects=False,
            trust_env=False,
            timeout=None,  # the action's own limit governs the whole
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=8),
            headers={"Accept": "application/json"},
        )

    async def perform(self, action: Action, arguments: Mapping[str, object], *, key: str) -> Outcome:
        """Carry the action out within its time. Every failure comes back as an outcome; nothing is raised."""
        deadline = time.monotonic() + action.timeout
        reads = action.risk is Risk.READ_ONLY
        limit = action.timeout * _FIRST_SHARE if reads else action.timeout
        outcome = await self._attempt(action, arguments, key, limit)
        if not (reads and isinstance(outcome, Failed) and outcome.kind in _WORTH_AGAIN):
            return outcome
        await asyncio.sleep(self._jitter() * min(_LONGEST_PAUSE, action.timeout / 10))
        second = await self._attempt(action, arguments, key, max(0.0, deadline - time.monotonic()))
        return _after(second, attempts=2)

    async def close(self) -> None:
        """Give connections back."""
        await self._client.aclose()

    async def _attempt(self, action: Action, arguments: Mapping[str, object], key: str, limit: float) -> Outcome:
        """One request, read to its end. A write whose fate is not known is ``Unknown``, never ``Failed``."""
        url, rest = self._address(action, arguments)
        headers = {} if action.risk is Risk.READ_ONLY else {"Idempotency-Key": key}
        sent = False
        try:
            async with asyncio.timeout(limit):
                request = self._client.build_request(action.method, url, headers=headers, **_carried(action, rest))
                sent = True
                response = await self._client.send(request, stream=True)
                try:
                    body = await body_within(response, LARGEST_ANSWER)
                finally:
                    await response.aclose()
        except TimeoutError:
            return lost(action, FailureKind.TIMED_OUT, f"no answer from {url} within {limit:.2f} s")
        except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            return Failed(FailureKind.UNAVAILABLE, f"{url} cannot be reached: {error}")
        except httpx.HTTPError as error:
            if not sent:
                return Failed(FailureKind.UNAVAILABLE, f"{url} cannot be asked: {error}")
            return lost(action, FailureKind.UNAVAILABLE, f"{url} broke off: {error!r}")
        return _judge(action, response.status_code, body)

    def _address(self, action: Action, arguments: Mapping[str, object]) -> tuple[str, dict[str, object]]:
        base = self._overrides.get(action.service.id, action.service.url)
        path = _PLACE.sub(lambda place: quote(str(arguments[place.group(1)]), safe=""), action.path)
        in_path = set(_PLACE.findall(action.path))
        return base + path, {name: value for name, value in arguments.items() if name not in in_path}


def _carried(action: Action, arguments: Mapping[str, object]) -> dict[str, Any]:
    """How a request carries the arguments that its path does not name."""
    if action.method in _WITH_BODY:
        return {"json": arguments}
    return {"params": {name: _text(value) for name, value in arguments.items()}}


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_WORTH_AGAIN = frozenset({FailureKind.TIMED_OUT, FailureKind.UNAVAILABLE})


def _judge(action: Action, status: int, body: bytes | None) -> Outcome:
    if status == 404:
        return Failed(FailureKind.NOT_FOUND, "the back end knows nothing under these arguments")
    if status in _PASSING:
        return lost(action, FailureKind.UNAVAILABLE, f"the back end answered {status}")
    if not 200 <= status < 300:
        return Failed(FailureKind.REJECTED, f"the back end answered {status}")
    if body is None:
        return lost(action, FailureKind.MALFORMED, f"the answer has more than {LARGEST_ANSWER} bytes")
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return lost(action, FailureKind.MALFORMED, f"the answer is not JSON: {error}")
    broken = violations(action.result, answer)
    if broken:
        return lost(action, FailureKind.MALFORMED, "the answer does not fit its schema: " + "; ".join(broken[:5]))
    known = only_known(action.result, answer)
    return Succeeded(known) if isinstance(known, dict) else lost(action, FailureKind.MALFORMED, "it is no object")


def _after(outcome: Outcome, *, attempts: int) -> Outcome:
    match outcome:
        case Succeeded():
            return Succeeded(outcome.result, attempts)
        case Failed():
            return Failed(outcome.kind, outcome.detail, attempts)
        case Unknown():
            return Unknown(outcome.detail, attempts)
