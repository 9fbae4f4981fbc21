from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.access.identity import Identity, Role
from gateway.access.tickets import Purpose
from gateway.house import House, People
from gateway.session.errors import NoRecording
from gateway.settings import GatewaySettings
from gateway.telephony.softphone_door import Visit, VisitorKind


class Box:
    """Tickets that let in once: of the web page's callers, and of those who signed in."""

    def __init__(self, tickets: dict[str, Any]) -> None:
        self.tickets = tickets

    async def redeem(self, ticket: str, purpose: Purpose | None = None) -> Any:
        assert purpose in (None, Purpose.SOFTPHONE)
        return self.tickets.pop(ticket, None)


async def test_a_ticket_lets_in_a_caller_of_the_page_or_somebody_of_the_desk() -> None:
    caller = Visit(VisitorKind.CALLER, "shop", "line", "visitor")
    anna = Identity("shop", "anna", "Anna", frozenset({Role.AGENT}))
    admission = SimpleNamespace(identity=anna, subject="call-1")
    entrance: Any = SimpleNamespace(tickets=Box({"b": admission}))
    nobody: Any = None
    people = People(entrance, nobody, nobody, nobody, Box({"a": caller}), {}, nobody)  # type: ignore[arg-type]
    assert await people.redeem("a") == caller
    assert await people.redeem("b") == Visit(VisitorKind.AGENT, "shop", "call-1", "anna")
    assert await people.redeem("a") is None
    assert await people.redeem("b") is None


def house(ledger: Any) -> House:
    nothing: Any = None
    return House(GatewaySettings(), Path("data"), {}, {}, ledger, nothing, nothing, nothing)


async def test_where_no_calls_are_taken_there_are_no_recordings() -> None:
    record: Any = SimpleNamespace(call_id="c")
    with pytest.raises(NoRecording):
        await house(SimpleNamespace()).recording("shop", record)


def test_a_house_whose_ledger_takes_nothing_is_not_ready() -> None:
    assert house(SimpleNamespace(failure=None)).unready() == {}
    assert house(SimpleNamespace(failure=RuntimeError("fenced"))).unready() == {"ledger": "fenced"}
