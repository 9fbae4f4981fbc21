"""What tests of due calls are played with: a tenant that calls, its desk, and a carrier that does as it is told."""

from __future__ import annotations

import uuid
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialog.flows.plan import AskFor, Flow, PlanStep
from dialog.flows.slot import Slot, SlotKind
from gateway.outbound.desk import TenantDesk, patience_of
from gateway.outbound.due_call import DueCall
from gateway.outbound.placing import Placing
from gateway.outbound.store import DueCalls
from gateway.session.tenant import Hours, Line, Outbound, Tenant, Voicemail
from gateway.telephony.dialer import Found, NotPlaced, NotThere, Order, Placed, Unclear
from infra.storage.database import Database
from infra.storage.sealed_words import SealedWords

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
"""Two in the afternoon in Seoul, a Tuesday."""
NUMBER = "+821012345678"
OFFICE_HOURS = Hours(weekly={"tuesday": ("09:00-18:00",), "wednesday": ("09:00-18:00",)})

CALLBACK = Flow(
    "callback",
    (Slot("good_time", SlotKind.YES_NO), Slot("phone", SlotKind.PHONE)),
    (PlanStep(AskFor("good_time")),),
    reaches_out=True,
)
BOOKING = Flow("book_visit", (Slot("phone", SlotKind.PHONE),), (PlanStep(AskFor("phone")),))
FLOWS = {flow.id: flow for flow in (CALLBACK, BOOKING)}


class Clock:
    """A time of day that tests move."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


class Carrier:
    """A dialer that answers as it was told, and remembers what it was asked."""

    def __init__(self, *answers: Placed | NotPlaced | Unclear) -> None:
        self.answers = deque(answers)
        self.known: Found | NotThere | Unclear = NotThere()
        self.orders: list[Order] = []
        self.searched: list[tuple[str, str, datetime]] = []
        self.looked_at: list[str] = []

    async def place(self, order: Order) -> Placed | NotPlaced | Unclear:
        self.orders.append(order)
        return self.answers.popleft() if self.answers else Placed(f"CA{len(self.orders)}")

    async def search(self, number: str, line: str, since: datetime) -> Found | NotThere | Unclear:
        self.searched.append((number, line, since))
        return self.known

    async def look(self, provider_id: str) -> Found | NotThere | Unclear:
        self.looked_at.append(provider_id)
        return self.known

    async def close(self) -> None:
        """Nothing is open."""


def tenant(name: str, *, hours: Hours = OFFICE_HOURS, voicemail: Voicemail = Voicemail.TALK) -> Tenant:
    return Tenant(
        id=name,
        name={"ko": "가게", "en": "Shop"},
        languages=("ko", "en"),
        time_zone="Asia/Seoul",
        lines=(
            Line(number="+827080001000", alias=f"{name}-ko", language="ko"),
            Line(number="+18005550100", alias=f"{name}-en", language="en"),
        ),
        outbound=Outbound(country_code="82", hours=hours, attempts=2, pauses_minutes=(15.0, 60.0), voicemail=voicemail),
        folder=Path("/nowhere"),
    )


WORDS = SealedWords(bytes(range(32)), "due calls")  # the same in every process


def new_tenant() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


async def desk(database: Database, clock: Clock, voicemail: Voicemail = Voicemail.TALK) -> TenantDesk:
    """The desk of a tenant that nobody else uses."""
    shop = tenant(new_tenant(), voicemail=voicemail)
    await database.enter_tenant(shop.id)
    calls = DueCalls(database, shop.id, patience_of(shop), WORDS)
    return TenantDesk(shop, calls, FLOWS, lambda language: f"message in {language}", now=clock)


async def once(placing: Placing, room: int) -> int:
    """One round of a tenant that is alone; how many calls ring."""
    ringing = await placing.look_after()
    return ringing + (await placing.place(room - ringing) if room > ringing else 0)


def due_call(number: str = NUMBER, *, due_at: datetime = NOW, key: str | None = None) -> DueCall:
    return DueCall(
        id=uuid.uuid4().hex,
        key=key or uuid.uuid4().hex,
        number=number,
        language="ko",
        purpose="callback",
        details={"phone": "01012345678"},
        contact="earlier",
        created_at=NOW,
        due_at=due_at,
        not_after=due_at + timedelta(days=1),
        next_at=due_at,
    )
