"""Asking at a target outside whether they take the caller, before the caller is moved there.

Whoever has the call talks with whoever answers, while the caller is on hold and hears neither. Then the caller is moved
to them as they are (``transferring.py`` goes on with the call that stands), or taken back.

Refuses: who may ask and where (the desk), and what may be dialled at all (the toll rules).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from gateway.session.conference import Mode
from gateway.session.control import Owner
from gateway.session.errors import InquiryUnderWay
from gateway.session.ledger import CallLog
from gateway.session.outside_call import OutsideCall
from gateway.session.people import Departure, Person
from gateway.session.ports import Services
from gateway.session.records import EventKind
from gateway.session.targets import Target
from gateway.telephony.leg import MediaLeg
from gateway.telephony.trunk import Failure, TrunkOrder
from infra.errors import AiccError

OUTSIDE: Final = "outside:"
"""What the id of a target's person begins with, among the people of a call."""

WAY: Final = "consult"
"""The way of such calls in the contact's record."""


class Asked(StrEnum):
    """How far an inquiry has come."""

    RINGING = "ringing"
    TALKING = "talking"
    FAILED = "failed"
    """Nobody could be reached, or whoever answered has gone again."""


class Caller(Protocol):
    """What an inquiry needs of the call (``Room``)."""

    @property
    def log(self) -> CallLog:
        """Its record."""

    @property
    def handoff(self) -> str | None:
        """The hand-over that it was taken from."""

    async def enter(self, leg: MediaLeg, person: Person, mode: Mode, /) -> Departure:
        """Let a person be in it."""

    def note(self, kind: EventKind, /, **payload: object) -> None:
        """Write into its record."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Whoever answered, in the call already: ``presence`` ends with their part in it."""

    outside: OutsideCall
    presence: asyncio.Task[Departure]


def person_at(target: str, what: Target) -> Person:
    """Whoever answers at a target, among the people of the call."""
    return Person(OUTSIDE + target, next(iter(what.name.values())), Owner.AGENT, outside=True)


class Inquiry:
    """One call's. ``line`` is the number shown as calling, ``later`` takes work that nobody waits for."""

    def __init__(
        self,
        services: Services,
        call: Caller,
        beside: MediaLeg,
        *,
        line: str,
        later: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._services = services
        self._call = call
        self._beside = beside
        self._line = line
        self._later = later
        self._target = ""
        self._state: Asked | None = None
        self._asking: asyncio.Task[None] | None = None
        self._reached: Reached | None = None

    @property
    def told(self) -> Mapping[str, str] | None:
        """Where it is asked and how far that has come, for pages; None where nothing is asked."""
        return None if self._state is None else {"target": self._target, "state": self._state.value}

    @property
    def reached(self) -> str | None:
        """The target at which somebody has answered."""
        return self._target if self._reached is not None else None

    def begin(self, target: str) -> None:
        """Call there. Raises ``InquiryUnderWay``."""
        if self._state in (Asked.RINGING, Asked.TALKING):
            raise InquiryUnderWay(f"{self._target} is asked already: end that first")
        self._target, self._state = target, Asked.RINGING
        self._asking = asyncio.get_running_loop().create_task(
            self._ask(target), name=f"call {self._call.log.call_id}: inquiry"
        )

    def end(self, why: str) -> None:
        """Ask there no more; whoever answered is out. Does nothing where nothing is asked."""
        reached, self._reached, self._state = self._reached, None, None
        if reached is not None:
            reached.outside.let_go(why)
        if self._asking is not None:
            self._asking.cancel()

    async def close(self) -> None:
        """The call is over."""
        self.end("the call is over")
        if self._asking is not None:
            await asyncio.wait({self._asking})

    def hand_over(self, target: str) -> Reached | None:
        """Whoever answered there, for who moves the caller to them; None where nobody has."""
        reached = self._reached if target == self._target else None
        if reached is not None:
            self._reached, self._state = None, None
            assert self._asking is not None, "it was that which reached them"
            self._asking.cancel()  # their presence goes on
        return reached

    async def _ask(self, target: str) -> None:
        what = self._services.tenant.transfers[target]
        about = {"handoff": self._call.handoff or "", "target": target, "way": WAY}
        self._call.note(EventKind.TRANSFER_TRIED, **about)
        outside = OutsideCall(self._services, self._later)
        try:
            missed = await self._placed(outside, what, about)
        except AiccError as error:
            self._failed(about, Failure.UNREACHABLE, str(error))
            return
        if missed is not None:
            self._failed(about, *missed)
            return
        self._call.note(EventKind.TRANSFER_ANSWERED, **about)
        entering = self._call.enter(outside.leg, person_at(target, what), Mode.TALK)
        presence = asyncio.get_running_loop().create_task(entering, name=f"call {self._call.log.call_id}: {target}")
        self._reached, self._state = Reached(outside, presence), Asked.TALKING
        await asyncio.wait({presence}, timeout=outside.seconds)
        self._reached = None
        why = presence.result().why if presence.done() else "the longest call was reached"
        self._failed(about, Failure.NO_ANSWER, why)
        outside.let_go(why)

    async def _placed(
        self, outside: OutsideCall, what: Target, about: Mapping[str, str]
    ) -> tuple[Failure, str, int | None] | None:
        """Why nobody answered; None where somebody did. Raises ``NoDestination`` and the database's errors."""
        address = what.address(about["handoff"])
        order = TrunkOrder(
            str(address), self._line, what.ring_seconds, about["handoff"], dict(what.headers), beside=self._beside
        )
        missed = await outside.place(
            self._call.log.call_id, address, order, lambda: self._call.note(EventKind.TRANSFER_RINGING, **about)
        )
        return None if missed is None else (missed.failure, missed.reason, missed.code)

    def _failed(self, about: Mapping[str, str], failure: Failure, reason: str, code: int | None = None) -> None:
        self._state = Asked.FAILED
        self._call.note(EventKind.TRANSFER_FAILED, **about, failure=failure, reason=reason, code=code)
