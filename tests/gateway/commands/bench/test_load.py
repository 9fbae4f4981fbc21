from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve

from gateway.commands.bench.load import LoadOutcome, LoadPlan, main, offer_load, plan_as_json
from gateway.commands.bench.meter import Distribution
from tests.house import EXAMPLE

SOUND = '{"event":"media","streamSid":"x","media":{"payload":"' + "AAAA" * 53 + 'AA=="}}'
"""159 loud samples."""

Behaviour = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def server(behave: Behaviour) -> AsyncIterator[str]:
    async with serve(behave, "127.0.0.1", 0) as listening:
        yield f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"


def plan(url: str, calls: int = 2, mode: str = "feed", seconds: float = 1.0, **more: object) -> LoadPlan:
    fixed = {"begin": time.monotonic() + 0.1, "ramp": 0.1, "settle": 0.1}
    return LoadPlan(url, calls, mode, seconds, **fixed | more)  # type: ignore[arg-type]


async def listen(socket: ServerConnection) -> None:
    async for _ in socket:
        pass


async def test_callers_send_fifty_frames_a_second_in_the_carriers_words() -> None:
    heard: list[dict[str, object]] = []

    async def note(socket: ServerConnection) -> None:
        heard.extend([json.loads(message) async for message in socket])

    async with server(note) as url:
        outcome = await offer_load(plan(url, calls=1, parameters={"to": "+1"}))
    assert (outcome.connected, outcome.failed, outcome.refused) == (1, 0, 0)
    assert 0 < outcome.sent <= 55, "as fast as a carrier, or slower where this machine is busy"
    assert [message["event"] for message in heard[:2]] == ["connected", "start"]
    assert heard[1]["start"]["customParameters"] == {"to": "+1"}  # type: ignore[index]
    assert heard[-1]["event"] == "stop"
    media = [message["media"] for message in heard if message["event"] == "media"]
    assert [part["chunk"] for part in media] == [str(n + 1) for n in range(len(media))]  # type: ignore[index]
    assert [part["timestamp"] for part in media] == [str(n * 20) for n in range(len(media))]  # type: ignore[index]
    numbers = [int(message["sequenceNumber"]) for message in heard[1:]]  # type: ignore[call-overload]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_gaps_are_those_within_a_reply_and_marks_come_back_when_it_was_played() -> None:
    returned: list[float] = []

    async def speak(socket: ServerConnection) -> None:
        await asyncio.sleep(0.4)  # the window is open by then
        for pause in (0.02, 0.1, 0.02):
            await socket.send(SOUND)
            await asyncio.sleep(pause)
        sent = time.monotonic()
        await socket.send('{"event":"mark","streamSid":"x","mark":{"name":"m"}}')
        async for message in socket:
            if '"mark"' in str(message):
                returned.append(time.monotonic() - sent)
                break
        await asyncio.sleep(0.9)
        await socket.send(SOUND)  # another reply: what lies between is no gap
        await listen(socket)

    async with server(speak) as url:
        outcome = await offer_load(plan(url, calls=1, seconds=2.0))
    assert outcome.received == 4
    assert outcome.gaps.count == 2
    longest = outcome.gaps.percentile(1.0)
    assert longest is not None
    assert 80 <= longest <= 400
    assert len(returned) == 1


async def test_an_answer_is_timed_at_the_callers_ear() -> None:
    async def answer(socket: ServerConnection) -> None:
        await socket.send(SOUND)
        speaking = False
        async for message in socket:
            if '"media"' not in str(message):
                continue
            loud = len(set(json.loads(message)["media"]["payload"])) > 40
            if speaking and not loud:
                await asyncio.sleep(0.1)
                await socket.send(SOUND)
                await listen(socket)
            speaking = speaking or loud

    recording = str(EXAMPLE / "calls" / "no.wav")
    async with server(answer) as url:
        outcome = await offer_load(plan(url, calls=1, mode="turn", seconds=3.5, recordings=(recording,)))
    assert outcome.turns >= 1
    assert outcome.first_audio.count == 1


async def test_who_is_told_busy_is_refused_and_who_is_cut_off_has_failed() -> None:
    async def busy(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.close(1013, "busy")

    async def cut(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.close(1011, "oh")

    async with server(busy) as url:
        outcome = await offer_load(plan(url, seconds=0.3))
    assert (outcome.connected, outcome.refused, outcome.failed) == (0, 2, 0)
    async with server(cut) as url:
        outcome = await offer_load(plan(url, seconds=0.3))
    assert (outcome.connected, outcome.refused, outcome.failed) == (0, 0, 2)
    (why,) = outcome.failures
    assert "1011" in why


async def test_a_server_that_is_not_there_fails_every_call() -> None:
    outcome = await offer_load(plan("ws://127.0.0.1:9/", seconds=0.3))
    assert (outcome.connected, outcome.failed) == (0, 2)


def test_the_generator_reads_a_plan_and_writes_an_outcome(tmp_path: Path) -> None:
    told = main(plan_as_json(plan("ws://127.0.0.1:9/", calls=1, seconds=0.2)))
    assert LoadOutcome.from_json(json.loads(told)).failed == 1


def test_outcomes_of_several_generators_add_up() -> None:
    one = LoadOutcome(connected=1, gaps=Distribution([20.0]), busy=0.2)
    other = LoadOutcome(connected=2, failed=1, gaps=Distribution([40.0]), busy=0.5)
    other.failures["closed"] += 1
    one.merge(LoadOutcome.from_json(json.loads(json.dumps(other.as_json()))))
    assert (one.connected, one.failed, one.busy, one.gaps.count) == (3, 1, 0.5, 2)
    assert one.failures == {"closed": 1}
