from __future__ import annotations

from dataclasses import replace

from dialog.reply import Decision, Entry, Expectation
from gateway.desk.handoff import HandoffDesk
from gateway.session.memory_log import MemoryContactLog
from gateway.session.text import TextSession
from tests.gateway.session.stage import Mind, handover, reply


async def session(mind: Mind) -> tuple[MemoryContactLog, TextSession]:
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="chat-1", line="chat", language="en", channel="chat")
    return ledger, TextSession(mind, HandoffDesk(ledger), log, "en")


async def test_a_conversation_by_text_is_logged_like_a_call() -> None:
    mind = Mind([[reply("Two days")], [reply("Bye", Decision.CONVERSE, Expectation.NOTHING)]])
    ledger, chat = await session(mind)
    assert (await chat.greet()).text == "Hello I am a machine"
    assert mind.told_of_recording is False
    assert mind.channel == "chat"
    said = await chat.turn("how long is delivery")
    assert ([one.text for one in said.replies], said.over) == (["Two days"], False)
    assert (await chat.turn("bye")).over
    await chat.close()
    kinds = [event.kind for event in await ledger.events("shop", "chat-1")]
    assert kinds.count("caller.turn") == 2
    assert kinds.count("reply.heard") == 3
    assert kinds[-1] == "call.ended"


async def test_a_secret_that_is_typed_is_masked() -> None:
    asking = replace(reply("What is your postcode?"), entry=Entry(5, secret=True))
    ledger, chat = await session(Mind([[asking], [reply("Thank you")], [reply("Two days")]]))
    for typed in ("cancel my order", "04524", "how long"):
        await chat.turn(typed)
    await chat.close()
    turns = [event.payload["text"] for event in await ledger.events("shop", "chat-1") if event.kind == "caller.turn"]
    assert turns == ["cancel my order", "•••••", "how long"]


async def test_a_hand_over_is_queued_and_ends_the_machines_part() -> None:
    ledger, chat = await session(Mind([[handover()]]))
    assert (await chat.turn("a person")).over
    assert [handoff.state for handoff in await ledger.handoffs("shop")] == ["queued"]


async def test_nothing_typed_is_silence() -> None:
    mind = Mind([[reply("Are you there")]])
    _, chat = await session(mind)
    await chat.turn("   ")
    assert mind.turns[0].silent
