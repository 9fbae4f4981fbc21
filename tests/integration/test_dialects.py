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


def audible(sound: bytes) -> np.ndarray:
    """All samples that are not digital silence."""
    samples = np.frombuffer(sound, "<i2")
    return samples[samples != 0]


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
            said = audible(caller.said)
            assert len(said) > 3900
            async with asyncio.timeout(20):
                while len(audible(caller.heard)) < len(said):
                    await asyncio.sleep(0.02)
            assert np.array_equal(audible(caller.heard), said)  # each sample, whatever silence is between
            await caller.press("5")
            async with asyncio.timeout(20):
                async for event in caller.events():
                    if isinstance(event, SoundCleared):
                        break
                while not marks:
                    await asyncio.sleep(0.01)
    assert marks == ["cleared"]
