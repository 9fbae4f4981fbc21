"""Calls from the web page: a ticket to call a line with, and the caller's own view of the call while it lasts.

Who may call is a setting: nobody, this machine alone, or anyone. A ticket is good once and for half a minute; a call's
feed is for whoever was given its key. The view holds what the caller said and heard and who they are speaking with, and
nothing of what we thought.

Refuses: the sound (``telephony/softphone_door.py``), and knowing callers: they are nobody, as on a withheld number.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import secrets
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Protocol

from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from gateway.access.origins import Origins
from gateway.api.rate_limit import RateLimit
from gateway.pages import event_stream
from gateway.pages.event_stream import Source, Tell
from gateway.session.conference import Mode
from gateway.session.control import Owner
from gateway.session.errors import FollowerCutOff
from gateway.session.ledger import Ledger
from gateway.session.live import Live
from gateway.session.records import ContactEvent, EventKind
from gateway.session.tenant import Line, Tenant
from gateway.telephony.softphone_door import Visit, VisitorKind

TICKET_SECONDS: Final = 30
CALLS_PER_MINUTE: Final = 10
"""Of one address."""

MOST_CALLS: Final = 1_000
"""That are remembered; the oldest is forgotten, and its page sees no more of it."""

MOST_FEEDS: Final = 3
"""Views of one call at once: a page, and the one that it was reloaded from."""


@dataclass(slots=True)
class WebCall:
    """A call that a page may make, or has made; its ``id`` is the call's in the ledger."""

    id: str
    key: str
    tenant: str
    line: str
    ticket: str
    expires: float
    feeds: int = 0


