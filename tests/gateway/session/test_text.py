from __future__ import annotations

from dataclasses import replace

from dialog.reply import Decision, Entry, Expectation
from gateway.desk.handoff import HandoffDesk
from gateway.session.disclosure import Disclosure
from gateway.session.memory_log import MemoryContactLog
from gateway.session.processing import Processing
from gateway.session.tenant import Consent
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


async def asked(*typed: str) -> tuple[list[str], list[tuple[str, str]], Mind]:
    """What is answered to whoever must agree first, and what was written of that."""
    mind = Mind([[reply("Two days")]])
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="chat-1", line="chat", language="en", channel="chat")
    chat = TextSession(mind, HandoffDesk(ledger), log, "en", Disclosure("v2"), Processing(Consent.ASK))
    shown = [(await chat.greet()).text]
    for text in typed:
        shown += [one.text for one in (await chat.turn(text)).replies]
    await chat.close()
    events = await ledger.events("shop", "chat-1")
    told = [(one.kind, one.payload["purpose"]) for one in events if one.kind.startswith("consent.")]
    assert [one.payload["version"] for one in events if one.kind == "disclosure.heard"] == ["v2"]
    return shown, told, mind


async def test_who_types_is_asked_and_answered_once_they_agree() -> None:
    shown, told, mind = await asked("", "yes", "how long")
    assert [turn.text for turn in mind.turns] == ["how long"]
    assert told == [("consent.asked", "processing")] * 2 + [("consent.given", "processing")]
    assert shown[0].startswith("Hello I am a machine May our AI assistant")
    assert shown[-1] == "Two days"


async def test_who_types_anything_but_a_yes_gets_a_person_and_is_read_by_no_machine() -> None:
    _, told, mind = await asked("where is my order")
    assert told == [("consent.asked", "processing"), ("consent.declined", "processing")]
    assert mind.turns == []
