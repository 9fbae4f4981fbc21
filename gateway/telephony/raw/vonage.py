"""Vonage's call control: what its webhooks are answered (NCCO), and moving a call through its REST API.

Sources: Vonage's NCCO reference, its guides to WebSockets and to signed webhooks, and its Voice API (``PUT
/v1/calls/{uuid}``). The REST API is opened by a JSON Web Token that the application's private key signs (RS256).

Refuses: sockets (``door.py``), and who may be called.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from gateway.telephony.leg import LegInfo, Refusal, RefusalReason
from gateway.telephony.transfer import (
    NotTransferred,
    TransferMethod,
    TransferOrder,
    TransferOutcome,
)
from gateway.telephony.transferor import FarEnd, moved_by_request
from infra.errors import ConfigError

HEADERS_LIMIT: Final = 512
"""Bytes of what a socket is told beside the sound's format."""

TOKEN_SECONDS: Final = 60

_LANGUAGES: Final = {"ko": "ko-KR", "en": "en-US"}

Ncco = list[dict[str, Any]]


def connect(address: str, rate: int, event_url: str, said: Mapping[str, str]) -> Ncco:
    """Connect the call with our socket, which is told ``said``: call, numbers, headers, as many as there is room for.

    When the socket closes, the NCCO is at its end, and with it the call.
    """
    told, size = {}, 2
    for name, value in said.items():
        size += len(name.encode()) + len(value.encode("utf-8", "replace")) + 6
        if value and size <= HEADERS_LIMIT:
            told[name] = value
    endpoint = {
        "type": "websocket",
        "uri": address,
        "content-type": f"audio/l16;rate={rate}",
        "headers": told,
        "authorization": {"type": "vonage"},
    }
    return [{"action": "connect", "eventUrl": [event_url], "endpoint": [endpoint]}]


def refuse(refusal: Refusal) -> Ncco:
    """A call that is not taken: said so if there is something to be said; then the NCCO is at its end."""
    if refusal.reason is RefusalReason.REJECTED or not refusal.announcement:
        return []
    language = _LANGUAGES.get(refusal.language, refusal.language)
    return [{"action": "talk", "text": refusal.announcement, "language": language}]


def dial(order: TransferOrder, line: str) -> Ncco | None:
    """Connect the call with the target of an order, showing ``line``; ``None`` for what Vonage cannot call."""
    scheme, colon, rest = order.target.partition(":")
    endpoint: dict[str, Any]
    if colon and scheme.lower() in ("sip", "sips"):
        endpoint = {"type": "sip", "uri": order.target, "headers": {"handoff": order.handoff, **order.headers}}
    elif (not colon or scheme.lower() == "tel") and (number := (rest or order.target).lstrip("+")).isdigit():
        endpoint = {"type": "phone", "number": number}
    else:
        return None
    action = {"action": "connect", "timeout": max(1, round(order.within)), "endpoint": [endpoint]}
    if line:
        action["from"] = line.lstrip("+")
    return [action]


class VonageApi:
    """One application's calls."""

    def __init__(self, url: str, application: str, key: Path, clock: Callable[[], float] = time.time) -> None:
        """``clock``: seconds since 1970. Raises ``ConfigError`` for a file without a private key."""
        self._url = url
        self._application = application
        self._clock = clock
        try:
            self._key = RSAKey.import_key(key.read_text())
        except (OSError, JoseError, ValueError, UnicodeDecodeError) as error:
            raise ConfigError(f"[raw] vonage_private_key: {key} holds no private key in PEM: {error}") from error

    def transferor(self, info: LegInfo) -> VonageTransferor:
        """Who moves the call of that leg."""
        return VonageTransferor(self, info)

    def call(self, call: str) -> str:
        """The address of a call."""
        return f"{self._url}/v1/calls/{call}"

    def headers(self) -> dict[str, str]:
        """What opens the API, for a minute."""
        now = int(self._clock())
        claims = {
            "application_id": self._application,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": secrets.token_hex(16),
        }
        return {"Authorization": f"Bearer {jwt.encode({'alg': 'RS256', 'typ': 'JWT'}, claims, self._key)}"}


class VonageTransferor:
    """Moves one call; see ``Transferor``."""

    methods = frozenset({TransferMethod.PROVIDER})

    def __init__(self, api: VonageApi, info: LegInfo) -> None:
        self._api = api
        self._info = info

    async def transfer(self, order: TransferOrder, far_end: FarEnd) -> TransferOutcome:
        """See ``Transferor``."""
        ncco = dial(order, self._info.dnis)
        if ncco is None:
            return NotTransferred("Vonage is given a number, a tel: or a SIP address")
        told = {"action": "transfer", "destination": {"type": "ncco", "ncco": ncco}}
        call, headers = self._api.call(self._info.call_sid), self._api.headers()
        return await moved_by_request("Vonage", "PUT", call, headers=headers, json=told)