class WebCalls:
    """The tickets and calls of this node's pages; what ``Visitors`` are to the softphone's door."""

    def __init__(self, tenants: Iterable[Tenant], now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._calls: OrderedDict[str, WebCall] = OrderedDict()
        self._lines: dict[str, tuple[Tenant, Line]] = {
            name: (tenant, line) for tenant in tenants for line in tenant.lines for name in (line.number, line.alias)
        }

    @property
    def lines(self) -> list[tuple[Tenant, Line]]:
        """What can be called."""
        return list({line.number: (tenant, line) for tenant, line in self._lines.values()}.values())

    def invite(self, dialled: str) -> WebCall | None:
        """A call of that line (number or alias) may be made; ``None``: there is no such line."""
        if dialled not in self._lines:
            return None
        tenant, line = self._lines[dialled]
        ticket, key = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        call = WebCall(uuid.uuid4().hex, key, tenant.id, line.number, ticket, self._now() + TICKET_SECONDS)
        self._calls[call.id] = call
        if len(self._calls) > MOST_CALLS:
            self._calls.popitem(last=False)
        return call

    async def redeem(self, ticket: str) -> Visit | None:
        """See ``Visitors``."""
        call = next((one for one in self._calls.values() if one.ticket and _same(one.ticket, ticket)), None)
        if call is None:
            return None
        call.ticket = ""
        if call.expires < self._now():
            return None
        return Visit(VisitorKind.CALLER, call.tenant, call.id, dnis=call.line)

    def find(self, call: str, key: str) -> WebCall | None:
        """The call of that name, for whoever has its key."""
        found = self._calls.get(call)
        return found if found is not None and _same(found.key, key) else None


class LiveCall(Protocol):
    """A call that goes on."""

    @property
    def live(self) -> Live:
        """What can be seen of it."""


class Wish(BaseModel):
    """What a page asks for: the line, by number or alias."""

    line: str = Field(min_length=1, max_length=64)


def web_calls_router(
    calls: WebCalls,
    ledger: Ledger,
    room: Callable[[str], LiveCall | None],
    who: Literal["off", "local", "anyone"],
    origins: Origins,
) -> APIRouter:
    """``/v1/web-calls…``; ``room`` is a live call of this node, by its id: a page's call has its leg's ``call_sid``."""
    router = APIRouter(prefix="/v1/web-calls", tags=["web calls"])
    often = RateLimit(CALLS_PER_MINUTE, 60.0)

    def admitted(request: Request) -> str:
        address = request.client.host if request.client else ""
        if who == "off" or (who == "local" and not _is_local(address)):
            raise _refused(403, "web_calls_closed", "calls from the web page are not taken from here")
        return address

    @router.get("/lines")
    async def lines(request: Request) -> dict[str, Any]:
        admitted(request)
        return {
            "lines": [
                {
                    "line": line.number,
                    "name": line.name or tenant.name.get(line.language, tenant.id),
                    "tenant": tenant.name,
                    "language": line.language,
                }
                for tenant, line in calls.lines
            ]
        }

    @router.post("")
    async def invite(wish: Wish, request: Request) -> dict[str, Any]:
        address = admitted(request)
        origin = request.headers.get("origin")
        if origin is not None and not origins.allow(origin, str(request.base_url)):
            raise _refused(403, "foreign_origin", "only our own page may call from a browser")
        if not often.allows(address, time.monotonic()):
            raise _refused(429, "too_many_calls", "too many calls from here: wait a minute")
        call = calls.invite(wish.line)
        if call is None:
            raise _refused(404, "no_such_line", "there is no such line")
        return {"ticket": call.ticket, "call": call.id, "key": call.key, "expires_in": TICKET_SECONDS}

    @router.get("/{call}/feed")
    async def feed(
        call: str,
        key: Annotated[str, Query(max_length=128)],
        after: Annotated[int, Query(ge=0)] = 0,
        last_event_id: Annotated[int | None, Header(ge=0)] = None,
    ) -> StreamingResponse:
        found = calls.find(call, key)
        live = room(call)
        if found is None or (live is None and await ledger.call(found.tenant, call) is None):
            raise _refused(404, "no_such_call", "there is no such call, or its key is another")
        if found.feeds >= MOST_FEEDS:
            raise _refused(429, "too_many_feeds", "this call is being watched already")
        seen = after if last_event_id is None else last_event_id
        return event_stream.answer(_sources(ledger, found, None if live is None else live.live, seen))

    return router


def _sources(ledger: Ledger, call: WebCall, live: Live | None, after: int) -> list[Source]:
    """The caller's view, until the call is over."""

    async def record(tell: Tell) -> None:
        call.feeds += 1
        try:
            async with ledger.subscribe(call.tenant, call.id, after_seq=after) as follower:
                async for event in follower:
                    told = caller_view(event)
                    if told is not None:
                        tell(told[0], {"at": event.at.isoformat(), **told[1]}, event.seq)
                    if event.kind == EventKind.CALL_ENDED:
                        return
        except FollowerCutOff:
            return  # the page comes again, from the last number that it has
        finally:
            call.feeds -= 1

    async def sights(tell: Tell) -> None:
        assert live is not None, "else there is nothing to be seen"
        async with live.look_on() as onlooker:
            async for sight in onlooker:
                if sight.name == "partial":
                    tell("partial", {key: sight.data.get(key) for key in ("speaker", "utterance", "text")})
        await asyncio.Event().wait()  # the record says when the call is over

    return [record] if live is None else [record, sights]


def caller_view(event: ContactEvent) -> tuple[str, Mapping[str, Any]] | None:
    """What the caller's own page is told of a contact event: a name and its data; of most there is nothing to tell."""
    payload = event.payload
    match event.kind:
        case EventKind.CALLER_TURN if not payload.get("silent"):
            return event.kind, _some(payload, "text", "language", "continues")
        case EventKind.REPLY_STARTED:
            return event.kind, _some(payload, "reply")
        case EventKind.REPLY_HEARD:
            return event.kind, _some(payload, "reply", "text", "complete")
        case EventKind.AGENT_TURN:
            return event.kind, _some(payload, "text", "language")
        case EventKind.HANDOFF_QUEUED:
            return _state("waiting")
        case EventKind.AGENT_JOINED if payload.get("mode") == Mode.TALK:
            return _state("person")
        case EventKind.CONTROL_CHANGED:
            if payload.get("owner") != Owner.BOT:
                return _state("person")
            return _state("bot" if payload.get("why") == "given back" else "waiting")
        case EventKind.CALL_HELD:
            return _state("held")
        case EventKind.CALL_RESUMED:
            return _state("person")
        case EventKind.CALL_ENDED:
            return _state("ended")
        case _:
            return None


def _state(state: str) -> tuple[str, Mapping[str, Any]]:
    return "state", {"state": state}


def _some(payload: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    return {key: payload[key] for key in keys if key in payload}


def _is_local(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())


def _refused(status: int, code: str, message: str) -> HTTPException:
    return HTTPException(status, {"code": code, "message": message})
