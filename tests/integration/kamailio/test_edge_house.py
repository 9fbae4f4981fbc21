"""Two real gateways on one database behind the edge: calls with sound, one of them drained, one of them killed."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from gateway.commands.gateway_process import GatewayProcess, gateway_process
from tests.house import small_tenant
from tests.integration.kamailio.edge import TRUNK, Edge
from tests.integration.kamailio.sip import Call, Party
from tests.integration.kamailio.sound import Sound
from tests.integration.kamailio.stage import answered
from tests.ports import free_port
from tests.postgres import Postgres

pytest.importorskip("baresip", reason="the extra 'sip' is not installed: pip install -e '.[sip]'")

pytestmark = [pytest.mark.xdist_group("edge house"), pytest.mark.asyncio(loop_scope="module")]

TENANT, LINE = "hanbit-store", "+18005550100"
DOCUMENTS = ()  # nobody asks anything: nothing has to be learned first
SETTINGS = {
    "AICC_STT_ENGINE": "scripted",
    "AICC_STT_SCRIPT": "hello",
    # A busy machine is no reason to refuse these few calls: where they go is what is looked at.
    "AICC_GATEWAY_MAX_LOOP_LAG": "5",
    "AICC_GATEWAY_MAX_RECOGNITION_WAIT": "20",
}


@dataclass(frozen=True)
class House:
    """A gateway, and what can be known of its calls from outside."""

    process: GatewayProcess
    port: int

    @property
    def uri(self) -> str:
        """As dispatcher.list has it."""
        return f"sip:127.0.0.1:{self.port}"

    async def record_of(self, call: Call) -> str:
        """The id of a call's record."""
        async with asyncio.timeout(20):
            while True:
                for record in await self.process.gateway.ask("GET", f"/v1/tenants/{TENANT}/calls"):
                    for event in await self.events(record["call"]):
                        if event["payload"].get("call_sid") == call.call_id:
                            return str(record["call"])
                await asyncio.sleep(0.2)

    async def events(self, record: str) -> list[dict[str, Any]]:
        """A record so far."""
        path = f"/v1/tenants/{TENANT}/calls/{record}/events"
        found: list[dict[str, Any]] = await self.process.gateway.ask("GET", path, params={"limit": 1000})
        return found

    async def until(self, record: str, kind: str, within: float) -> dict[str, Any]:
        """The event of a kind in a record, once it is there."""
        async with asyncio.timeout(within):
            while not (found := [event for event in await self.events(record) if event["kind"] == kind]):
                await asyncio.sleep(0.2)
        return found[0]


@dataclass
class Scene:
    """The edge, two gateways, and a caller who says silence in all their calls."""

    edge: Edge
    houses: list[House]
    caller: Party
    sound: Sound

    async def call(self, count: int) -> list[Call]:
        calls = []
        for _ in range(count):
            said = {"user-to-user": "00c0ffee;encoding=hex"}
            calls.append(answered(await self.caller.call(self.edge.number(LINE), self.edge.uri, said)))
            self.sound.speak_to([call.answer for call in self.caller.calls.values() if not call.ended.is_set()])
        return calls

    def on(self, house: House, calls: list[Call]) -> list[Call]:
        """Those of the calls that this gateway has."""
        return [call for call in calls if call.target.endswith(f":{house.port}")]

    async def hears(self, calls: int, within: float) -> None:
        """As many calls as that bring sound now."""
        async with asyncio.timeout(within):
            while True:
                since = time.time()
                await asyncio.sleep(0.5)
                heard = [times for times in list(self.sound.arrivals.values()) if times[-1] > since]
                if len(heard) >= calls:
                    return


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, database_name: str
) -> AsyncIterator[Scene]:
    place = tmp_path_factory.mktemp("edge-house")
    database = f"{database_name}_edge"
    urls = {
        "AICC_DATABASE_URL": await postgres.make_database(database),
        "AICC_DATABASE_MIGRATION_URL": postgres.superuser_url(database),
        "AICC_KEYS_FILE": str(place / "keyring.json"),  # who shares a database shares what its keys are wrapped with
    }
    shop = small_tenant(place, DOCUMENTS)
    async with AsyncExitStack() as stack:
        houses: list[House] = []
        for number in (1, 2):
            data, port, rtp = place / f"data{number}", free_port(), f"3{number}000-3{number}999"
            if houses:  # what takes long is made once
                for made in ("models", "passages"):
                    shutil.copytree(place / "data1" / made, data / made)
            own = {
                "AICC_GATEWAY_NODE": f"edge-{number}",
                "AICC_SIP_UDP": f"127.0.0.1:{port}",
                "AICC_SIP_RTP_PORTS": rtp,
            }
            process = await stack.enter_async_context(gateway_process(data, [shop], {**SETTINGS, **urls, **own}))
            houses.append(House(process, port))
        edge = Edge(place, [house.uri for house in houses])
        (place / "lists" / "numbers").write_text(f"prefix(string) gateways(string)\n{LINE}:1\n")
        await edge.start()
        stack.callback(edge.stop)
        caller, sound = await Party.at(TRUNK), Sound(TRUNK)
        stack.callback(caller.close)
        sound.start()
        stack.callback(sound.end)
        caller.rtp_port = sound.port
        yield Scene(edge, houses, caller, sound)


