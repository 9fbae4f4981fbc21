"""Placing calls over a carrier's REST API: real HTTP to a carrier that also refuses, garbles and hangs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.telephony import rest
from gateway.telephony.dialer import Found, Listening, NotPlaced, NotThere, Order, Placed, Progress, Unclear
from gateway.telephony.rest import LARGEST_ANSWER
from gateway.telephony.twilio_calls import TwilioDialer
from tests.gateway.telephony.carrier import ACCOUNT, TOKEN, CarrierServer, Meets, carrier

BASE = "https://voice.example.com/aicc"
ORDER = Order("+821012345678", "+827080001000", "shop.d1.ticket", 25)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is not waited for long."""
    monkeypatch.setattr(rest, "ANSWER_WITHIN", 1.0)


@pytest.fixture
async def at_carrier() -> AsyncIterator[CarrierServer]:
    async with carrier() as server:
        yield server


@pytest.fixture
async def dialer(at_carrier: CarrierServer) -> AsyncIterator[TwilioDialer]:
    dialer = TwilioDialer(ACCOUNT, TOKEN, base=BASE + "/", api_url=at_carrier.url)
    yield dialer
    await dialer.close()


async def test_an_order_says_whom_to_call_and_how_to_come_back(at_carrier: CarrierServer, dialer: TwilioDialer) -> None:
    placed = await dialer.place(ORDER)
    assert placed == Placed(at_carrier.calls[0].sid)
    assert at_carrier.calls[0].order == {
        "To": "+821012345678",
        "From": "+827080001000",
        "Url": f"{BASE}/telephony/twilio/outbound/voice?due=shop.d1.ticket",
        "Method": "POST",
        "StatusCallback": f"{BASE}/telephony/twilio/outbound/status?due=shop.d1.ticket",
        "StatusCallbackMethod": "POST",
        "Timeout": "25",
    }


@pytest.mark.parametrize(
    ("listening", "asked"),
    [(Listening.NOT, None), (Listening.WHO, "Enable"), (Listening.GREETING, "DetectMessageEnd")],
)
async def test_who_answered_is_asked_only_where_it_matters_and_a_greeting_heard_out_only_for_a_message(
    at_carrier: CarrierServer, dialer: TwilioDialer, listening: Listening, asked: str | None
) -> None:
    await dialer.place(replace(ORDER, listening=listening))
    assert at_carrier.calls[0].order.get("MachineDetection") == asked


@pytest.mark.parametrize(("meets", "again"), [(Meets.REFUSED, False), (Meets.BUSY_CARRIER, True)])
async def test_a_refusal_has_certainly_placed_nothing(
    at_carrier: CarrierServer, dialer: TwilioDialer, meets: Meets, again: bool
) -> None:
    at_carrier.meets[ORDER.number].append(meets)
    answer = await dialer.place(ORDER)
    assert isinstance(answer, NotPlaced) and answer.again is again
    assert at_carrier.calls == []


async def test_refused_credentials_are_not_the_calls_fault(at_carrier: CarrierServer) -> None:
    stranger = TwilioDialer(ACCOUNT, "guessed", base=BASE, api_url=at_carrier.url)
    answer = await stranger.place(ORDER)
    assert isinstance(answer, NotPlaced) and answer.again
    assert "401 Authenticate" in answer.reason and "guessed" not in answer.reason
    assert isinstance(await stranger.look("CA1"), Unclear)
    await stranger.close()


async def test_a_carrier_that_is_not_there_has_placed_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers there
        dialer = TwilioDialer(ACCOUNT, TOKEN, base=BASE, api_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert isinstance(await dialer.place(ORDER), NotPlaced)
        assert isinstance(await dialer.search(ORDER.number, ORDER.line, datetime.now(UTC)), Unclear)
        await dialer.close()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("meets", [Meets.SILENT, Meets.TAKEN_AND_SILENT, Meets.TAKEN_AND_GARBLED, Meets.BROKEN])
async def test_what_is_not_answered_or_not_understood_is_unclear_and_sent_once(
    at_carrier: CarrierServer, dialer: TwilioDialer, meets: Meets
) -> None:
    at_carrier.meets[ORDER.number].append(meets)
    assert isinstance(await dialer.place(ORDER), Unclear)
    assert at_carrier.orders == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("meets", [Meets.TAKEN_AND_DRIPPING, Meets.TAKEN_AND_FLOODING])
async def test_an_answer_without_end_is_left_in_time_and_within_bounds(
    at_carrier: CarrierServer, dialer: TwilioDialer, meets: Meets
) -> None:
    at_carrier.meets[ORDER.number].append(meets)
    async with asyncio.timeout(20):
        assert isinstance(await dialer.place(ORDER), Unclear)
    assert at_carrier.given < 16 * LARGEST_ANSWER  # what was read, and what lay in sockets' buffers


async def test_what_was_placed_and_not_acknowledged_is_found_by_its_numbers_and_time(
    at_carrier: CarrierServer, dialer: TwilioDialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = datetime.now(UTC)
    assert await dialer.search(ORDER.number, ORDER.line, before) == NotThere()
    at_carrier.meets[ORDER.number].append(Meets.TAKEN_AND_SILENT)
    with monkeypatch.context() as impatient:
        impatient.setattr(rest, "ANSWER_WITHIN", 1.0)
        await dialer.place(ORDER)
    at_carrier.calls[0].status = "busy"
    assert await dialer.search(ORDER.number, ORDER.line, before) == Found(at_carrier.calls[0].sid, Progress.BUSY)
    assert await dialer.search(ORDER.number, "+18005550100", before) == NotThere()
    assert await dialer.search(ORDER.number, ORDER.line, before + timedelta(minutes=5)) == NotThere()


@pytest.mark.parametrize(("behind", "found"), [(25, True), (35, False)])
async def test_a_carrier_whose_clock_is_behind_ours_still_shows_the_call(
    at_carrier: CarrierServer, dialer: TwilioDialer, behind: int, found: bool
) -> None:
    before = datetime.now(UTC)
    await dialer.place(ORDER)
    at_carrier.calls[0].made = before - timedelta(seconds=behind)
    assert isinstance(await dialer.search(ORDER.number, ORDER.line, before), Found if found else NotThere)


async def test_how_far_a_call_is_can_be_looked_up(at_carrier: CarrierServer, dialer: TwilioDialer) -> None:
    placed = await dialer.place(ORDER)
    assert isinstance(placed, Placed)
    for status, progress in [
        ("ringing", Progress.RINGING),
        ("in-progress", Progress.TALKING),
        ("no-answer", Progress.NO_ANSWER),
        ("completed", Progress.OVER),
    ]:
        at_carrier.calls[0].status = status
        assert await dialer.look(placed.provider_id) == Found(placed.provider_id, progress)
    at_carrier.calls[0].status = "a new word"
    assert isinstance(await dialer.look(placed.provider_id), Unclear)
    assert await dialer.look("CA-unknown") == NotThere()
