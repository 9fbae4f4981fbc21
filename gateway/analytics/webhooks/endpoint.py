"""A receiver as it is spoken to: signed, to an address that was judged, with limits in time and size.

An endpoint that fails again and again is left alone for a while, for all contacts at once. Each has connections of its
own, so that none is shared between two receivers that happen to live at one address.

Refuses: redirects (they would lead to an address that nobody judged), proxies, and answers: only their status counts.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx

from dialog.models.circuit_breaker import CircuitBreaker
from gateway.analytics.webhooks.addresses import Network, reachable
from gateway.analytics.webhooks.delivery import Answered, NotAnswered, Outcome
from gateway.analytics.webhooks.errors import AddressRefused
from gateway.analytics.webhooks.message import CONTENT_TYPE, message_id, message_of
from gateway.analytics.webhooks.outbox import Line
from gateway.analytics.webhooks.places import Places
from gateway.analytics.webhooks.signature import signed_headers
from gateway.analytics.webhooks.subscription import Subscription
from gateway.session.records import ContactEvent

ANSWER_WITHIN = 10.0
"""Seconds for an attempt from the look-up of the name to the answer's status."""

FAILURES_IN_A_ROW = 5
REST = 30.0
"""Seconds that an endpoint is left alone after so many failures; more, when it goes on."""

LONGEST_ANSWER = 16 * 1024
"""Bytes of an answer that are read; behind a longer one the connection is closed."""

TOO_MANY = 429

PLACES = 8

_PORTS = {"https": 443, "http": 80}


class Endpoint:
    """One receiver. ``now`` is the time that signatures bear; ``places``: how many contacts it is told of at once."""

    def __init__(
        self,
        subscription: Subscription,
        secrets: Sequence[bytes],
        allowed: Sequence[Network],
        certificates: ssl.SSLContext,
        now: Callable[[], datetime],
        within: float = ANSWER_WITHIN,
        places: int = PLACES,
    ) -> None:
        self.subscription = subscription
        self.places: Places[Line] = Places(places)
        """Those for its lines: see ``courier``."""
        self._secrets = secrets
        self._allowed = allowed
        self._now = now
        self._within = within
        self._breaker = CircuitBreaker(FAILURES_IN_A_ROW, REST)
        self._client = httpx.AsyncClient(
            verify=certificates, trust_env=False, follow_redirects=False, timeout=within, headers={"user-agent": "AICC"}
        )

    def rests(self) -> timedelta | None:
        """For how long nobody should ask it; None: ask."""
        return None if self._breaker.admits(time.monotonic()) else timedelta(seconds=REST)

    async def tell(self, event: ContactEvent) -> Outcome:
        """Send an event. Every failure comes back as an outcome."""
        try:
            async with asyncio.timeout(self._within):
                outcome: Outcome = await self._send(event)
        except TimeoutError:
            outcome = NotAnswered(f"no answer within {self._within:g} s")
        except AddressRefused as error:
            outcome = NotAnswered(str(error))
        except (httpx.HTTPError, OSError) as error:
            outcome = NotAnswered(f"not reached: {type(error).__name__}")
        if isinstance(outcome, Answered) and outcome.status < 500 and outcome.status != TOO_MANY:
            self._breaker.succeeded()  # it is there, whatever it thinks of this event
        else:
            self._breaker.failed(time.monotonic())
        return outcome

    async def close(self) -> None:
        """End its connections."""
        await self._client.aclose()

    async def _send(self, event: ContactEvent) -> Answered:
        parts = urlsplit(self.subscription.url)
        host = parts.hostname or ""
        port = parts.port or _PORTS[parts.scheme]
        address, ours = await reachable(host, port, self._allowed)
        if parts.scheme == "http" and not ours:
            raise AddressRefused(f"{host} is outside: only https:// is sent there")
        body = message_of(event)
        message = message_id(event.tenant, event.call_id, event.seq)
        headers = {
            **signed_headers(self._secrets, message, int(self._now().timestamp()), body),
            "content-type": CONTENT_TYPE,
            "host": parts.netloc,
        }
        url = httpx.URL(self.subscription.url).copy_with(host=str(address), port=port)
        request = self._client.build_request(
            "POST", url, content=body, headers=headers, extensions={"sni_hostname": host}
        )
        answer = await self._client.send(request, stream=True)
        try:
            await _pass_over(answer)
        finally:
            await answer.aclose()
        return Answered(answer.status_code, _asked_for(answer.headers.get("retry-after", "")))


async def _pass_over(answer: httpx.Response) -> None:
    """Read the answer's body as far as it is worth keeping the connection for; nobody looks at it."""
    read = 0
    async for part in answer.aiter_raw():
        read += len(part)
        if read > LONGEST_ANSWER:
            return


def _asked_for(text: str) -> timedelta | None:
    """Seconds of a Retry-After (RFC 9110, 10.2.3); a date is left alone, our own pauses will do."""
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else None
