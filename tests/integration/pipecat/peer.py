"""The other side of a media stream as pipecat's serializers read and write it: run by a Python that has pipecat-ai.

    PYTHON peer.py serve DIALECT            # a server that gives sound back and clears at a key; says its port
    PYTHON peer.py phone DIALECT URL FILE   # a telephone; FILE has the carrier's words as JSON: opening, media, key

Both say at their end, as JSON, what they saw. It imports nothing of the project.
"""

from __future__ import annotations

import asyncio
import json
import math
import struct
import sys
from pathlib import Path
from typing import Any

import websockets
from loguru import logger
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    StartFrame,
)
from pipecat.serializers.exotel import ExotelFrameSerializer
from pipecat.serializers.plivo import PlivoFrameSerializer
from pipecat.serializers.telnyx import TelnyxFrameSerializer
from pipecat.serializers.twilio import TwilioFrameSerializer

RATE = 8000
FRAMES = 50


async def serializer(dialect: str, stream: str) -> Any:
    """Pipecat's, for a stream."""
    if dialect == "telnyx":
        params = TelnyxFrameSerializer.InputParams(auto_hang_up=False)
        made: Any = TelnyxFrameSerializer(stream, "PCMU", "PCMU", params=params)
    elif dialect == "plivo":
        made = PlivoFrameSerializer(stream, params=PlivoFrameSerializer.InputParams(auto_hang_up=False))
    elif dialect == "exotel":
        made = ExotelFrameSerializer(stream)
    else:
        made = TwilioFrameSerializer(stream, params=TwilioFrameSerializer.InputParams(auto_hang_up=False))
    await made.setup(StartFrame(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE))
    return made


def stream_of(start: dict[str, Any]) -> str:
    """The stream's id, wherever a carrier puts it."""
    for place in (start, start["start"]):
        for name in ("streamSid", "stream_sid", "stream_id", "streamId"):
            if place.get(name):
                return str(place[name])
    raise ValueError("the start names no stream")


async def serve(dialect: str) -> None:
    """Be a bot that says what it hears."""
    over: asyncio.Future[dict[str, int]] = asyncio.get_running_loop().create_future()

    async def talk(socket: Any) -> None:
        seen, speaks = {"sound": 0, "keys": 0}, None
        try:
            async for text in socket:
                words = json.loads(text)
                if words["event"] == "start":
                    speaks = await serializer(dialect, stream_of(words))
                    continue
                frame = None if speaks is None else await speaks.deserialize(text)
                if isinstance(frame, InputAudioRawFrame):
                    seen["sound"] += len(frame.audio)
                    back = OutputAudioRawFrame(frame.audio, frame.sample_rate, 1)
                    await socket.send(await speaks.serialize(back))
                elif isinstance(frame, InputDTMFFrame):
                    seen["keys"] += 1
                    await socket.send(await speaks.serialize(InterruptionFrame()))
        except websockets.ConnectionClosed:
            pass
        finally:
            over.set_result(seen)

    async with websockets.serve(talk, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        print(json.dumps(await over), flush=True)


def tone(frame: int) -> bytes:
    """20 ms of one."""
    return b"".join(struct.pack("<h", round(8000 * math.sin((frame * 160 + sample) * 0.3))) for sample in range(160))


async def phone(dialect: str, url: str, said: Path) -> None:
    """Be a telephone: speak, listen to the echo, press a key."""
    words = json.loads(said.read_text())
    speaks = await serializer(dialect, stream_of(words["opening"][-1]))
    headers = words.get("headers", {})
    sent, heard = bytearray(), bytearray()
    async with websockets.connect(url, additional_headers=headers, proxy=None) as socket:
        for message in words["opening"]:
            await socket.send(json.dumps(message))
        for number in range(FRAMES):
            written = json.loads(await speaks.serialize(OutputAudioRawFrame(tone(number), RATE, 1)))
            payload = written["media"]["payload"]
            envelope = json.loads(json.dumps(words["media"]))
            name = next(name for name in ("sequenceNumber", "sequence_number") if name in envelope)
            envelope[name] = type(envelope[name])(number + 2)
            chunk = envelope["media"]["chunk"]
            envelope["media"] |= {
                "payload": payload,
                "chunk": type(chunk)(number + 1),
                "timestamp": str(number * 20),
            }
            await socket.send(json.dumps(envelope))
            back = await asyncio.wait_for(socket.recv(), 10)
            for known, word in ((sent, json.dumps(envelope)), (heard, back)):
                frame = await speaks.deserialize(_as_heard(word))
                known += frame.audio
        await socket.send(json.dumps(words["key"]))
        answer = json.loads(await asyncio.wait_for(socket.recv(), 10))
        clears = [answer, json.loads(await speaks.serialize(InterruptionFrame()))]
    print(json.dumps({"sent": len(sent), "equal": sent == heard, "clears": clears, "loud": _loud(heard)}), flush=True)


def _as_heard(text: str | bytes) -> str:
    """What a gateway plays, as what a carrier hears: the serializers only read the latter."""
    words = json.loads(text)
    return json.dumps(words | {"event": "media"})


def _loud(pcm: bytes) -> bool:
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)
    return max(samples) > 7000


def main() -> None:
    """Serve or call."""
    logger.remove()
    match sys.argv[1:]:
        case ["serve", dialect]:
            asyncio.run(serve(dialect))
        case ["phone", dialect, url, said]:
            asyncio.run(phone(dialect, url, Path(said)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
