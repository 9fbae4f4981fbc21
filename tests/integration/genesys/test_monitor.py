"""A call between a customer and an agent in Genesys, overheard by a real gateway process: the agent gets a card."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from gateway.commands.gateway_process import GatewayProcess
from tests.integration.genesys.conftest import ACCOUNT, QUESTION, events_of, payloads, socket_of
from tests.integration.genesys.simulator import session

pytestmark = [pytest.mark.xdist_group("genesys"), pytest.mark.asyncio(loop_scope="session")]


async def test_the_customers_question_brings_a_card_to_the_agent_and_nothing_is_said(
    house: GatewayProcess, question: bytes
) -> None:
    conversation = str(uuid.uuid4())
    async with session(
        ACCOUNT, socket_of(house, "monitor"), conversation=conversation, customConfig={"agent": "kim"}
    ) as call:
        await asyncio.wait_for(call.opened, 20)
        await call.say(question)
        await call.hold(1.0)
        await events_of(house, conversation, "assist.shown")
    assert call.player.messages == 0
    assert call.events == []
    events = await events_of(house, conversation)
    assert [turn["text"] for turn in payloads(events, "caller.turn")] == [QUESTION]
    [card, *_] = payloads(events, "assist.shown")
    assert card["kind"] == "answer"
    assert card["sources"][0]["document"] == "en/delivery/standard-delivery.md"
    assert [change["agent"] for change in payloads(events, "control.changed")] == ["kim"]
    assert payloads(events, "call.held")
    assert payloads(events, "recording.started") == []
    assert payloads(events, "reply.decided") == []
