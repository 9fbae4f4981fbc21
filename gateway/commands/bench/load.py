"""The load generator, a process of its own: N callers on real WebSockets at the pace of sound.

    python -m gateway.commands.bench.load < plan.json > outcome.json

It has to outrun every server under test, so one pacer serves all calls (a slot of a millisecond each, the calls spread
over the 20 ms of a frame), the frames are made beforehand, and the client is picows. It measures its own lateness too:
where that is high, the run says nothing about the server.

Refuses: measuring the server's process, and retries: a call that fails has failed.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from base64 import b64decode
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import orjson
from picows import WSCloseCode, WSFrame, WSHandshakeError, WSListener, WSMsgType, WSTransport, ws_connect

from gateway.commands.bench.caller_script import HEARD_OUT, CallerScript, Monologue
from gateway.commands.bench.callers_sound import audible, noise_bed, utterance
from gateway.commands.bench.meter import Distribution

Mode = Literal["turn", "echo", "feed"]

SLOTS = 20
"""Calls are spread over the 20 ms of a frame in slots of 1 ms."""

SLOT_SECONDS = 0.001
CONNECT_WITHIN = 15.0
LINGER = 1.0
"""Seconds that the calls stay after the measured window, so that what is read then is read under load."""

_FAILURES_TOLD = 5


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What the generator is to do. Times are in seconds; ``begin`` on the machine's monotonic clock.

    The calls ``first``, ``first + 1`` … of ``of`` come in over ``ramp`` from ``begin`` on; after ``settle`` more it is
    measured for ``seconds``.
    """

    url: str
    calls: int
    mode: Mode
    seconds: float
    begin: float
    ramp: float = 5.0
    settle: float = 2.0
    first: int = 0
    of: int = 0
    parameters: dict[str, str] = field(default_factory=dict)
    recordings: tuple[str, ...] = ()

    @property
    def opens(self) -> float:
        """When the measured window opens."""
        return self.begin + self.ramp + self.settle

    @property
    def closes(self) -> float:
        """When it closes."""
        return self.opens + self.seconds


@dataclass(slots=True)
class LoadOutcome:
    """What the callers met with. Distributions are in milliseconds, within the measured window."""

    connected: int = 0
    refused: int = 0
    failed: int = 0
    """Calls that did not come about, or that ended before their caller hung up."""
    sent: int = 0
    received: int = 0
    turns: int = 0
    unanswered: int = 0
    gaps: Distribution = field(default_factory=Distribution)
    first_audio: Distribution = field(default_factory=Distribution)
    lag: Distribution = field(default_factory=Distribution)
    """How late the generator itself was."""
    busy: float = 0.0
    """The busiest generator's share of its core."""
    failures: Counter[str] = field(default_factory=Counter)

    def merge(self, other: LoadOutcome) -> None:
        """Add what another generator's callers met with."""
        for name in ("connected", "refused", "failed", "sent", "received", "turns", "unanswered"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.gaps, other.gaps), (self.first_audio, other.first_audio), (self.lag, other.lag)):
            mine.merge(theirs)
        self.busy = max(self.busy, other.busy)
        self.failures.update(other.failures)

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {name: value.as_json() if isinstance(value, Distribution) else value for name, value in plain.items()}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> LoadOutcome:
        """What ``as_json`` wrote."""
        made = cls(**plain)
        made.gaps, made.first_audio, made.lag = (
            Distribution.from_json(plain[name]) for name in ("gaps", "first_audio", "lag")
        )
        made.failures = Counter(plain["failures"])
        return made


