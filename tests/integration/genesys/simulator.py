"""Genesys Cloud's side of an Audio Connector, for tests: it signs in, streams a caller, and plays what it gets.

Written from the protocol's description and not from our own code. It holds us to every rule, and fails loudly: numbers
of messages, ids, pongs, the one medium chosen, no word before ``opened``, sound of at most 64,000 bytes and no more of
it than 25 messages at once and five a second, nothing after ``disconnect`` but ``closed``, and that only the client
closes.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

NOBODY: Final = "00000000-0000-0000-0000-000000000000"
CHUNK: Final = 1600
"""Bytes of a message of the caller's sound: 200 ms."""
LARGEST_SOUND: Final = 64_000
BURST, A_SECOND = 25, 5.0
PLAY_DELAY: Final = 0.08
"""Seconds that Genesys takes to begin to play."""
PING_EVERY: Final = 5.0
SILENCE: Final = b"\xff"
SIGNED: Final = (
    "@request-target",
    "@authority",
    "audiohook-organization-id",
    "audiohook-session-id",
    "audiohook-correlation-id",
    "x-api-key",
)


class Violated(AssertionError):
    """We broke a rule of theirs."""


@dataclass
class Account:
    """An integration's credentials."""

    key: str
    secret: bytes
    organization: str = field(default_factory=lambda: str(uuid.uuid4()))

    def headers(self, url: str, session: str, *, nonce: str = "", created: int | None = None) -> dict[str, str]:
        """What signs a request to open ``url``."""
        parts = urlsplit(url)
        values = {
            "@request-target": parts.path + (f"?{parts.query}" if parts.query else ""),
            "@authority": parts.netloc,
            "audiohook-organization-id": self.organization,
            "audiohook-session-id": session,
            "audiohook-correlation-id": str(uuid.uuid4()),
            "x-api-key": self.key,
        }
        made = int(time.time()) if created is None else created
        names = " ".join(f'"{name}"' for name in SIGNED)
        nonce = nonce or base64.b64encode(secrets.token_bytes(18)).decode()
        how = f'({names});keyid="{self.key}";nonce="{nonce}";alg="hmac-sha256";created={made};expires={made + 30}'
        base = "\n".join([*(f'"{name}": {values[name]}' for name in SIGNED), f'"@signature-params": {how}'])
        code = base64.b64encode(hmac.digest(self.secret, base.encode(), hashlib.sha256)).decode()
        shown = {name: value for name, value in values.items() if not name.startswith("@")}
        return {**shown, "signature-input": f"sig1={how}", "signature": f"sig1=:{code}:"}


