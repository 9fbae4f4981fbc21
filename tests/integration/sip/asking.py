"""What every telephone's call is asked about: it was answered, it was heard both ways, its record is complete."""

from __future__ import annotations

import asyncio

import numpy as np

from tests.integration.sip.house import PATIENCE, Event, SipHouse
from tests.integration.sip.likeness import RATE, likeness_by_pieces, loud_part

ALIKE = 0.9
"""How alike a sound has to be to itself behind a codec and a jitter buffer."""


async def is_answered(house: SipHouse, call: str, count: int = 1) -> Event:
    """Wait until so many questions were answered from the knowledge and heard; the last decision."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                events = await house.events(call)
                decided = (event["payload"] for event in events if event["kind"] == "reply.decided")
                answers = [reply for reply in decided if reply["decision"] == "answer"]
                heard = {event["payload"]["reply"] for event in events if event["kind"] == "reply.heard"}
                if len(answers) >= count and answers[count - 1]["reply"] in heard:
                    return answers[count - 1]
                await asyncio.sleep(0.2)
    except TimeoutError:
        told = [(event["kind"], event["payload"].get("text", "")) for event in await house.events(call)]
        raise AssertionError(f"{count} answers were not heard, but: {told}") from None


def is_complete(events: list[Event], *, keys: str = "") -> None:
    """The record has everything from the answer to the end, without a gap."""
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    kinds = [event["kind"] for event in events]
    assert kinds.index("call.answered") < kinds.index("caller.turn") < kinds.index("call.ended")
    assert "recording.stored" in kinds
    ended = next(event["payload"] for event in events if event["kind"] == "call.ended")
    assert ended["reason"] == "caller_hung_up"
    pressed = [event["payload"]["digit"] for event in events if event["kind"] == "dtmf.pressed"]
    assert "".join(pressed) == keys


async def is_heard_both_ways(
    house: SipHouse, call: str, *, sent: np.ndarray, heard: np.ndarray, question_alike: float = ALIKE
) -> None:
    """What the gateway recorded of both sides is what the phone sent and heard."""
    caller, bot = await house.recording(call)
    greeting = loud_part(bot)[: 3 * RATE]
    assert len(greeting) > RATE, "the bot says something"
    asked, told = likeness_by_pieces(loud_part(sent), caller), likeness_by_pieces(greeting, heard)
    assert asked > question_alike, f"the question came as {asked:.3f} of what was sent"
    assert told > ALIKE, f"the greeting came as {told:.3f} of what was sent"
