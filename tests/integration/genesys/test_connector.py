"""Whole calls by Audio Connector: a real gateway process, and Genesys' side of the protocol, which bears no mistake."""

from __future__ import annotations

import asyncio
import io
import time
import uuid
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.commands.gateway_process import GatewayProcess
from tests.integration.genesys.conftest import ACCOUNT, PERSON, QUESTION, TENANT, events_of, payloads, socket_of
from tests.integration.genesys.simulator import DECODED, NOBODY, Account, Connector, session

pytestmark = [pytest.mark.xdist_group("genesys"), pytest.mark.asyncio(loop_scope="session")]


async def test_a_call_is_greeted_answered_interrupted_and_handed_over_with_what_the_flow_needs(
    house: GatewayProcess, question: bytes
) -> None:
    conversation = str(uuid.uuid4())
    async with session(ACCOUNT, socket_of(house, "connector"), conversation=conversation) as call:
        assert (await asyncio.wait_for(call.opened, 20))["startPaused"] is False
        assert await call.listen_until_quiet() > 1.0, "the greeting"
        await call.say(question)
        assert await call.listen_until_quiet() > 1.0, "the answer"
        await call.say(question)
        await call.until(lambda: call.player.playing, 40, "the second answer to begin")
        await asyncio.sleep(0.5)
        said = len([one for one in call.events if one["type"] == "barge_in"])
        await call.say(question)
        assert len([one for one in call.events if one["type"] == "barge_in"]) > said, "we fell silent for the caller"
        ended = await call.ended(60)
    assert ended.reason == "completed"
    outputs = ended.variables
    moved = (outputs["aicc_result"], outputs["aicc_target"], outputs["aicc_x_queue"])
    assert moved == ("transfer", "Support EN", "vip")
    assert (outputs["aicc_reason"], outputs["aicc_language"]) == ("caller_asked", "en")
    assert QUESTION in outputs["aicc_summary"]
    events = await events_of(house, conversation)
    first, second, third = [turn["text"] for turn in payloads(events, "caller.turn")]
    assert (first, second) == (QUESTION, QUESTION)
    assert third.endswith(PERSON), "with what they had said before, if they seem to go on with it"
    assert outputs["aicc_handoff"] == payloads(events, "handoff.queued")[0]["handoff"]
    assert payloads(events, "barge_in")
    assert payloads(events, "call.ended") == [{"reason": "transferred"}]
    told = [one["data"]["text"] for one in call.events if one["type"] == "bot_turn_response"]
    decided = [reply["text"] for reply in payloads(events, "reply.decided")]
    assert told == decided[: len(told)]
    assert len(told) >= 3
    heard = payloads(events, "reply.heard")
    assert heard[0]["complete"]
    assert heard[0]["text"] == decided[0]
    assert min(call.round_trips) < 0.5
    assert await _likeness(house, events, call) > 0.9, "the record's other side is what Genesys played"
    assert call.player.messages < len(call.player.heard) / 8000 * 5 + 25


async def test_keys_a_hold_and_a_caller_who_hangs_up_are_in_the_record(house: GatewayProcess) -> None:
    conversation = str(uuid.uuid4())
    variables = {"line": "hanbit-en", "X-Campaign": "spring", "due": "not-a-call-of-ours"}
    async with session(
        ACCOUNT, socket_of(house, "connector"), conversation=conversation, dnis="sip:ivr@genesys", variables=variables
    ) as call:
        await call.listen_until_quiet()
        await call.press("1#")
        await call.until(lambda: len(call.events) > 1, 20, "an answer to the keys")
        await call.hold(1.5)
        await asyncio.sleep(1.0)
        await call.hang_up()
    events = await events_of(house, conversation)
    assert [key["digit"] for key in payloads(events, "dtmf.pressed")] == ["1", "#"]
    assert payloads(events, "call.held")
    assert payloads(events, "call.resumed")
    assert payloads(events, "call.ended") == [{"reason": "caller_hung_up"}]
    assert payloads(events, "call.offered")[0]["caller"] == "+821012345678"


async def test_a_probe_is_opened_and_is_no_call(house: GatewayProcess) -> None:
    before = await house.gateway.ask("GET", "/v1/tenants/hanbit-store/calls")
    for door in ("connector", "monitor"):
        async with session(ACCOUNT, socket_of(house, door), conversation=NOBODY, ani="", dnis="") as probe:
            await asyncio.wait_for(probe.opened, 20)
            await asyncio.sleep(0.3)
    assert len(await house.gateway.ask("GET", "/v1/tenants/hanbit-store/calls")) == len(before)


async def test_a_call_that_names_no_line_of_the_tenant_comes_in_on_that_of_its_key(
    house: GatewayProcess,
) -> None:
    conversation = str(uuid.uuid4())
    async with session(
        ACCOUNT, socket_of(house, "connector"), conversation=conversation, dnis="tel:+15550009999", language="en-US"
    ) as call:
        await call.until(lambda: call.player.playing, 40, "the greeting")
    events = await events_of(house, conversation)
    assert payloads(events, "call.offered")[0]["line"] == "+18005550100"


async def test_who_does_not_sign_or_signs_twice_is_not_let_in(house: GatewayProcess) -> None:
    url = socket_of(house, "connector")
    name = str(uuid.uuid4())
    good = ACCOUNT.headers(url, name)
    stranger = Account(ACCOUNT.key, b"a guess of thirty-two bytes.....")
    for headers in (
        {},
        stranger.headers(url, name),
        ACCOUNT.headers(url, name, created=int(time.time()) - 60),
        ACCOUNT.headers(socket_of(house, "monitor"), name),
        {**good, "audiohook-session-id": str(uuid.uuid4())},
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(url, additional_headers=headers):
                pass
        assert refused.value.response.status_code == 401
    async with connect(url, additional_headers=good):
        pass
    with pytest.raises(InvalidStatus):
        async with connect(url, additional_headers=good):
            pass


async def _likeness(house: GatewayProcess, events: list[dict[str, Any]], call: Connector) -> float:
    """How like the loudness of what the record holds as heard is to what Genesys played, at the best place."""
    [stored] = payloads(events, "recording.stored")
    assert stored["channels"] == 2
    call_id = Path(stored["path"]).stem
    async with house.gateway.client() as http:
        response = await http.get(f"/v1/tenants/{TENANT}/calls/{call_id}/recording")
    with wave.open(io.BytesIO(response.content)) as file:
        recorded = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)[:, 1]
    heard = DECODED[np.frombuffer(bytes(call.player.heard), np.uint8)]
    kept, played = _loudness(recorded), _loudness(heard)
    kept = kept[: len(played)]
    places = range(len(played) - len(kept) + 1)
    return max(float(np.corrcoef(kept, played[at : at + len(kept)])[0, 1]) for at in places)


def _loudness(samples: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """By tenths of a second."""
    whole = samples[: len(samples) // 800 * 800].astype(float).reshape(-1, 800)
    return np.sqrt((whole**2).mean(axis=1))
