from __future__ import annotations

import asyncio
import sys
from base64 import b64decode

import orjson
import pytest
from websockets.asyncio.client import connect

from gateway.telephony.streams.messages import Connected, Media, Start, Stop, write_carrier_message


@pytest.mark.parametrize("which", ["door", "floor"])
async def test_each_frame_comes_back(which: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.commands.bench.echo", which), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        url = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
        async with connect(url) as socket:
            for message in (
                Connected(),
                Start("MZ1", 1, account_sid="AC1", call_sid="CA1", parameters={}),
                Media("MZ1", 2, chunk=1, timestamp=0, payload=b"\x01\x02\x03" * 50),
            ):
                await socket.send(write_carrier_message(message))
            answer = orjson.loads(await asyncio.wait_for(socket.recv(), 5))
            await socket.send(write_carrier_message(Stop("MZ1", 3, account_sid="AC1", call_sid="CA1")))
        assert b64decode(answer["media"]["payload"]) == b"\x01\x02\x03" * 50
        assert answer["streamSid"] == "MZ1"
    finally:
        process.kill()
        await process.wait()