class _Line(WSListener):
    """One call: the carrier's side of the media stream."""

    def __init__(self, load: _Load, index: int, script: CallerScript | Monologue) -> None:
        self._load = load
        self._sid = f"MZ{index:032x}"
        self._index = index
        self._script = script
        self._transport: WSTransport | None = None
        self._sequence = 1
        self._chunk = 0
        self._media = b""
        self._last: float | None = None
        """When the last frame of the bot came, none before the first of a reply."""
        self._plays_until = 0.0
        self._marks: deque[tuple[float, str]] = deque()
        self.live = False

    # --- the wire ---
    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self._send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {
            "accountSid": "AC" + "0" * 32,
            "streamSid": self._sid,
            "callSid": f"CA{self._index:032x}",
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": self._load.plan.parameters,
        }
        self._send({"event": "start", "sequenceNumber": "1", "streamSid": self._sid, "start": start})
        self._media = (
            b'{"event":"media","sequenceNumber":"%d","streamSid":"'
            + self._sid.encode()
            + b'","media":{"track":"inbound",'
            b'"chunk":"%d","timestamp":"%d","payload":"%b"}}'
        )
        self.live = True

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self.live:
            self.live = False
            closed = transport.close_handshake.recv
            code = closed.code if closed is not None else WSCloseCode.ABNORMAL_CLOSURE
            why = f"closed with {code} {closed.reason if closed is not None else ''}".strip()
            self._load.lost(why, busy=code == WSCloseCode.TRY_AGAIN_LATER)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        if frame.msg_type is not WSMsgType.TEXT:
            return
        now = time.monotonic()
        message = orjson.loads(frame.get_payload_as_memoryview())
        match message["event"]:
            case "media":
                self._hear(now, message["media"]["payload"])
            case "mark":
                self._marks.append((max(now, self._plays_until), message["mark"]["name"]))
            case "clear":
                self._plays_until = now
                self._marks = deque((now, name) for _, name in self._marks)

    def _hear(self, now: float, payload: str) -> None:
        outcome = self._load.outcome
        if self._last is not None and self._load.measuring:
            outcome.gaps.add((now - self._last) * 1000)
        self._last = now
        size = len(payload) * 3 // 4 - payload.count("=", -2)
        self._plays_until = max(now, self._plays_until) + size / 8000
        script = self._script
        waited = script.heard(now, self._plays_until, audible=script.waiting and audible(b64decode(payload)))
        if self._load.measuring:
            outcome.received += 1
            if waited is not None:
                outcome.first_audio.add(waited * 1000)

    # --- the pacer's side ---
    def tick(self, now: float) -> None:
        """Send what is due: the next 20 ms, and marks whose sound has been played."""
        if not self.live:
            return
        assert self._transport is not None
        frame = self._script.frame(now)
        self._sequence += 1
        self._chunk += 1
        self._transport.send(WSMsgType.TEXT, self._media % (self._sequence, self._chunk, (self._chunk - 1) * 20, frame))
        while self._marks and self._marks[0][0] <= now:
            self._return_mark(self._marks.popleft()[1])
        if self._last is not None and not self._marks and now - max(self._last, self._plays_until) >= HEARD_OUT:
            self._last = None  # the reply has been played out, its last mark included
        if self._load.measuring:
            self._load.outcome.sent += 1

    def _return_mark(self, name: str) -> None:
        self._sequence += 1
        self._send(
            {"event": "mark", "sequenceNumber": str(self._sequence), "streamSid": self._sid, "mark": {"name": name}}
        )

    def hang_up(self) -> None:
        """The caller has had enough."""
        if self.live and self._transport is not None:
            self.live = False
            self._sequence += 1
            stop = {"accountSid": "AC" + "0" * 32, "callSid": f"CA{self._index:032x}"}
            self._send({"event": "stop", "sequenceNumber": str(self._sequence), "streamSid": self._sid, "stop": stop})
            self._transport.send_close(WSCloseCode.OK)

    def count(self, outcome: LoadOutcome) -> None:
        """Add what the caller did."""
        outcome.turns += self._script.turns
        outcome.unanswered += self._script.unanswered

    def _send(self, message: dict[str, Any]) -> None:
        assert self._transport is not None
        self._transport.send(WSMsgType.TEXT, orjson.dumps(message))


