"""Whole calls in every dialect: our own far end, which speaks as the carriers do, and the gateway's doors."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

from gateway.telephony.caller import Caller, SoundCleared, new_call_sid
from gateway.telephony.leg import DtmfReceived, HungUp, LegEvent, MarkPlayed, MediaLeg, MediaReceived
from gateway.telephony.streams.dialects import DIALECTS
from gateway.telephony.streams.signatures import basic
from infra.audio import AudioFrame
from tests.gateway.telephony.doors import doors
from tests.gateway.telephony.streams.carriers_open import TOKEN, carriers


@pytest.mark.parametrize("name", DIALECTS)
async def test_a_caller_speaks_every_dialect_with_the_gateway(name: str) -> None:
    carrier, call = carriers()[name], new_call_sid()
    parameters = {} if carrier.passes is None else {"pass": carrier.passes.give(name, call, time.time())}
    headers = {"Authorization": basic("exotel", TOKEN)} if name == "exotel" else {}
    marks: list[str] = []

    async def serve(leg: MediaLeg) -> None:
        """Give sound back; the first key has half of what waits taken back, and a mark tells when it was."""
        over = asyncio.Event()

        def hear(event: LegEvent) -> None:
            match event:
                case MediaReceived(frame):
                    leg.send(frame)
                case DtmfReceived():
                    leg.send(AudioFrame(bytes(16000), 8000, 0.0))
                    leg.mark("cleared")
                    leg.clear()
                case MarkPlayed(name):
                    marks.append(name)
                case HungUp():
                    over.set()

        leg.listen(hear)
        await over.wait()

    signing = {"auth_token": TOKEN} if name == "twilio" else {}
    async with doors(serve, carrier=carrier) as opened:
        address = opened.media.replace("twilio", name)
        async with Caller(
            address,
            ani="+821012345678",
            dnis="15880000",
            call_sid=call,
            parameters=parameters,
            headers=headers,
            noise_dbfs=None,
            dialect=carrier.dialect,
            **signing,
        ) as caller:
            tone = (np.sin(np.arange(4000) * 0.3) * 8000).astype("<i2").tobytes()
            await caller.say(tone, 8000)
            await caller.listen_until_quiet(quiet=0.2, timeout=10)
            heard, said = (np.frombuffer(sound, "<i2") for sound in (caller.heard, caller.said))
            assert len(said[said != 0]) > 3900
            assert np.array_equal(heard[heard != 0], said[said != 0])  # each sample, whatever silence is between
            await caller.press("5")
            async with asyncio.timeout(5):
                async for event in caller.events():
                    if isinstance(event, SoundCleared):
                        break
            await asyncio.sleep(0.2)
    assert marks == ["cleared"]
