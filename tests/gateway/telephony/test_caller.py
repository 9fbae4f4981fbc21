"""The caller without a call. Calls are made in ``tests/integration``."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from gateway.telephony.caller import Caller, dial, new_call_sid
from gateway.telephony.errors import CallRefused

NOBODY = "127.0.0.1:9"  # the discard port: nothing listens


async def test_a_gateway_that_is_not_there_is_named_in_the_error() -> None:
    with pytest.raises(CallRefused, match=r"no media socket at ws://127\.0\.0\.1:9/media.*running there"):
        async with Caller(f"ws://{NOBODY}/media"):
            pass
    with pytest.raises(CallRefused, match=r"no voice webhook at http://127\.0\.0\.1:9/voice.*running there"):
        await dial(f"http://{NOBODY}/voice", ani="+1", dnis="+2", call_sid=new_call_sid())


async def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(CallRefused, match="no media socket at"):
        async with Caller("http://example.invalid"):
            pass


async def test_nothing_can_be_said_before_the_call() -> None:
    caller = Caller(f"ws://{NOBODY}/media")
    with pytest.raises(RuntimeError, match="async with"):
        await caller.say(bytes(320), 8000)
    await caller.hang_up()
    assert (caller.now, caller.over) == (0.0, None)


async def test_a_telephone_has_its_keys_only() -> None:
    with pytest.raises(ValueError, match="no key E"):
        await Caller(f"ws://{NOBODY}/media").press("12E")


def test_every_call_has_a_name_of_its_own() -> None:
    assert new_call_sid() != new_call_sid()
    assert Caller("ws://x", call_sid="CA7").call_sid == "CA7"


def test_a_call_that_never_was_leaves_an_empty_recording_of_two_channels(tmp_path: Path) -> None:
    Caller("ws://x").save_recording(tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 0)
