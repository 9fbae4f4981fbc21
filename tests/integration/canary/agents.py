"""Agents at their desks, as their pages work: they sign in, take what rings, talk, read back what they were told, and
write it into the case that they file.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
from rich.console import Console
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from gateway.access.account import Wanted
from gateway.access.identity import Role
from gateway.commands import user
from gateway.desk.floor.agent_state import Routing
from gateway.telephony.softphone import FRAME_BYTES, RATE, SUBPROTOCOL
from infra.audio import FRAME_SECONDS, Resampler
from tests.integration.canary.house import TENANT, House, voice

UTTERANCES = 9
"""What an agent says in a call; the scripted recognizer hears in it what it hears of callers."""
PAUSE = 1.1
"""Seconds between two utterances: long enough for each to be a turn."""
BEAT = 5.0
"""Seconds between two signs of life of a page."""
GONE = frozenset({403, 404})
STILL_OPEN = 409


@dataclass(frozen=True)
class Confided:
    """What an agent writes where agents write: all of it holds something that must not be kept."""

    note: str
    summary: str
    search: str
    why: str


class Desk:
    """One agent's."""

    def __init__(self, house: House, http: httpx.AsyncClient, confided: Confided, *, declines: bool) -> None:
        """``declines``: the first that rings is not taken, with a reason."""
        self._house = house
        self._http = http
        self._confided = confided
        self._declines = declines

    async def _ask(self, method: str, path: str, **request: Any) -> Any:
        response = await self._http.request(method, path, **request)
        assert not response.is_error, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    async def work(self, over: asyncio.Event) -> None:
        """Be away for a moment, and take what rings, until it is over."""
        await self._ask("POST", "/v1/desk/presence", json={"presence": "away", "reason": self._confided.why})
        away = True
        while not over.is_set():
            if not (await self._ask("POST", "/v1/desk/heartbeat", json={"active": True}))["signed_on"] or away:
                await self._ask("POST", "/v1/desk/presence", json={"presence": "available"})
            seen = await self._ask("GET", "/v1/desk/snapshot")
            offer, away = seen["offer"], seen["me"]["routing"] == Routing.NOT_RESPONDING
            if offer is not None and self._declines:
                self._declines = False
                await self._http.post(f"/v1/desk/offers/{offer['offer']}/reject", json={"why": self._confided.why})
                await self._ask("POST", "/v1/desk/presence", json={"presence": "available"})
            elif offer is not None:
                await self._take(offer)
            await asyncio.sleep(0.5)
        await self._http.post("/v1/desk/sign-off")

    async def _take(self, offer: dict[str, Any]) -> None:
        response = await self._http.post(f"/v1/desk/offers/{offer['offer']}/accept")
        if response.is_error:  # it rang until just now
            return
        taken = response.json()
        call, item = taken["call"], taken["item"]
        with suppress(ConnectionClosed):  # the caller may be quicker
            await self._talk(call)
        await self._search()
        await self._file(item)

    async def _search(self) -> None:
        query = {"q": self._confided.search, "language": "en"}
        await self._ask("GET", "/v1/desk/search", params=query)

    async def _talk(self, call: str) -> None:
        bought = await self._ask("POST", "/v1/tickets", json={"purpose": "softphone", "subject": call})
        address = self._house.url.replace("http", "ws", 1) + "/v1/softphone"
        async with connect(address, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as line:
            await line.send(json.dumps({"type": "hello", "ticket": bought["ticket"]}))
            if json.loads(await line.recv())["type"] != "ready":  # the caller has just left
                return
            self._house.answered.add(call)
            hearing = asyncio.create_task(_hear(line))
            beating = asyncio.create_task(self._beat())
            try:
                await self._vouch(call)
                await _say(line, *await voice())
                await self._reword(call)
                await self._http.post(f"/v1/desk/calls/{call}/hang-up", json={})
            finally:
                for task in (hearing, beating):
                    task.cancel()
                await asyncio.gather(hearing, beating, return_exceptions=True)

    async def _vouch(self, call: str) -> None:
        """Say who calls, and how that is known."""
        vouched = {"customer": "C-1001", "why": self._confided.why}
        await self._http.post(f"/v1/desk/calls/{call}/vouch", json=vouched)

    async def _reword(self, call: str) -> None:
        """Say what the card that is shown says in other words."""
        shown = await self._http.get(f"/v1/desk/calls/{call}")
        card = None if shown.is_error else shown.json()["card"]
        if card is not None:
            address = f"/v1/desk/calls/{call}/cards/{card['card']}/edited"
            await self._http.post(address, json={"text": f"{card.get('text', '')} {self._confided.summary}"})

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            await self._ask("POST", "/v1/desk/heartbeat", json={"active": True})

    async def _file(self, item: str) -> None:
        path = f"/v1/desk/items/{item}/wrap-up"
        async with asyncio.timeout(60):
            shown = await self._http.get(path)
            if shown.status_code in GONE:  # the caller left before anybody was there
                return
            case = {
                "summary": f"{shown.json()['summary']} {self._confided.summary}",
                "disposition": "other",
                "note": self._confided.note,
            }
            while (answer := await self._http.post(path, json=case)).is_error:
                if answer.status_code in GONE:  # it went to somebody else
                    return
                assert answer.status_code == STILL_OPEN, answer.text
                await self._ask("POST", "/v1/desk/heartbeat", json={"active": True})
                await asyncio.sleep(0.5)
        self._house.filed += 1


async def _hear(line: ClientConnection) -> None:
    """What a page does with what it is sent: marks are told when they are reached, at once here."""
    async for message in line:
        told = json.loads(message) if isinstance(message, str) else {}
        if told.get("type") == "mark":
            await line.send(json.dumps({"type": "mark", "name": told["name"]}))


async def _say(line: ClientConnection, pcm: bytes, rate: int) -> None:
    """Several utterances in real time, a numbered frame every 20 ms."""
    resampler = Resampler(rate, RATE)
    spoken = resampler.process(pcm) + resampler.flush()
    silence = bytes(2 * round(PAUSE * RATE))
    sound = silence + (spoken + silence) * UTTERANCES
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(len(sound) // FRAME_BYTES):
        await asyncio.sleep(max(0.0, began + number * FRAME_SECONDS - loop.time()))
        frame = sound[number * FRAME_BYTES : (number + 1) * FRAME_BYTES]
        await line.send(number.to_bytes(4, "little") + frame)


async def account(house: House, login: str, *roles: Role) -> str:
    """Somebody who may sign in; their password."""
    console = Console(file=io.StringIO(), width=200)
    name = login.partition("@")[0].title()
    wanted = Wanted(TENANT, login, name, frozenset(roles), skills={"orders": 3, "billing": 3}, languages=("ko", "en"))
    await user.add(house.data, wanted, console, generate=True)
    found = re.search(r"password: (\S+)", console.file.getvalue())  # type: ignore[attr-defined]
    assert found is not None, console.file.getvalue()  # type: ignore[attr-defined]
    return found[1]


@asynccontextmanager
async def signed_in(house: House, login: str, *roles: Role) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser, as far as HTTP goes."""
    password = await account(house, login, *roles)
    async with httpx.AsyncClient(
        base_url=house.url, headers={"origin": house.url}, timeout=30, trust_env=False
    ) as client:
        given = {"tenant": TENANT, "login": login, "password": password}
        response = await client.post("/v1/sign-in", json=given)
        assert response.status_code == 200, response.text
        yield client
