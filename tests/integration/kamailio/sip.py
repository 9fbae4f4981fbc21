"""Just enough SIP (RFC 3261) to stand on both sides of the edge: messages, digests, a far end that calls or is called.

It is a stand-in for tests: it sends what a test tells it to, also what no telephone would, and keeps all that came in.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

BRANCH = "z9hG4bK"
RETRANSMIT = 0.5
"""Seconds until a request is sent again that nobody answered (T1)."""

NETWORK = 0.02
"""Seconds until a BYE is answered. Kamailio 5.6 ends a call by two, and forgets the second when the first is answered
before that was sent, which no network is fast enough for."""

SDP = (
    "v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n"
)


def token() -> str:
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True)
class Message:
    """One request or response, its header fields in order."""

    start: str
    fields: tuple[tuple[str, str], ...]
    body: bytes = b""

    @classmethod
    def read(cls, data: bytes) -> Message:
        head, _, body = data.partition(b"\r\n\r\n")
        start, *lines = head.decode("utf-8", "replace").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return cls(start, tuple((name.strip().lower(), value.strip()) for name, _, value in pairs), body)

    def written(self) -> bytes:
        lines = [self.start, *(f"{name}: {value}" for name, value in self.fields), f"Content-Length: {len(self.body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body

    @property
    def is_response(self) -> bool:
        return self.start.startswith("SIP/2.0 ")

    @property
    def code(self) -> int:
        return int(self.start.split()[1])

    @property
    def method(self) -> str:
        return self["cseq"].split()[1] if self.is_response else self.start.split()[0]

    @property
    def uri(self) -> str:
        return self.start.split()[1]

    def all(self, name: str) -> list[str]:
        return [value for field_name, value in self.fields if field_name == name]

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    def __getitem__(self, name: str) -> str:
        return self.all(name)[0]

    @property
    def branch(self) -> str:
        return parameter(self["via"], "branch") or ""

    def answered(self, code: int, tag: str = "", more: Mapping[str, str] | None = None, body: bytes = b"") -> Message:
        """The response to this request."""
        kept = [pair for pair in self.fields if pair[0] in {"via", "from", "to", "call-id", "cseq", "record-route"}]
        if tag:
            kept = [(name, value if name != "to" or "tag=" in value else f"{value};tag={tag}") for name, value in kept]
        return Message(f"SIP/2.0 {code} x", (*kept, *(more or {}).items()), body)


def parameter(value: str, name: str) -> str | None:
    """A parameter of a header field, without its quotes."""
    found = re.search(rf'[;,\s]{name}=("?)([^";,>\s]+)\1', value)
    return found and found.group(2)


def address_of(value: str) -> str:
    """The URI of a name-addr."""
    found = re.search(r"<([^>]+)>", value)
    return found.group(1) if found else value.split(";")[0].strip()


def credentials(challenge: str, user: str, password: str, method: str, uri: str, count: int = 1) -> str:
    """What a caller answers to a challenge (RFC 7616), with the challenge's own algorithm."""
    algorithm = parameter(challenge, "algorithm") or "MD5"
    realm, nonce = parameter(challenge, "realm"), parameter(challenge, "nonce")

    def digest(text: str) -> str:
        return hashlib.new({"MD5": "md5", "SHA-256": "sha256"}[algorithm], text.encode()).hexdigest()

    cnonce = token()
    middle = f"{nonce}:{count:08x}:{cnonce}:auth"
    response = digest(f"{digest(f'{user}:{realm}:{password}')}:{middle}:{digest(f'{method}:{uri}')}")
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", '
        f'algorithm={algorithm}, cnonce="{cnonce}", qop=auth, nc={count:08x}'
    )


