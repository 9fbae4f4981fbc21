"""jambonz' call control: verbs for its webhooks, and calls that go back to it to be moved."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from gateway.telephony.leg import HangUpCause, HungUp, Refusal, RefusalReason
from gateway.telephony.raw import jambonz
from gateway.telephony.raw.codec import RawCodec
from gateway.telephony.raw.dialects import JAMBONZ
from gateway.telephony.raw.jambonz import GoingBack, dial, listen, refuse
from gateway.telephony.transfer import NotTransferred, TransferMethod, TransferOrder, Transferred


def order(target: str = "sip:q@pbx") -> TransferOrder:
    return TransferOrder(TransferMethod.PROVIDER, target, "h42", within=25.0, headers={"X-Queue": "vip"})


def test_a_call_is_answered_and_streamed_both_ways_with_its_keys() -> None:
    answer, stream = listen("wss://gw/m", 16_000, "https://gw/listened", {"pass": "p", "returned": ""})
    assert answer == {"verb": "answer"}
    assert stream["bidirectionalAudio"] == {"enabled": True, "streaming": True, "sampleRate": 16_000}
    assert (stream["sampleRate"], stream["mixType"], stream["passDtmf"]) == (16_000, "mono", True)
    assert (stream["url"], stream["actionHook"], stream["metadata"]) == (
        "wss://gw/m",
        "https://gw/listened",
        {"pass": "p"},
    )


def test_a_call_that_is_not_taken_is_declined_before_it_is_answered() -> None:
    assert [refuse(Refusal(reason))[0]["status"] for reason in RefusalReason] == [486, 603]


@pytest.mark.parametrize(
    ("target", "dialled"),
    [
        ("+8215880000", {"type": "phone", "number": "+8215880000"}),
        ("tel:15880000", {"type": "phone", "number": "15880000"}),
        ("sip:q@pbx", {"type": "sip", "sipUri": "sip:q@pbx"}),
        ("queue:support", None),
        ("", None),
    ],
)
def test_whom_jambonz_can_call(target: str, dialled: dict[str, str] | None) -> None:
    verbs = dial(order(target), "+8216", "https://gw/dialled")
    if dialled is None:
        assert verbs is None
        return
    assert verbs == [
        {
            "verb": "dial",
            "target": [dialled],
            "timeout": 25,
            "headers": {"X-Handoff": "h42", "X-Queue": "vip"},
            "actionHook": "https://gw/dialled",
            "callerId": "+8216",
        }
    ]


class FarEnd:
    def __init__(self) -> None:
        self.told: list[Any] = []
        self.left = asyncio.Event()

    def say(self, message: str | bytes) -> None:
        self.told.append(json.loads(message))
        self.left.set()

    async def ended(self) -> HungUp:
        await self.left.wait()
        return HungUp("gone", HangUpCause.FAR_END)


def streaming() -> RawCodec:
    codec = RawCodec(JAMBONZ)
    codec.receive('{"callSid":"c-1","sampleRate":16000}')
    return codec


async def test_a_call_that_is_to_be_moved_leaves_our_stream_and_is_known_when_it_is_asked_for() -> None:
    back, far_end = GoingBack(lambda: 0.0), FarEnd()
    assert await back.transferor(streaming(), "c-1").transfer(order(), far_end) == Transferred(confirmed=False)
    assert far_end.told == [{"type": "disconnect"}]
    assert back.order("c-2") is None
    assert back.order("c-1") == order()
    assert back.order("c-1") is None


async def test_what_cannot_be_called_or_kept_is_not_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    far_end = FarEnd()
    back = GoingBack(lambda: 0.0)
    assert isinstance(await back.transferor(streaming(), "c-1").transfer(order("queue:x"), far_end), NotTransferred)
    monkeypatch.setattr(jambonz, "MOST", 0)
    full = GoingBack(lambda: 0.0)
    assert isinstance(await full.transferor(streaming(), "c-1").transfer(order(), far_end), NotTransferred)
    assert far_end.told == []
