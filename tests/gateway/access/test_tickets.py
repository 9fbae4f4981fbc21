"""Tickets: one use, half a minute, one purpose, one holder."""

from __future__ import annotations

import pytest

from gateway.access.cookies import SESSION_COOKIE
from gateway.access.errors import NotSignedIn
from gateway.access.identity import Role
from gateway.access.sessions import SignedIn
from gateway.access.store import Ticket
from gateway.access.tickets import LIFETIME, KeptTickets, Purpose
from gateway.access.tokens import key_of, new_token
from tests.gateway.access.people import Lobby


class Booth:
    """A signed-in agent before the counter."""

    def __init__(self) -> None:
        self.lobby = Lobby()
        self.tickets = KeptTickets(self.lobby.store, self.lobby.clock)

    async def holder(self) -> SignedIn:
        self.token = (await self.lobby.cookies(Role.AGENT))[SESSION_COOKIE]
        return await self.lobby.sessions.find(self.token, self.lobby.clock())

    async def issued(self) -> str:
        return await self.tickets.issue(await self.holder(), Purpose.SOFTPHONE, "call-1")


@pytest.fixture
def booth() -> Booth:
    return Booth()


async def test_a_ticket_lets_its_holder_in_once(booth: Booth) -> None:
    holder = await booth.holder()
    ticket = await booth.tickets.issue(holder, Purpose.SOFTPHONE, "call-1")
    admission = await booth.tickets.redeem(ticket, Purpose.SOFTPHONE)
    assert admission is not None
    assert (admission.identity, admission.subject) == (holder.identity, "call-1")
    assert await booth.tickets.redeem(ticket, Purpose.SOFTPHONE) is None


async def test_a_ticket_is_good_for_half_a_minute(booth: Booth) -> None:
    ticket = await booth.issued()
    booth.lobby.clock.now += LIFETIME
    assert await booth.tickets.redeem(ticket, Purpose.SOFTPHONE) is None


async def test_a_ticket_for_another_door_is_used_up_at_this_one(booth: Booth) -> None:
    holder, issued = await booth.holder(), booth.lobby.clock()
    key = key_of(token := new_token("shop"))
    assert key is not None
    other = Ticket(key, holder.identity.user, holder.session.key.digest, "vault", "call-1", issued + LIFETIME)
    await booth.lobby.store.keep_ticket(other, issued)
    assert await booth.tickets.redeem(token, Purpose.SOFTPHONE) is None
    assert await booth.lobby.store.take_ticket(key) is None


async def test_who_has_signed_out_or_lost_the_account_has_no_tickets(booth: Booth) -> None:
    ticket = await booth.issued()
    await booth.lobby.sessions.end(booth.token)
    assert await booth.tickets.redeem(ticket, Purpose.SOFTPHONE) is None
    holder = await booth.holder()
    ticket = await booth.tickets.issue(holder, Purpose.SOFTPHONE, "call-1")
    await booth.lobby.store.disable_account("shop", holder.identity.user, booth.lobby.clock())
    assert await booth.tickets.redeem(ticket, Purpose.SOFTPHONE) is None
    with pytest.raises(NotSignedIn):
        await booth.tickets.issue(holder, Purpose.SOFTPHONE, "call-1")


@pytest.mark.parametrize("ticket", ["", "shop.", "shop.made-up", "x" * 1000])
async def test_what_is_no_ticket_opens_nothing(booth: Booth, ticket: str) -> None:
    assert await booth.tickets.redeem(ticket, Purpose.SOFTPHONE) is None
