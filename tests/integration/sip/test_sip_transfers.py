"""Calls are moved by REFER, and by REFER with Replaces, by telephones that really do it; what comes of it is told."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.telephony.leg import HangUpCause, Refusal, RefusalReason
from gateway.telephony.transfer import NotTransferred, TransferMethod, TransferOrder, Transferred, TransferUnclear
from gateway.telephony.trunk import NotReached, TrunkOrder
from tests.gateway.telephony.sip.endpoints import (
    HOST,
    Party,
    Place,
    eventually,
    free_port,
    needs_the_stack,
    place,
    settings,
)

pytestmark = [needs_the_stack, pytest.mark.xdist_group("sip alone")]


class Phone:
    """An obliging telephone in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process, self.port = process, port

    @property
    def uri(self) -> str:
        return f"sip:phone@{HOST}:{self.port}"

    async def until(self, event: str, within: float = 30.0) -> dict[str, Any]:
        """The next event of a kind; others are passed over."""
        assert self.process.stdout is not None
        async with asyncio.timeout(within):
            while line := await self.process.stdout.readline():
                told: dict[str, Any] = json.loads(line)
                if told["event"] == event:
                    return told
        raise AssertionError(f"the phone ended before {event}")


@asynccontextmanager
async def phone() -> AsyncIterator[Phone]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.sip.obliging_phone",
        str(port),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        one = Phone(process, port)
        await one.until("READY", 30)
        yield one
    finally:
        process.kill()
        await process.wait()


def by(*phones: Phone, port: int, **more: object) -> Any:
    """An endpoint with a trunk to each telephone."""
    trunks = {f"phone{number}": {"domain": f"{HOST}:{one.port}", **more} for number, one in enumerate(phones)}
    return settings(port, codecs="PCMU", trunks=trunks)


async def call(here: Place, far: Phone, beside: Party | None = None) -> Party:
    order = TrunkOrder(far.uri, "15880000", 20.0, beside=None if beside is None else beside.leg)
    reached = await here.endpoint.trunks.call(order, lambda: None)
    assert not isinstance(reached, NotReached), reached
    return Party(reached)


async def test_a_caller_is_sent_on_with_the_hand_off_and_leaves(tmp_path: Path) -> None:
    async with (
        phone() as caller,
        phone() as target,
        place(by(caller, port=free_port(), refer_confirms=True), tmp_path) as here,
    ):
        party = await call(here, caller)
        order = TransferOrder(TransferMethod.REFER, target.uri, "h42", 20.0)
        assert await party.leg.transfer(order) == Transferred(confirmed=True)
        assert (await asyncio.wait_for(party.end, 20)).cause is HangUpCause.FAR_END
        assert (await caller.until("CALL_TRANSFER"))["text"].endswith("User-to-User=683432%3Bencoding%3Dhex>")
        await target.until("CALL_ESTABLISHED")


async def test_who_cannot_be_sent_on_stays_with_us(tmp_path: Path) -> None:
    port = free_port()
    async with phone() as caller, place(by(caller, port=port), tmp_path) as here:
        party = await call(here, caller)
        here.doorman.full = Refusal(RefusalReason.BUSY)
        busy = TransferOrder(TransferMethod.REFER, f"sip:1588@{HOST}:{port}", "", 20.0)
        outcome = await party.leg.transfer(busy)
        assert isinstance(outcome, NotTransferred)
        assert outcome.code == 486
        nowhere = TransferOrder(TransferMethod.REFER, f"sip:1588@{HOST}:{free_port()}", "", 1.0)
        assert isinstance(await party.leg.transfer(nowhere), NotTransferred | TransferUnclear)
        heard = len(party.pcm)
        await eventually(lambda: len(party.pcm) > heard)
        assert party.events == []


async def test_whoever_answered_a_consultation_takes_our_place(tmp_path: Path) -> None:
    async with (
        phone() as caller,
        phone() as colleague,
        place(by(caller, colleague, port=free_port()), tmp_path) as here,
    ):
        party = await call(here, caller)
        consulted = await call(here, colleague, beside=party)
        order = TransferOrder(TransferMethod.ATTENDED, colleague.uri, "h42", 20.0, answered=consulted.leg)
        assert await party.leg.transfer(order) == Transferred(confirmed=False)
        for ours in (party, consulted):
            assert (await asyncio.wait_for(ours.end, 20)).cause is HangUpCause.FAR_END
        for _ in range(2):  # our consultation, and the caller in its place
            told = await colleague.until("CALL_ESTABLISHED")
        assert told["peer"].startswith("sip:phone@")
