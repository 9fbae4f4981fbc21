"""Places calls over Twilio's REST API (``POST /2010-04-01/Accounts/{sid}/Calls.json``), as a ``Dialer``.

The API takes no idempotency key, so one order is one request: it is never sent again in here. When the callee answers,
Twilio fetches our voice webhook; what becomes of an unanswered call it reports to our status webhook
(``outbound_webhooks.py``). What was sent and not acknowledged is found again by both numbers and the time it was made.

Refuses: retries, and believing an answer that it cannot read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

import httpx

from gateway.telephony.dialer import Found, Listening, NotPlaced, NotThere, Order, Placed, Unclear
from gateway.telephony.outbound_webhooks import status_url, voice_url
from gateway.telephony.rest import TIMEOUT, ask
from gateway.telephony.streams.carriers import PROGRESS

CLOCKS_DIFFER: Final = timedelta(seconds=30)
"""How far the carrier's clock may be behind ours: a call that we do not find would be placed a second time."""
LATEST: Final = 20
"""Calls of one pair of numbers that are looked through for the one that is searched."""

_NOT_THE_CALL: Final = frozenset(
    {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS}
)
"""Refusals that have nothing to do with the call: once the cause is gone, it can be placed."""

_DETECTION: Final[Mapping[Listening, str]] = MappingProxyType(
    {Listening.WHO: "Enable", Listening.GREETING: "DetectMessageEnd"}
)


class TwilioDialer:
    """One account's calls. ``base`` is the address under which Twilio reaches us."""

    def __init__(self, account: str, auth_token: str, *, base: str, api_url: str) -> None:
        self._base = base.rstrip("/")
        self._calls = f"/2010-04-01/Accounts/{quote(account, safe='')}/Calls"
        self._client = httpx.AsyncClient(
            base_url=api_url,
            auth=(account, auth_token),
            timeout=TIMEOUT,
            trust_env=False,
        )

    async def place(self, order: Order) -> Placed | NotPlaced | Unclear:
        """See ``Dialer``. A request that never left, and a refusal, have certainly placed nothing."""
        form = {
            "To": order.number,
            "From": order.line,
            "Url": voice_url(self._base, order.due),
            "Method": "POST",
            "StatusCallback": status_url(self._base, order.due),
            "StatusCallbackMethod": "POST",
            "Timeout": str(order.ring_seconds),
        }
        if order.listening in _DETECTION:
            form["MachineDetection"] = _DETECTION[order.listening]
        try:
            answer = await ask(self._client, "POST", f"{self._calls}.json", form=form)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return NotPlaced(f"the carrier cannot be reached: {error!r}", again=True)
        except (httpx.HTTPError, TimeoutError) as error:
            return Unclear(f"the carrier did not answer: {error!r}")
        if httpx.codes.is_client_error(answer.status):
            again = answer.status in _NOT_THE_CALL
            return NotPlaced(f"the carrier refused the call: {answer.complaint}", again=again)
        sid = answer.body.get("sid")
        if not httpx.codes.is_success(answer.status) or not isinstance(sid, str) or not sid:
            return Unclear(f"the carrier answered {answer.status} without a call")
        return Placed(sid)

    async def search(self, number: str, line: str, since: datetime) -> Found | NotThere | Unclear:
        """See ``Dialer``."""
        asked = {"To": number, "From": line, "PageSize": str(LATEST)}
        body = await self._read(f"{self._calls}.json", asked)
        if not isinstance(body, Mapping):
            return body
        calls = body.get("calls")
        if not isinstance(calls, list):
            return Unclear("the carrier's list of calls cannot be read")
        made = [call for call in calls if isinstance(call, Mapping) and _made(call) >= since - CLOCKS_DIFFER]
        return _found(max(made, key=_made)) if made else NotThere()

    async def look(self, provider_id: str) -> Found | NotThere | Unclear:
        """See ``Dialer``."""
        body = await self._read(f"{self._calls}/{quote(provider_id, safe='')}.json", {})
        return _found(body) if isinstance(body, Mapping) else body

    async def close(self) -> None:
        """See ``Dialer``."""
        await self._client.aclose()

    async def _read(self, path: str, asked: Mapping[str, str]) -> Mapping[str, Any] | NotThere | Unclear:
        try:
            answer = await ask(self._client, "GET", path, params=asked)
        except (httpx.HTTPError, TimeoutError) as error:
            return Unclear(f"the carrier did not answer: {error!r}")
        if answer.status == httpx.codes.NOT_FOUND:
            return NotThere()
        if not httpx.codes.is_success(answer.status):
            return Unclear(f"the carrier did not tell: {answer.complaint}")
        return answer.body


def _found(call: Mapping[str, Any]) -> Found | Unclear:
    sid, status = call.get("sid"), call.get("status")
    progress = PROGRESS.get(status) if isinstance(status, str) else None
    if not isinstance(sid, str) or progress is None:
        return Unclear(f"the carrier tells of a call in a way that we do not know ({status!r})")
    return Found(sid, progress)


def _made(call: Mapping[str, Any]) -> datetime:
    """When the carrier made a call (RFC 2822, UTC); one without a readable date counts as made now."""
    try:
        return parsedate_to_datetime(str(call.get("date_created"))).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.max.replace(tzinfo=UTC)