@dataclass
class Call:
    """A call that stands, as one of its ends sees it."""

    party: Party
    call_id: str
    local: str
    remote: str
    target: str
    route: list[str]
    invite: Message
    answer: Message
    cseq: int = 1
    took: float = 0.0
    """Seconds from the INVITE to its answer."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def request(self, method: str, more: Mapping[str, str] | None = None, body: bytes = b"", cseq: int = 0) -> Message:
        if not cseq:
            self.cseq += 1
        fields = [
            ("via", self.party.via(BRANCH + token())),
            *(("route", hop) for hop in self.route),
            ("max-forwards", "70"),
            ("from", self.local),
            ("to", self.remote),
            ("call-id", self.call_id),
            ("cseq", f"{cseq or self.cseq} {method}"),
            ("contact", f"<{self.party.contact}>"),
            *(more or {}).items(),
        ]
        return Message(f"{method} {self.target} SIP/2.0", tuple(fields), body)

    @property
    def first_hop(self) -> str:
        return address_of(self.route[0]) if self.route else self.target

    async def bye(self) -> Message:
        self.ended.set()
        return await self.party.ask(self.request("BYE"), self.first_hop)

    async def invite_again(self, more: Mapping[str, str] | None = None) -> Message:
        request = self.request("INVITE", {**(more or {}), "content-type": "application/sdp"}, self.party.sdp())
        answer = await self.party.ask(request, self.first_hop)
        if answer.code < 300:
            self.party.send(self.request("ACK", cseq=self.cseq), self.first_hop)
        return answer


Behaviour = Callable[[Message], "int | None"]


class Party(asyncio.DatagramProtocol):
    """A far end on a UDP port of its own. `behave` says what an INVITE gets: a code, or nothing at all."""

    def __init__(self, behave: Behaviour = lambda _: 200) -> None:
        self.behave = behave
        self.options_code = 200
        self.answer_fields: dict[str, str] = {}
        self.rtp_port = 40000
        self.received: list[Message] = []
        self.calls: dict[str, Call] = {}
        self._waiting: dict[tuple[str, str], asyncio.Queue[Message]] = {}
        self._answers: dict[tuple[str, str], Message] = {}
        self._acked: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self.host, self.port = "", 0

    @classmethod
    async def at(cls, host: str, port: int = 0, behave: Behaviour = lambda _: 200) -> Party:
        loop = asyncio.get_running_loop()
        transport, party = await loop.create_datagram_endpoint(lambda: cls(behave), (host, port))
        party._transport = transport
        party.host, party.port = transport.get_extra_info("sockname")
        return party

    def close(self) -> None:
        """Away at once, as if the process had been killed."""
        if self._transport is not None:
            self._transport.close()
        for task in self._tasks:
            task.cancel()

    @property
    def contact(self) -> str:
        return f"sip:party@{self.host}:{self.port}"

    def via(self, branch: str) -> str:
        return f"SIP/2.0/UDP {self.host}:{self.port};branch={branch};rport"

    def sdp(self) -> bytes:
        return SDP.format(address=self.host, port=self.rtp_port).encode()

    # Sending

    def send(self, message: Message, to: str) -> None:
        host, _, port = to.removeprefix("sip:").split("@")[-1].split(";")[0].partition(":")
        self.send_bytes(message.written(), (host, int(port or 5060)))

    def send_bytes(self, data: bytes, to: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, to)

    def outside(self, method: str, uri: str, more: Mapping[str, str] | None = None, body: bytes = b"") -> Message:
        """A request that belongs to no call."""
        fields = {
            "via": self.via(BRANCH + token()),
            "max-forwards": "70",
            "from": f"<sip:01012345678@{self.host}>;tag={token()}",
            "to": f"<{uri}>",
            "call-id": token(),
            "cseq": f"1 {method}",
            "contact": f"<{self.contact}>",
        }
        return Message(f"{method} {uri} SIP/2.0", tuple({**fields, **(more or {})}.items()), body)

    async def ask(self, request: Message, to: str, patience: float = 20.0) -> Message:
        """The final response to a request, which is sent again until somebody says something."""
        queue: asyncio.Queue[Message] = asyncio.Queue()
        self._waiting[request.branch, request.method] = queue
        try:
            async with asyncio.timeout(patience):
                provisional = False
                while True:
                    if not provisional:
                        self.send(request, to)
                    try:
                        answer = await asyncio.wait_for(queue.get(), None if provisional else RETRANSMIT)
                    except TimeoutError:
                        continue
                    if answer.code >= 200:
                        break
                    provisional = True
        finally:
            del self._waiting[request.branch, request.method]
        if request.method == "INVITE" and answer.code >= 300:
            kept = tuple(
                pair for pair in request.fields if pair[0] in {"via", "from", "call-id", "max-forwards", "route"}
            )
            ack = (*kept, ("to", answer["to"]), ("cseq", f"{request['cseq'].split()[0]} ACK"))
            self.send(Message(f"ACK {request.uri} SIP/2.0", ack), to)
        return answer

    async def call(
        self, uri: str, edge: str, more: Mapping[str, str] | None = None, patience: float = 20.0
    ) -> Call | Message:
        """The call, when it is answered, or what was said instead."""
        request = self.outside("INVITE", uri, {**(more or {}), "content-type": "application/sdp"}, self.sdp())
        begun = time.perf_counter()
        answer = await self.ask(request, edge, patience)
        if answer.code >= 300:
            return answer
        call = Call(
            self,
            request["call-id"],
            request["from"],
            answer["to"],
            address_of(answer["contact"]),
            list(reversed(list(_hops(answer)))),
            request,
            answer,
            took=time.perf_counter() - begun,
        )
        self.calls[call.call_id] = call
        self.send(call.request("ACK", cseq=1), call.first_hop)
        return call

    # Receiving

    def datagram_received(self, data: bytes, addr: Any) -> None:
        message = Message.read(data)
        self.received.append(message)
        if message.is_response:
            queue = self._waiting.get((message.branch, message.method))
            if queue is not None:
                queue.put_nowait(message)
            return
        again = self._answers.get((message.branch, message.method))
        if again is not None:
            self.send_bytes(again.written(), addr)
            return
        match message.method:
            case "INVITE":
                self._invited(message, addr)
            case "ACK":
                if (acked := self._acked.pop(message["call-id"], None)) is not None:
                    acked.set()
            case "OPTIONS":
                known = message["call-id"] in self.calls or "tag=" not in message["to"]
                self._reply(message, self.options_code if known else 481, addr)
            case "BYE":
                call = self.calls.pop(message["call-id"], None)
                if call is not None:
                    call.ended.set()
                code = 200 if call is not None else 481
                asyncio.get_running_loop().call_later(NETWORK, self._reply, message, code, addr)
            case _:
                self._reply(message, 200, addr)

    def _invited(self, invite: Message, addr: Any) -> None:
        code = self.behave(invite)
        if code is None:
            return
        if code >= 300:
            self._reply(invite, code, addr, token())
            return
        tag = token()
        more = {"contact": f"<{self.contact}>", "content-type": "application/sdp", **self.answer_fields}
        answer = self._reply(invite, code, addr, tag, more, self.sdp())
        if invite["call-id"] not in self.calls:
            remote, target = invite["from"], address_of(invite["contact"])
            self.calls[invite["call-id"]] = Call(
                self, invite["call-id"], answer["to"], remote, target, list(_hops(invite)), invite, answer
            )
        acked = self._acked[invite["call-id"]] = asyncio.Event()
        self._start(self._until_acked(answer, addr, acked))

    async def _until_acked(self, answer: Message, addr: Any, acked: asyncio.Event) -> None:
        for _ in range(8):
            try:
                await asyncio.wait_for(acked.wait(), RETRANSMIT)
                return
            except TimeoutError:
                self.send_bytes(answer.written(), addr)

    def _reply(
        self,
        request: Message,
        code: int,
        addr: Any,
        tag: str = "",
        more: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Message:
        answer = request.answered(code, tag, more, body)
        self._answers[request.branch, request.method] = answer
        self.send_bytes(answer.written(), addr)
        return answer

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def of(self, method: str) -> list[Message]:
        """The requests of a method that came in."""
        return [message for message in self.received if not message.is_response and message.method == method]


def _hops(message: Message) -> Iterator[str]:
    for value in message.all("record-route"):
        yield from (hop.strip() for hop in value.split(","))


async def until(reached: Callable[[], bool], within: float, what: str) -> float:
    """Seconds until something is so, or a failure that says what never was."""
    begun = time.perf_counter()
    while not reached():
        assert time.perf_counter() - begun < within, f"after {within} s: {what}"
        await asyncio.sleep(0.02)
    return time.perf_counter() - begun
