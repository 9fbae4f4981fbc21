"""A second implementation speaks every dialect: pipecat's serializers, in a Python of their own (``peer.py``).

pipecat-ai brings numba, onnxruntime, openai and more, half a gigabyte: too much for who only wants to run the tests. So
it is never among our own dependencies: set ``AICC_TEST_PIPECAT`` to a Python that has it, or to ``install`` to have one
made for the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gateway.telephony.caller import Caller, SoundCleared
from gateway.telephony.leg import DtmfReceived, HungUp, LegEvent, MediaLeg, MediaReceived
from gateway.telephony.streams.dialects import DIALECTS
from gateway.telephony.streams.signatures import basic
from tests.gateway.telephony import wire
from tests.gateway.telephony.doors import doors
from tests.gateway.telephony.streams.carrier_words import SAMPLES
from tests.gateway.telephony.streams.carriers_open import TOKEN, carriers

PEER = Path(__file__).with_name("peer.py")
RELEASE = "pipecat-ai==1.14.0"
CHOSEN = os.environ.get("AICC_TEST_PIPECAT", "")

pytestmark = pytest.mark.skipif(
    not CHOSEN, reason=f"set AICC_TEST_PIPECAT to a Python that has {RELEASE}, or to 'install'"
)
EVERY = pytest.mark.parametrize("name", DIALECTS)


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python that has pipecat."""
    if CHOSEN != "install":
        return CHOSEN
    home = tmp_path_factory.mktemp("pipecat")
    subprocess.run([sys.executable, "-m", "venv", home], check=True, timeout=120)
    made = str(home / "bin" / "python")
    subprocess.run([made, "-m", "pip", "install", "--quiet", RELEASE], check=True, timeout=900)
    return made


@contextlib.asynccontextmanager
async def peer(python: str, *what: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        python, str(PEER), *what, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(60):
        said = await process.stdout.readline()
    assert said, (await process.stderr.read()).decode()[-2000:]
    return said.decode()


@EVERY
async def test_our_far_end_talks_with_a_bot_that_pipecat_makes(name: str, python: str) -> None:
    async with peer(python, "serve", name) as bot:
        port = int(await line(bot))
        dialect = DIALECTS[name]
        async with Caller(f"ws://127.0.0.1:{port}/", dnis="1588", noise_dbfs=None, dialect=dialect) as caller:
            tone = (np.sin(np.arange(4000) * 0.3) * 8000).astype("<i2").tobytes()
            await caller.say(tone, 8000)
            await caller.listen_until_quiet(quiet=0.2, timeout=10)
            heard, said = (np.frombuffer(sound, "<i2") for sound in (caller.heard, caller.said))
            assert len(said[said != 0]) > 3900
            assert np.array_equal(heard[heard != 0], said[said != 0])
            if name != "exotel":  # whose clear pipecat writes with another field than Exotel documents
                await caller.press("5")
                async with asyncio.timeout(10):
                    async for event in caller.events():
                        if isinstance(event, SoundCleared):
                            break
        seen = json.loads(await line(bot))
        assert seen["sound"] >= len(said) - 3200


@EVERY
async def test_our_gateway_talks_with_a_telephone_that_pipecat_makes(name: str, python: str, tmp_path: Path) -> None:
    async def serve(leg: MediaLeg) -> None:
        over = asyncio.Event()

        def hear(event: LegEvent) -> None:
            match event:
                case MediaReceived(frame):
                    leg.send(frame)
                case DtmfReceived():
                    leg.clear()
                case HungUp():
                    over.set()

        leg.listen(hear)
        await over.wait()

    carrier, sample = carriers()[name], SAMPLES[name]
    if name == "twilio":  # whose signature our own far end makes, in ``test_dialects.py``
        carrier = replace(carrier, signer=None)
    words: dict[str, Any] = {"opening": sample.opening, "media": sample.media[0], "key": sample.key}
    if carrier.passes is not None:
        shown = carrier.passes.give(name, sample.call, time.time())
        *before, start = sample.opening
        if name == "plivo":
            start = start | {"extra_headers": f"from=1;to=1588;pass={shown}"}
        else:
            start = wire.but(start, f"start.{DIALECTS[name].fields.parameters}", {"to": "1588", "pass": shown})
        words["opening"] = [*before, start]
    if name == "exotel":
        words["headers"] = {"Authorization": basic("exotel", TOKEN)}
    said = tmp_path / "words.json"
    said.write_text(json.dumps(words))
    async with doors(serve, carrier=carrier) as opened:
        url = opened.media.replace("twilio", name)
        async with peer(python, "phone", name, url, str(said)) as phone:
            seen = json.loads(await line(phone))
    assert (seen["sent"], seen["equal"], seen["loud"]) == (50 * 320, True, True)
    ours, pipecats = seen["clears"]
    assert ours["event"] == pipecats["event"]
    if name != "exotel":
        assert ours == pipecats
