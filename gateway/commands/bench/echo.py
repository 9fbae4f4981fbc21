"""Two echoes: the gateway's media transport giving each frame back, and under it the floor, a bare echo over picows.

    python -m gateway.commands.bench.echo door|floor      # says its port

The first has all that a call's wire has (handshake, codec, leg, send queue) and no session; the second parses each
message, decodes the sound and sends it back, and keeps no call, pace or record. What a gateway costs is told against
it.

Refuses: being useful.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from base64 import b64decode, b64encode

import orjson
import uvicorn
from fastapi import FastAPI
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from gateway.telephony.leg import CallOffer, HungUp, LegEvent, MediaLeg, MediaReceived, Refusal
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.streams.carriers import twilio
from gateway.telephony.streams.door import MediaDoor
from gateway.telephony.upgrade import upgrades

HOST = "127.0.0.1"


class _Bare(WSListener):
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type is WSMsgType.TEXT:
            message = orjson.loads(frame.get_payload_as_memoryview())
            if message["event"] == "media":
                sound = b64encode(b64decode(message["media"]["payload"])).decode()
                answer = {"event": "media", "streamSid": message["streamSid"], "media": {"payload": sound}}
                transport.send(WSMsgType.TEXT, orjson.dumps(answer))


async def serve_floor() -> None:
    """Be the floor on any free port of this machine, until the process is ended."""
    server = await ws_create_server(_bare, HOST, 0, use_aiofastnet=False)
    _say(server.sockets[0].getsockname()[1], "/")
    await server.serve_forever()


def _bare(request: WSUpgradeRequest) -> WSListener:
    return _Bare()


class _Everybody:
    """Takes every call."""

    def room(self) -> Refusal | None:
        return None

    def admit(self, offer: CallOffer, /) -> Refusal | None:
        return None


async def serve_door() -> None:
    """Be the gateway's media transport on any free port of this machine, until the process is ended."""
    listening = socket.create_server((HOST, 0))
    settings = TelephonySettings()
    door = MediaDoor(twilio(settings), settings, _Everybody(), give_back)
    config = uvicorn.Config(FastAPI(), ws=upgrades(door), log_config=None, access_log=False, lifespan="off")
    _say(listening.getsockname()[1], door.path.decode())
    await uvicorn.Server(config).serve(sockets=[listening])


async def give_back(leg: MediaLeg) -> None:
    """Serve a leg: each frame goes back as it came, until the far end hangs up."""
    over = asyncio.Event()

    def hear(event: LegEvent) -> None:
        match event:
            case MediaReceived(frame):
                leg.send(frame)
            case HungUp():
                over.set()
            case _:
                pass

    leg.listen(hear)
    await over.wait()


def _say(port: int, path: str) -> None:
    sys.stdout.write(f"ws://{HOST}:{port}{path}\n")
    sys.stdout.flush()


def main(which: str) -> None:
    """Run until killed."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve_door() if which == "door" else serve_floor())


if __name__ == "__main__":
    main(sys.argv[1])
