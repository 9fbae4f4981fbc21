"""Scripted SIP: sipp plays a scenario of ours (``scenarios/``), and its statistics file says what came of it."""

from __future__ import annotations

import asyncio
import csv
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.clients import require
from tests.integration.sip.programs import HOST, Program, program
from tests.ports import free_port

SCENARIOS = Path(__file__).parent / "scenarios"
LIFE = 120.0

# A message that came, in the log of messages: when, and its text.
_RECEIVED = re.compile(
    r"^-+ (\S+ \S+)\n(?:UDP|TCP) message received.*?:\n\n(.*?)(?=^-{20}|\Z)", re.MULTILINE | re.DOTALL
)

# A part of a scenario: its name, its CSeq, its word.
_PART = re.compile(r"\{\{(\w+)(?: (\d+))?(?: ([a-z]+))?\}\}")


def written_out(scenario: str, word: str | None = None) -> str:
    """A scenario with its parts (``{{bye 2}}``: ``parts/bye.txt`` with CSeq 2) in their places.

    A word behind them is the direction of the sound.
    """

    def part(found: re.Match[str]) -> str:
        name, number, own = found.groups()
        text = (SCENARIOS / "parts" / f"{name}.txt").read_text().removesuffix("\n").replace("CSEQ", number or "1")
        return written_out(text.replace("a=sendrecv", f"a={own or word or 'sendrecv'}"), own or word)

    return _PART.sub(part, scenario)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the calls of a scenario ended; ``errors`` is what was not as the scenario wants it."""

    successful: int
    failed: int
    errors: str


@dataclass(frozen=True, slots=True)
class SippScenario:
    """A scenario that is being played. Made by ``sipp_scenario``."""

    running: Program
    folder: Path
    address: str

    async def end(self, within: float = 60.0) -> Outcome:
        """Wait until all its calls are over."""
        await self.running.end(within)
        assert (self.folder / "statistics.csv").exists(), f"sipp did not begin: {self.running.said[-2000:]}"
        with (self.folder / "statistics.csv").open(newline="") as file:
            *_, last = csv.DictReader(file, delimiter=";")
        errors = self.folder / "errors.log"
        return Outcome(
            int(last["SuccessfulCall(C)"]),
            int(last["FailedCall(C)"]),
            errors.read_text(errors="replace") if errors.exists() else "",
        )

    async def succeed(self, calls: int = 1, within: float = 60.0) -> None:
        """Wait until all its calls are over, each as the scenario wants it."""
        outcome = await self.end(within)
        assert (outcome.successful, outcome.failed) == (calls, 0), f"{outcome}\n{self.messages[-3000:]}"

    def go_on(self, call_id: str) -> None:
        """Let a scenario that waits for an OPTIONS in its call go on."""
        host, port = self.address.split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as told:
            lines = [
                f"OPTIONS sip:sipp@{self.address} SIP/2.0",
                f"Via: SIP/2.0/UDP {HOST};branch=z9hG4bK{time.monotonic_ns()}",
                f"From: <sip:test@{HOST}>;tag=test",
                f"To: <sip:sipp@{self.address}>;tag=sipp",
                f"Call-ID: {call_id}",
                "CSeq: 1 OPTIONS",
                "Content-Length: 0",
            ]
            request = "\r\n".join([*lines, "", ""])
            told.sendto(request.encode(), (host, int(port)))

    async def is_answered(self, request: str, within: float = 20.0) -> None:
        """Wait for the 200 to its request of this CSeq."""
        async with asyncio.timeout(within):
            while not any(f"CSeq: {request}" in answer for _, answer in self.received("SIP/2.0 200")):
                await asyncio.sleep(0.05)

    @property
    def messages(self) -> str:
        """All that was sent and received so far."""
        path = self.folder / "messages.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def received(self, beginning: str) -> list[tuple[float, str]]:
        """The messages so far that came and begin so, each with its time in seconds: the first, if it came again."""
        came: dict[str, float] = {}
        for at, text in _RECEIVED.findall(self.messages):
            if text.startswith(beginning):
                came.setdefault(text.strip(), datetime.fromisoformat(at).timestamp())
        return [(at, text) for text, at in came.items()]


@asynccontextmanager
async def sipp_scenario(
    name: str,
    folder: Path,
    *,
    to: str = "",
    service: str = "aicc",
    calls: int = 1,
    rate: float = 10.0,
    pause: float = 0.5,
    **words: str | int,
) -> AsyncIterator[SippScenario]:
    """Play ``scenarios/NAME.xml``: call ``service`` at the address ``to``, or wait for calls where there is none.

    ``pause`` is the seconds of a pause without a length of its own, ``words`` are what the scenario's own ones mean
    (``caller``, and ``rtp_port`` for where its sound is).
    """
    sipp = require("sipp", "sip-tester")
    folder.mkdir()
    port = free_port(beside=1)
    scenario = written_out((SCENARIOS / f"{name}.xml").read_text())
    for word, value in {"caller": "+15550100", "rtp_port": free_port(), **words}.items():
        scenario = scenario.replace(f"[{word}]", str(value))
    played = folder / f"{name}.xml"
    played.write_text(scenario)
    async with program(
        *(sipp, *([to] if to else []), "-sf", str(played), "-s", service),
        *("-i", HOST, "-p", str(port), "-mi", HOST, "-mp", str(free_port(beside=3))),  # for sound, and for pictures
        *("-m", str(calls), "-l", str(calls), "-r", str(rate)),
        *("-d", str(round(pause * 1000)), "-nostdin", "-skip_rlimit"),
        *("-trace_stat", "-stf", str(folder / "statistics.csv"), "-fd", "1"),
        *("-trace_err", "-error_file", str(folder / "errors.log")),
        *("-trace_msg", "-message_file", str(folder / "messages.log")),
        folder=folder,
        life=LIFE + pause + calls / rate,
    ) as running:
        yield SippScenario(running, folder, f"{HOST}:{port}")
