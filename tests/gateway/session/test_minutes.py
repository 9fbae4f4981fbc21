from __future__ import annotations

import json

from dialog.reply import Entry
from gateway.session import playback
from gateway.session.errors import LedgerClosed, LedgerError
from gateway.session.memory_log import MemoryContactLog
from gateway.session.minutes import Minutes, SpokenReply, Stages
from gateway.session.records import EventKind
from gateway.session.turn_taking import TurnEnded
from gateway.telephony.leg import LegInfo
from infra.phone_numbers import NumberingPlan
from stt.transcript import Transcript, Word
from tests.gateway.session.stage import handover, reply


async def test_a_reply_is_written_down_when_decided_started_and_heard() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    minutes = Minutes(ledger.open_call(tenant="shop", call_id="c", line="l", language="en"), lambda error: None)
    minutes.decided(SpokenReply(1, 1, reply("Two days"), Stages(10.0, 10.4, 10.5, 10.52)))
    minutes.started(1, 10.6)
    spoken = minutes.over(playback.ReplyOver(1, "Two", False, True))
    assert spoken is not None
    assert minutes.over(playback.ReplyOver(1, "", True, True)) is None
    await minutes.log.acknowledged()
    events = {event.kind: event.payload for event in await ledger.events("shop", "c")}
    assert events["reply.decided"]["text"] == "Two days"
    assert events["reply.started"]["latency"] == 0.6
    assert events["reply.heard"] == {"reply": 1, "turn": 1, "text": "Two", "complete": False, "drained": True}


async def test_an_escalation_is_written_down_with_its_summary() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    minutes = Minutes(ledger.open_call(tenant="shop", call_id="c", line="l", language="en"), lambda error: None)
    minutes.decided(SpokenReply(1, 1, handover(), Stages(None, None, 0.0)))
    await minutes.log.acknowledged()
    [event] = [e for e in await ledger.events("shop", "c") if e.kind == EventKind.ESCALATION_DECIDED]
    assert event.payload["summary"]["known"] == {"order": "12345678"}


async def test_a_ledger_that_refuses_is_reported_once_for_each_event_and_raises_nothing() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    broken: list[LedgerError] = []
    minutes = Minutes(ledger.open_call(tenant="shop", call_id="c", line="l", language="en"), broken.append)
    await minutes.log.acknowledged()
    await ledger.close()
    minutes.write(EventKind.SPEECH_STARTED, at=1.0)
    assert [type(error) for error in broken] == [LedgerClosed]


async def test_what_was_given_in_confidence_stands_nowhere_in_the_record() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    minutes = Minutes(ledger.open_call(tenant="shop", call_id="c", line="l", language="en"), lambda error: None)
    words = tuple(Word(word, 0.0, 0.1, 0.9) for word in "four seven one one".split())
    minutes.key("4", 1.0, secret=True)
    minutes.transcript(Transcript(0, "four seven one one", words, True, "en", 0.9), "scripted", secret=True)
    minutes.turn(1, TurnEnded("four seven one one", words, 0.9, "", False, 1.0, entry=Entry(4, secret=True)), "en")
    minutes.note("action.proposed", {"arguments": {"pin": "4711"}, "evidence": ["said four seven one one"]})
    await minutes.record("action.done", {"result": "the pin 4711 is right", "seconds": 4711})
    minutes.decided(SpokenReply(1, 1, reply("Your pin is 4711"), Stages(None, None, 0.0)))
    await minutes.log.acknowledged()
    events = await ledger.events("shop", "c")
    written = json.dumps([event.payload for event in events if event.kind != "call.started"], ensure_ascii=False)
    assert "four seven" not in written
    assert '4711"' not in written
    assert "pin 4711" not in written
    assert '"digit": "•"' in written
    assert '"seconds": 4711' in written


async def test_what_was_given_beside_a_secret_is_written_down() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    minutes = Minutes(ledger.open_call(tenant="shop", call_id="c", line="l", language="en"), lambda error: None)
    order = Entry(8, secret=True, open_length=8)
    minutes.note("reply.decided", {"text": "What is your order number?"})
    minutes.turn(1, TurnEnded("20261187", (), 1.0, "", False, 1.0, entry=order), "en")
    minutes.turn(2, TurnEnded("", (), 1.0, "1187", False, 1.0, entry=Entry(4, secret=True)), "en")
    minutes.note("action.proposed", {"arguments": {"order": "20261187", "end": "1187"}})
    await minutes.log.acknowledged()
    first, second, action = (event.payload for event in (await ledger.events("shop", "c"))[2:])
    assert (first["text"], second["digits"]) == ("20261187", "••••")
    assert action["arguments"] == {"order": "20261187", "end": "••••"}


async def test_what_is_no_secret_is_written_as_it_was_said() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    minutes = Minutes(ledger.open_call(tenant="shop", call_id="c", line="l", language="en"), lambda error: None)
    minutes.key("4", 1.0, secret=False)
    minutes.turn(1, TurnEnded("", (), 1.0, "4", False, 1.0), "en")
    await minutes.log.acknowledged()
    events = {event.kind: event.payload for event in await ledger.events("shop", "c")}
    assert events["dtmf.pressed"]["digit"] == "4"
    assert events["caller.turn"]["digits"] == "4"


def test_a_stage_that_was_not_passed_gives_no_figures() -> None:
    assert Stages(None, None, 1.0, 1.1).seconds(2.0) == {}


async def test_who_calls_and_how_stands_in_the_record_and_is_known_from_then_on() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    minutes = Minutes(ledger.open_call(tenant="shop", call_id="c", line="l", language="en"), lambda error: None)
    headers = {"p-asserted-identity": "<tel:+821012345678>", "x-queue": "vip", "authorization": "Digest secret"}
    minutes.answered(LegInfo("leg", "sid", "01012345678", "1588", "sip", 8000, headers=headers), NumberingPlan("82"))
    await minutes.log.acknowledged()
    [event] = [e for e in await ledger.events("shop", "c") if e.kind == EventKind.CALL_ANSWERED]
    told = event.payload
    assert (told["protocol"], told["rate"], told["leg"], told["call_sid"]) == ("sip", 8000, "leg", "sid")
    assert (told["ani"], told["caller"], told["asserted"]) == ("01012345678", "+821012345678", "+821012345678")
    assert told["headers"] == {**headers, "authorization": "•••"}
    assert minutes.signalled.asserted == "+821012345678"