class _Load:
    """All calls of one generator."""

    def __init__(self, plan: LoadPlan) -> None:
        self.plan = plan
        self.outcome = LoadOutcome()
        self.measuring = False
        self._loop = asyncio.get_running_loop()
        self._slots: list[list[_Line]] = [[] for _ in range(SLOTS)]
        self._bed = noise_bed()
        self._utterances = [utterance(Path(path)) for path in plan.recordings]
        self._due = 0.0
        self._slot = 0
        self._over = False

    async def run(self) -> LoadOutcome:
        """Make the calls, measure, hang up."""
        plan = self.plan
        self._due = time.monotonic()
        self._loop.call_soon(self._pace)
        async with asyncio.TaskGroup() as calling:
            for index in range(plan.calls):
                calling.create_task(self._call(plan.first + index))
            await self._until(plan.opens)
            self.measuring, busy = True, time.process_time()
            await self._until(plan.closes)
            self.measuring, busy = False, time.process_time() - busy
        self.outcome.busy = round(busy / plan.seconds, 3)
        await self._until(plan.closes + LINGER)
        lines = [line for slot in self._slots for line in slot]
        self.outcome.connected = sum(line.live for line in lines)
        for line in lines:
            line.count(self.outcome)
            line.hang_up()
        await asyncio.sleep(LINGER)
        self._over = True
        return self.outcome

    async def _call(self, index: int) -> None:
        plan = self.plan
        of = plan.of or plan.calls
        await self._until(plan.begin + plan.ramp * index / of)
        line = _Line(self, index, self._script(index))
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await ws_connect(lambda: line, plan.url, use_aiofastnet=False)
        except WSHandshakeError as error:
            busy = error.response is not None and error.response.status == HTTPStatus.SERVICE_UNAVAILABLE
            self.lost(f"no WebSocket: {error}", busy=busy)
            return
        except (OSError, TimeoutError) as error:
            self.lost(f"{type(error).__name__}: {error}", busy=False)
            return
        self._slots[index * SLOTS // of % SLOTS].append(line)

    def _script(self, index: int) -> CallerScript | Monologue:
        if self.plan.mode != "turn":
            said = self._utterances[0] + self._bed if self.plan.mode == "echo" and self._utterances else self._bed
            return Monologue(said, index * 7)
        pauses = [0.3 + 0.1 * ((index + turn) % 8) for turn in range(8)]  # 0.3 to 1.0 s, and callers differ
        return CallerScript(self._utterances, self._bed, pauses)

    def lost(self, why: str, *, busy: bool) -> None:
        """A call was refused (``busy``), did not come about, or was ended by the other side."""
        if busy:
            self.outcome.refused += 1
        else:
            self.outcome.failed += 1
            if len(self.outcome.failures) < _FAILURES_TOLD or why in self.outcome.failures:
                self.outcome.failures[why] += 1

    async def _until(self, moment: float) -> None:
        await asyncio.sleep(max(moment - time.monotonic(), 0.0))

    def _pace(self) -> None:
        """Serve all slots that are due. Never drifts: what is late is made up, one slot after the other."""
        now = time.monotonic()
        while self._due <= now and not self._over:
            slot = self._slots[self._slot]
            for line in slot:
                line.tick(now)
            if slot and self.measuring:
                self.outcome.lag.add((time.monotonic() - self._due) * 1000)
            self._slot = (self._slot + 1) % SLOTS
            self._due += SLOT_SECONDS
        if not self._over:
            self._loop.call_later(max(self._due - time.monotonic(), 0.0), self._pace)


async def offer_load(plan: LoadPlan) -> LoadOutcome:
    """Make the calls of ``plan`` in this process."""
    return await _Load(plan).run()


def plan_as_json(plan: LoadPlan) -> str:
    """The plan, as the generator's process reads it."""
    return json.dumps(asdict(plan))


def main(source: str) -> str:
    """Read the plan, make the load; the outcome as JSON."""
    import uvloop

    plan = LoadPlan(**json.loads(source))
    gc.disable()  # a collection in mid-call would be measured as the server's delay
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return json.dumps(runner.run(offer_load(plan)).as_json())


if __name__ == "__main__":
    sys.stdout.write(main(sys.stdin.read()) + "\n")