class Player:
    """What the caller hears: 20 ms at each ``tick``."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.playing = False
        self.underruns = 0
        self.largest = 0
        self.messages = 0
        self._waiting = bytearray()
        self._starts_at = 0.0
        self._tokens, self._tokens_at = float(BURST), 0.0

    def take(self, sound: bytes, now: float) -> None:
        """A message of sound."""
        self._tokens = min(BURST, self._tokens + (now - self._tokens_at) * A_SECOND) - 1
        self._tokens_at = now
        if self._tokens < 0:
            raise Violated(f"429: message {self.messages} of sound is over {BURST} at once and {A_SECOND:g} a second")
        if not 0 < len(sound) <= LARGEST_SOUND:
            raise Violated(f"413: a message of sound has {len(sound)} bytes")
        self.messages += 1
        self.largest = max(self.largest, len(sound))
        if not self._waiting and not self.playing:
            self._starts_at = now + PLAY_DELAY
        self._waiting += sound

    def flush(self) -> None:
        """Barge-in: the rest is not played."""
        self._waiting.clear()

    def tick(self, now: float) -> list[str]:
        """Play 20 ms; what has to be told of it."""
        news = []
        if not self.playing and self._waiting and now >= self._starts_at:
            self.playing = True
            news.append("playback_started")
        piece = bytes(self._waiting[:160]) if self.playing else b""
        del self._waiting[: len(piece)]
        self.heard += piece.ljust(160, SILENCE)
        if self.playing and not self._waiting:
            self.playing = False
            news.append("playback_completed")
        return news


@dataclass(frozen=True)
class Disconnected:
    """How we ended it."""

    reason: str
    info: str
    variables: Mapping[str, str]


class Connector:
    """One session on a call; see ``session``."""

    def __init__(self, socket: ClientConnection, session: str) -> None:
        self.player = Player()
        self.events: list[dict[str, Any]] = []
        """Entities of ``event`` messages, and when they came."""
        self.disconnected: Disconnected | None = None
        self.round_trips: list[float] = []
        self._socket = socket
        self._session = session
        self._seq = self._server_seq = self._client_seq_seen = 0
        self._state = "opening"
        self._ping: tuple[int, float] | None = None
        self._mic: deque[bytes] = deque()
        self._held = False
        self._sent = 0
        """Samples of the caller's stream, with those that were discarded."""
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[dict[str, Any]] = self._loop.create_future()
        self._closed = asyncio.Event()
        self._failed: asyncio.Future[None] = self._loop.create_future()

    # --- what a test does ---------------------------------------------------------------------------------------------
    async def say(self, sound: bytes) -> None:
        """Speak (PCMU); returns when it is said."""
        self._mic.extend(sound[at : at + CHUNK].ljust(CHUNK, SILENCE) for at in range(0, len(sound), CHUNK))
        await self.until(lambda: not self._mic, len(sound) / 8000 + 20, "to have spoken")

    async def press(self, digits: str) -> None:
        """Press keys."""
        for digit in digits:
            await self._tell("dtmf", digit=digit)

    async def hold(self, seconds: float) -> None:
        """The agent's platform puts the caller on hold: nothing is streamed, and it is told what is missing."""
        start = self._sent / 8000
        self._held = True
        await self._tell("paused")
        await self._within(asyncio.sleep(seconds))
        self._sent += round(seconds * 8000)
        await self._tell("resumed", start=f"PT{start:.3f}S", discarded=f"PT{seconds:.3f}S")
        self._held = False

    async def hang_up(self) -> None:
        """The caller hangs up."""
        await self._close("end")

    async def until(self, what: Any, timeout: float, name: str) -> None:
        """Wait until ``what()`` holds."""

        async def wait() -> None:
            while not what():
                await asyncio.sleep(0.02)

        try:
            await self._within(asyncio.wait_for(wait(), timeout))
        except TimeoutError as error:
            raise AssertionError(f"waited {timeout:g} s in vain for {name}") from error

    async def listen_until_quiet(self, quiet: float = 1.2, timeout: float = 30.0) -> float:
        """Wait until we have begun to speak and then been silent for ``quiet`` seconds; how long we spoke."""
        began = len(self.player.heard)
        await self.until(lambda: self.loudness(began) > LOUD, timeout, "us to speak")
        last = round(quiet * 8000)
        await self.until(lambda: self.loudness(len(self.player.heard) - last) < LOUD, timeout, "us to be silent")
        return (len(self.player.heard) - began) / 8000 - quiet

    def loudness(self, since: int) -> float:
        """The loudest sample that the caller heard since that sample."""
        code = np.frombuffer(bytes(self.player.heard[max(since, 0) :]), np.uint8)
        return float(np.abs(DECODED[code]).max(initial=0))

    async def ended(self, timeout: float = 30.0) -> Disconnected:
        """Wait until we have asked for the end, and it has come."""
        await self.until(self._closed.is_set, timeout, "us to disconnect")
        assert self.disconnected is not None, "it ended, but not by us"
        return self.disconnected

    # --- their side ---------------------------------------------------------------------------------------------------
    async def run(self) -> None:
        """Read, stream, play and ping until the session is closed."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(work) for work in (self._clock(), self._pings())]
                await self._read()
                for task in tasks:
                    task.cancel()
        except* Violated as violated:
            if not self._failed.done():
                self._failed.set_exception(violated.exceptions[0])
            await self._socket.close(1002)
        finally:
            self._closed.set()

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if isinstance(message, bytes):
                    self._sound(message)
                else:
                    await self._text(message)
        except ConnectionClosed:
            pass
        if self._state not in ("closed", "left"):
            raise Violated(f"we closed the socket ({self._socket.close_code}), which only the client may")

    def _sound(self, sound: bytes) -> None:
        if self._state == "opening":
            raise Violated("sound before opened")
        if self.disconnected is not None:
            raise Violated("sound after disconnect")
        if self._state == "open":
            self.player.take(sound, self._loop.time())

    async def _text(self, text: str) -> None:
        if len(text.encode()) > 65_535:
            raise Violated("413: the message is too large")
        message = json.loads(text)
        if set(message) != {"version", "id", "type", "seq", "clientseq", "parameters"}:
            raise Violated(f"400: an envelope of {sorted(message)}")
        if message["version"] != "2" or message["id"] != self._session or not isinstance(message["parameters"], dict):
            raise Violated("400: version, id or parameters")
        if message["seq"] != self._server_seq + 1:
            raise Violated(f"seq {message['seq']} after {self._server_seq}")
        if not self._client_seq_seen <= message["clientseq"] <= self._seq:
            raise Violated(f"clientseq {message['clientseq']}, and {self._seq} were sent")
        self._server_seq, self._client_seq_seen = message["seq"], message["clientseq"]
        await self._understand(message["type"], message)

    async def _understand(self, kind: str, message: dict[str, Any]) -> None:
        parameters = message["parameters"]
        if self._state == "opening" and kind not in ("opened", "disconnect"):
            raise Violated(f"409: {kind} before opened")
        match kind:
            case "opened" if self._state == "opening":
                self._state = "open"
                self._check_opened(parameters)
                self.opened.set_result(parameters)
            case "pong":
                if self._ping is None or message["clientseq"] < self._ping[0]:
                    raise Violated("409: a pong without its ping")
                self.round_trips.append(self._loop.time() - self._ping[1])
                self._ping = None
            case "event":
                self._take_entities(parameters["entities"])
            case "disconnect" if self.disconnected is None:
                self._check_disconnect(parameters)
                if self._state in ("open", "opening"):
                    await self._close("disconnect")
            case "closed" if self._state == "closing":
                self._state = "closed"
                await self._socket.close(1000)
            case _:
                raise Violated(f"409: {kind} in state {self._state}")

    def _check_opened(self, parameters: dict[str, Any]) -> None:
        chosen = parameters["media"]
        if len(chosen) != 1 or chosen[0] not in OFFERED:
            raise Violated(f"400: opened for {chosen}, which was not offered")

    def _check_disconnect(self, parameters: dict[str, Any]) -> None:
        variables = parameters.get("outputVariables", {})
        if parameters["reason"] not in ("completed", "unauthorized", "error"):
            raise Violated(f"400: disconnect because of {parameters['reason']}")
        if not all(isinstance(value, str) for value in variables.values()):
            raise Violated("400: output variables are strings")
        self.disconnected = Disconnected(parameters["reason"], parameters.get("info", ""), variables)

    def _take_entities(self, entities: list[dict[str, Any]]) -> None:
        for entity in entities:
            self.events.append({**entity, "at": self._loop.time()})
            match entity["type"]:
                case "barge_in" if entity["data"] == {}:
                    self.player.flush()
                case "bot_turn_response" if entity["data"]["disposition"] in ("no_input", "no_match", "match"):
                    pass
                case _:
                    raise Violated(f"400: an entity {entity}")

    async def _clock(self) -> None:
        """Every 20 ms play, and every 200 ms stream."""
        await self.opened
        due, ticks = self._loop.time(), 0
        while self._state == "open":
            for news in self.player.tick(self._loop.time()):
                await self._tell(news)
            ticks += 1
            if ticks % 10 == 0 and not self._held and self._state == "open":
                await self._socket.send(self._mic.popleft() if self._mic else SILENCE * CHUNK)
                self._sent += CHUNK
            due += 0.02
            await asyncio.sleep(max(0.0, due - self._loop.time()))

    async def _pings(self) -> None:
        """The first after a second, then one every five; the one before has to be answered by then."""
        await self.opened
        await asyncio.sleep(1.0)
        while self._state == "open":
            if self._ping is not None:
                raise Violated(f"408: a ping was not answered within {PING_EVERY:g} s")
            rtt = {"rtt": f"PT{self.round_trips[-1]:.6f}S"} if self.round_trips else {}
            self._ping = (self._seq + 1, self._loop.time())
            await self._tell("ping", **rtt)
            await asyncio.sleep(PING_EVERY)

    async def _close(self, reason: str) -> None:
        if self._state in ("open", "opening"):
            await self._tell("close", reason=reason)
            self._state = "closing"

    async def _tell(self, kind: str, **parameters: Any) -> None:
        if self._state in ("closing", "closed"):
            return
        self._seq += 1
        message = {
            "version": "2",
            "id": self._session,
            "type": kind,
            "seq": self._seq,
            "serverseq": self._server_seq,
            "position": f"PT{self._sent / 8000:.3f}S",
            "parameters": parameters,
        }
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(json.dumps(message))

    async def open(self, **parameters: Any) -> None:
        """Say what call it is."""
        await self._tell("open", **parameters)

    async def _within(self, work: Any) -> None:
        """Do ``work``, unless we violate something first."""
        doing = asyncio.ensure_future(work)
        await asyncio.wait({doing, self._failed}, return_when=asyncio.FIRST_COMPLETED)
        if self._failed.done():
            doing.cancel()
            self._failed.result()
        await doing


OFFERED: Final = [{"type": "audio", "format": "PCMU", "channels": ["external"], "rate": 8000}]
LOUD: Final = 500


def _decoded() -> np.ndarray[Any, np.dtype[np.int32]]:
    """G.711 mu-law: what each code is worth."""
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = ((((code & 0x0F).astype(np.int32) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude)


DECODED: Final = _decoded()


@contextlib.asynccontextmanager
async def session(
    account: Account,
    url: str,
    *,
    ani: str = "tel:+821012345678",
    dnis: str = "tel:+18005550100",
    conversation: str = "",
    variables: Mapping[str, str] | None = None,
    **more: Any,
) -> AsyncIterator[Connector]:
    """Call the gateway as a flow does. What we violated is raised in the end at the latest."""
    name = str(uuid.uuid4())
    participant = str(uuid.uuid4()) if conversation != NOBODY else NOBODY
    async with connect(url, additional_headers=account.headers(url, name), max_size=1 << 20) as socket:
        connector = Connector(socket, name)
        running = asyncio.create_task(connector.run())
        try:
            await connector.open(
                organizationId=account.organization,
                conversationId=conversation or str(uuid.uuid4()),
                participant={"id": participant, "ani": ani, "aniName": "Hong Gildong", "dnis": dnis},
                media=OFFERED,
                **({"inputVariables": dict(variables)} if variables else {}),
                **more,
            )
            yield connector
            await connector.hang_up()
            await asyncio.wait({running}, timeout=20)
            if connector._failed.done():
                connector._failed.result()
            assert running.done(), "nobody answered our close within 20 s"
        finally:
            running.cancel()
            await asyncio.wait({running})
            if connector._failed.done():
                connector._failed.exception()
