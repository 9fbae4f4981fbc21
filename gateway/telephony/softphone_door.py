"""The door of browsers: a softphone opens its socket, shows a ticket, and is let in as whom the ticket was given to.

Whether a ticket is good, and for whom, is asked of ``Visitors``; the people above decide what it means. A caller is
admitted like any call; people of the house (agents, supervisors) are not asked for room, for their call has it already.

The socket itself needs no cookie and no signature: without a ticket nothing can be done with it, and it is closed soon.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import Final, Protocol

from gateway.telephony import metrics
from gateway.telephony.codec import Introduced, Opening
from gateway.telephony.entrance import TRY_LATER, Entrance, Taken, TurnedAway, turned_away
from gateway.telephony.leg import Admission, LegInfo, MediaLeg
from gateway.telephony.media_leg import POLICY
from gateway.telephony.media_socket import Handshake, MediaSocket, Rejection, SocketOwner
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.softphone import PROTOCOL, RATE, SUBPROTOCOL, SoftphoneCodec
from infra.errors import AiccError

PATH: Final = "/v1/softphone"

REDEEM_WITHIN: Final = 3.0
"""Seconds that looking at a ticket may take."""

log = logging.getLogger(__name__)


class VisitorKind(StrEnum):
    """Who comes by a softphone."""

    CALLER = "caller"
    AGENT = "agent"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Visit:
    """What a ticket was given for.

    ``call`` is the id of the call that a person of the house joins, or that a caller's will have;
    ``mode`` how a supervisor joins (listen, whisper, barge). ``ani`` and ``dnis`` are a caller's number, if any, and
    the line that is called; ``parameters`` go with the leg.
    """

    kind: VisitorKind
    tenant: str
    call: str
    user: str = ""
    mode: str = ""
    ani: str = ""
    dnis: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Visitors(Protocol):
    """Who knows the tickets."""

    async def redeem(self, ticket: str, /) -> Visit | None:
        """What a ticket was given for; ``None`` when it is not good (any more). A ticket is good once."""


class SoftphoneDoor:
    """Lets softphones in: callers to ``on_caller``, people of the house to ``on_person``; both serve one leg and return
    when it is over."""

    path: Final = PATH.encode()
    subprotocol: Final = SUBPROTOCOL

    def __init__(
        self,
        settings: TelephonySettings,
        visitors: Visitors,
        admission: Admission,
        on_caller: Callable[[MediaLeg], Awaitable[None]],
        on_person: Callable[[MediaLeg, Visit], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._visitors = visitors
        self._admission = admission
        self._on_caller = on_caller
        self._on_person = on_person

    def judge(self, handshake: Handshake) -> Rejection | None:
        """Anybody may knock: the ticket is asked for inside."""
        return None

    def welcome(self, socket: MediaSocket, tasks: set[asyncio.Task[None]]) -> SocketOwner:
        """An open socket's first owner. The task that serves its leg is kept in ``tasks`` until it is over."""
        codec = SoftphoneCodec()
        return Entrance(socket, tasks, codec, self._settings, partial(self._meet, codec))

    async def _meet(self, codec: SoftphoneCodec, opening: Opening) -> Taken | TurnedAway:
        assert isinstance(opening, Introduced), "a softphone shows a ticket"
        try:
            async with asyncio.timeout(REDEEM_WITHIN):
                visit = await self._visitors.redeem(opening.ticket)
        except (TimeoutError, AiccError) as error:
            log.error("a softphone's ticket could not be looked at: %s", error)
            return TurnedAway(TRY_LATER, "tickets cannot be looked at now")
        if visit is None:
            metrics.SIGNATURES_REFUSED.labels(PROTOCOL).inc()
            return TurnedAway(POLICY, "the ticket is not good, or not any more")
        return self._let_in(codec, visit)

    def _let_in(self, codec: SoftphoneCodec, visit: Visit) -> Taken | TurnedAway:
        info = LegInfo(
            leg_id=uuid.uuid4().hex,
            call_sid=visit.call,
            ani=visit.ani,
            dnis=visit.dnis,
            protocol=PROTOCOL,
            rate=RATE,
            parameters=visit.parameters,
        )
        if visit.kind is not VisitorKind.CALLER:
            return Taken(info, lambda leg: self._on_person(leg, visit), codec.encode_ready(visit.call))
        if refusal := self._admission.admit(info.offer):
            return turned_away(refusal, PROTOCOL)
        return Taken(info, self._on_caller, codec.encode_ready(visit.call))
