"""Calls that are moved to a target outside: a stand-in trunk, toll gate and network, each doing what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.session.destination import Destination
from gateway.session.ports import TollDenied
from gateway.telephony.leg import MediaLeg
from gateway.telephony.transfer import TransferMethod, TransferOrder, TransferOutcome
from gateway.telephony.trunk import Failure, NotReached, TrunkOrder
from tests.gateway.session.desk_stage import BYE
from tests.gateway.session.stage import FarEnd, Stage, handover

SUPPORT = {"name": {"en": "Support", "ko": "고객센터"}, "to": "sip:queue-{handoff}@pbx.example"}


@dataclass
class Permit:
    """A permit whose seconds of use are remembered."""

    seconds: float
    spent: list[float]

    async def used(self, seconds: float) -> None:
        self.spent.append(round(seconds, 1))


@dataclass
class Gate:
    """A toll gate with one answer."""

    seconds: float = 3600.0
    refuses: str = ""
    spent: list[float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def allows(self, destination: Destination) -> TollDenied | None:
        return TollDenied(self.refuses) if self.refuses else None

    async def begin(self, call: str, destination: Destination) -> Permit | TollDenied:
        self.asked.append(str(destination))
        return TollDenied(self.refuses) if self.refuses else Permit(self.seconds, self.spent)


@dataclass
class Exchange:
    """A trunk: after ``rings`` seconds somebody answers, or ``fails`` says why not."""

    fails: list[Failure | None] = field(default_factory=list)
    rings: float = 4.0
    orders: list[TrunkOrder] = field(default_factory=list)
    legs: list[FarEnd] = field(default_factory=list)
    given_up: int = 0

    async def call(self, order: TrunkOrder, ringing: Callable[[], None]) -> MediaLeg | NotReached:
        self.orders.append(order)
        try:
            await asyncio.sleep(1.0)
            ringing()
            await asyncio.sleep(min(self.rings, order.ring_seconds))
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        failure = self.fails.pop(0) if self.fails else None
        if failure is None and self.rings >= order.ring_seconds:
            failure = Failure.NO_ANSWER
        if failure is not None:
            return NotReached(failure, failure.value, {Failure.BUSY: 486, Failure.DECLINED: 603}.get(failure))
        self.legs.append(FarEnd())
        return self.legs[-1]


class Movable(FarEnd):
    """A leg whose network answers orders to move it, one after the other; None: never."""

    def __init__(self, outcomes: list[TransferOutcome | None], *methods: TransferMethod) -> None:
        super().__init__()
        self.transfers = frozenset(methods or TransferMethod)
        self.outcomes = outcomes
        self.orders: list[TransferOrder] = []

    async def transfer(self, order: TransferOrder) -> TransferOutcome:
        self.orders.append(order)
        await asyncio.sleep(0.5)
        outcome = self.outcomes.pop(0)
        if outcome is None:
            await asyncio.Event().wait()
            raise AssertionError("nobody sets it")
        return outcome


class TransferStage(Stage):
    """One call whose queue leads to a target."""

    trunk: Exchange | None
    toll: Gate | None

    async def event(self, kind: str, within: float = 60.0) -> dict[str, Any]:
        """Wait until something stands in the record; what it says."""
        async with asyncio.timeout(within):
            while True:
                for event in await self.ledger.events("shop", "call-1"):
                    if event.kind == kind:
                        return event.payload
                await asyncio.sleep(0.1)

    async def answered(self) -> FarEnd:
        """Until somebody at the target has picked up."""
        await self.event("transfer.answered")
        assert self.trunk is not None
        return self.trunk.legs[-1]


def sent_away(
    script: Callable[[TransferStage], Awaitable[None]],
    *,
    trunk: Exchange | None = None,
    toll: Gate | None = None,
    leg: FarEnd | None = None,
    said: tuple[str, ...] = (),
    consent: str = "never",
    hours: dict[str, Any] | None = None,
    **target: Any,
) -> TransferStage:
    """A caller who asks for a person of a queue that leads outside, and what happens then."""

    async def play(stage: Any) -> None:
        await stage.until_quiet()
        await stage.speak(1.2)
        await stage.event("handoff.queued")
        await script(stage)

    stage = TransferStage(
        heard=["a person please", *said],
        answers=[[handover()], [BYE]],
        consent=consent,
        hours=hours,
        more={
            "transfers": {"support": {**SUPPORT, "ways": ["bridge"], **target}},
            "hand_over": {"queues": [{"id": "general", "transfer": "support"}]},
        },
    )
    stage.trunk, stage.toll = trunk, toll or Gate()
    if leg is not None:
        stage.far_end = lambda: leg
    stage.play(play)
    return stage
