"""Being a caller, against the real doors with scripted rooms behind them, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.api.calls import calls_router
from gateway.commands.place_call import place_call
from gateway.commands.server import NoGateway, RunningGateway
from gateway.session.switchboard import Switchboard
from gateway.telephony.errors import CallRefused
from infra.audio import AudioUnreadable, write_wav
from tests.gateway.session.test_switchboard import LINE, House
from tests.gateway.telephony.doors import doors


@asynccontextmanager
async def gateway() -> AsyncIterator[RunningGateway]:
    house = House()
    await house.ledger.start()
    switchboard: Switchboard = house.switchboard
    calls = calls_router(house.ledger, lambda tenant, call: Path("nowhere"))
    async with doors(switchboard.serve, switchboard, calls) as opened:
        try:
            yield RunningGateway(f"http://{opened.address}")
        finally:
            await switchboard.drain(0.0)
            await house.ledger.close()


async def test_a_call_is_made_through_the_webhook_heard_and_followed_to_its_end(tmp_path: Path) -> None:
    write_wav(tmp_path / "quiet.wav", b"\1\0" * 1600, 8000)
    events: list[dict[str, Any]] = []
    async with gateway() as running:
        placed = await place_call(
            running,
            tenant="shop",
            number=LINE,
            audio=[],
            on_event=events.append,
            save=tmp_path / "heard.wav",
        )
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["kind"] == "call.ended"
    assert {event["call"] for event in events} == {placed.call_id}
    assert any(event["kind"] == "reply.heard" and "machine" in event["payload"]["text"] for event in events)
    assert (tmp_path / "heard.wav").stat().st_size > 16_000


async def test_a_line_that_nobody_has_is_refused() -> None:
    async with gateway() as running:
        with pytest.raises((CallRefused, ValueError)):
            await place_call(running, tenant="shop", number="+1", audio=[], on_event=lambda event: None)


async def test_a_recording_that_is_not_there_is_named_before_anything_is_dialled() -> None:
    with pytest.raises(AudioUnreadable, match=r"nowhere\.wav"):
        await place_call(
            RunningGateway("http://127.0.0.1:9"),
            tenant="shop",
            number=LINE,
            audio=["nowhere.wav"],
            on_event=lambda event: None,
        )


async def test_a_gateway_that_is_gone_is_said_so() -> None:
    with pytest.raises(NoGateway):
        await place_call(
            RunningGateway("http://127.0.0.1:9"), tenant="shop", number=LINE, audio=[], on_event=lambda event: None
        )
