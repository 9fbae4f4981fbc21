from __future__ import annotations

import asyncio

from gateway.session.bot_turns import telling_bot_turns
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import EventKind
from tests.virtual_time import run


def test_each_reply_is_told_in_words_and_whether_it_understood() -> None:
    told: list[tuple[str, bool]] = []

    async def scene() -> None:
        ledger = MemoryContactLog()
        await ledger.start()
        async with telling_bot_turns(ledger, "t", "c1", lambda text, understood: told.append((text, understood))):
            call = ledger.open_call(tenant="t", call_id="c1", line="1", language="en")
            other = ledger.open_call(tenant="t", call_id="c2", line="1", language="en")
            call.append(EventKind.REPLY_DECIDED, {"text": "Hello.", "decision": "converse"})
            other.append(EventKind.REPLY_DECIDED, {"text": "Somebody else's.", "decision": "converse"})
            call.append(EventKind.CALLER_TURN, {"text": "hm"})
            call.append(EventKind.REPLY_DECIDED, {"text": "Pardon?", "decision": "clarify"})
            call.append(EventKind.REPLY_DECIDED, {"text": "", "decision": "answer"})
            await asyncio.sleep(1)
        await ledger.close()

    run(scene())
    assert told == [("Hello.", True), ("Pardon?", False)]
