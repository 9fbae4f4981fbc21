"""The media transport alone: legs whose callers hear themselves. For measuring what a call costs before it is served.

    taskset -c 0 python -m tests.benchmarks.echo_server      # prints: ready PID PORT

Everything is the real thing from the HTTP server's handshake to the codec; only sessions are missing. With
``--profile FILE`` a profile (cProfile, by time of its own) is written when the process is ended with SIGINT or SIGTERM;
the absolute times are about twice too long then, the shares hold.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import cProfile
import os
import pstats
import signal
import socket
import sys

import uvicorn
import uvloop
from fastapi import FastAPI

from gateway.telephony.leg import CallOffer, HungUp, LegEvent, MediaLeg, MediaReceived, Refusal
from gateway.telephony.media_door import MediaDoor
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.upgrade import upgrades


class Anybody:
    """Takes every call."""

    def room(self) -> Refusal | None:
        return None

    def admit(self, offer: CallOffer) -> Refusal | None:
        return None


async def echo(leg: MediaLeg) -> None:
    """Say what is heard until the caller hangs up."""
    over = asyncio.Event()

    def hear(event: LegEvent) -> None:
        if isinstance(event, MediaReceived):
            leg.send(event.frame)
        elif isinstance(event, HungUp):
            over.set()

    leg.listen(hear)
    await over.wait()


async def serve() -> None:
    """Serve until the process is told to stop."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    door = MediaDoor(TelephonySettings(), Anybody(), echo)
    server = uvicorn.Server(uvicorn.Config(FastAPI(), ws=upgrades(door), log_config=None, lifespan="off"))
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, setattr, server, "should_exit", True)
    sys.stdout.write(f"ready {os.getpid()} {listening.getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve([listening])


def main() -> None:
    parser = argparse.ArgumentParser(description="Legs whose callers hear themselves.")
    parser.add_argument("--profile", metavar="FILE", help="profile, and write what was found when told to stop")
    chosen = parser.parse_args()
    profile = cProfile.Profile() if chosen.profile else contextlib.nullcontext()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, profile:
        runner.run(serve())
    if chosen.profile:
        with open(chosen.profile, "w") as file:  # noqa: PTH123 - a path of the command line
            pstats.Stats(profile, stream=file).sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    main()
