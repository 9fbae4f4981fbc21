"""The torture messages of RFC 4475 at a live gateway: whatever it makes of them, it serves on and keeps no call."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.house import ROOT
from tests.integration.sip.house import SipHouse
from tests.integration.sip.wire import wire

pytestmark = [pytest.mark.xdist_group("sip"), pytest.mark.asyncio(loop_scope="session")]

MESSAGES = ROOT.parent / "shared" / "data" / "sip" / "rfc4475"
LARGEST = 60_000


def messages() -> list[Path]:
    """The 49 of them, where they are."""
    return sorted(MESSAGES.glob("*.dat"))


@pytest.mark.skipif(not messages(), reason="the messages of RFC 4475 are not here (../shared/data/sip/rfc4475)")
async def test_the_gateway_serves_on_after_each_torture_message(house: SipHouse) -> None:
    assert len(messages()) == 49
    for path in messages():
        async with wire(house.port) as line:
            line.send(path.read_bytes()[:LARGEST])
            assert await line.is_prompt(), path.name
    assert house.process.process.returncode is None
    await asyncio.sleep(1.0)
    await house.is_at_rest()


async def test_bytes_that_are_no_sip_at_all_do_no_harm(house: SipHouse) -> None:
    async with wire(house.port) as line:
        for garbage in (b"\x00\x01garbage\r\n\r\n", b"INVITE sip:x SIP/2.0\r\n\r\n", b"\r\n\r\n", b"\xff" * LARGEST):
            line.send(garbage)
            assert await line.is_prompt()
    await house.is_at_rest()