async def test_calls_are_split_answered_and_heard(scene: Scene) -> None:
    calls = await scene.call(4)
    assert [len(scene.on(house, calls)) for house in scene.houses] == [2, 2]
    await scene.hears(4, within=20)
    house = scene.houses[0]
    taken = await house.until(await house.record_of(calls[0]), "call.answered", within=20)
    assert taken["payload"]["headers"]["user-to-user"] == "00c0ffee;encoding=hex"
    assert {(await call.bye()).code for call in calls} == {200}


async def test_a_drained_gateway_keeps_its_calls(scene: Scene) -> None:
    calls = await scene.call(4)
    first, second = scene.houses
    scene.edge.edgectl("drain", first.uri)
    more = await scene.call(3)
    assert len(scene.on(second, more)) == 3
    await scene.hears(7, within=20)
    assert not any(call.ended.is_set() for call in calls)
    assert {(await call.bye()).code for call in [*calls, *more]} == {200}
    scene.edge.edgectl("resume", first.uri)


async def test_a_killed_gateway_costs_its_calls_alone_and_its_records_are_closed(scene: Scene) -> None:
    calls = await scene.call(6)
    killed, other = scene.houses
    lost, kept = scene.on(killed, calls), scene.on(other, calls)
    records = [await killed.record_of(call) for call in lost]
    assert len(lost) == len(kept) == 3
    killed.process.kill()
    at = time.monotonic()
    more = await scene.call(4)
    assert len(scene.on(other, more)) == 4
    assert max(call.took for call in more) < 5.0
    await scene.hears(7, within=20)
    for record in records:
        ended = await other.until(record, "call.ended", within=30 - (time.monotonic() - at))
        assert ended["payload"]["reason"] == "node_lost"
    assert not any(call.ended.is_set() for call in kept)
    assert {(await call.bye()).code for call in [*kept, *more]} == {200}


async def test_a_gateway_that_is_told_to_stop_lets_its_calls_end(scene: Scene) -> None:
    last = scene.houses[1]
    calls = await scene.call(2)
    await scene.hears(2, within=20)
    stopping = asyncio.create_task(last.process.stop())
    async with asyncio.timeout(20):
        while isinstance(outcome := await scene.caller.call(scene.edge.number(LINE), scene.edge.uri), Call):
            await outcome.bye()
    assert (outcome.code, outcome["retry-after"]) == (503, "5"), "there is no other gateway left"
    await scene.hears(2, within=20)
    assert not any(call.ended.is_set() for call in calls)
    assert {(await call.bye()).code for call in calls} == {200}
    assert await stopping == 0
