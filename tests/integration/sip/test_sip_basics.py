"""Two endpoints of ours call each other by real SIP and RTP: what every call needs, without any other client."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from gateway.telephony.leg import HangUpCause, HeldByFarEnd, MarkPlayed, Refusal, RefusalReason
from gateway.telephony.sip.headers import read_user_to_user
from gateway.telephony.sip.leg import SipLeg
from gateway.telephony.transfer import NotTransferred, TransferMethod, TransferOrder
from gateway.telephony.trunk import Failure, NotReached, TrunkOrder
from infra.audio import AudioFrame
from tests.gateway.telephony.sip.endpoints import (
    HOST,
    Party,
    Place,
    eventually,
    free_port,
    needs_the_stack,
    place,
    settings,
)

pytestmark = [needs_the_stack, pytest.mark.xdist_group("sip alone")]


def sweep(rate: int, seconds: float = 1.0) -> bytes:
    """A tone that rises, so that it is like itself in one place only."""
    steps = np.cumsum(np.linspace(300, 3_000, round(rate * seconds))) / rate
    return (8_000 * np.sin(2 * np.pi * steps)).astype("<i2").tobytes()


def likeness(heard: bytes, said: bytes) -> float:
    """How alike what was heard is to what was said (1: the same), tenth by tenth, each wherever it is most alike: the
    third best of them, for where the machine is busy some packets come too late."""
    long, short = (np.frombuffer(bytes(pcm), "<i2").astype(float) for pcm in (heard, said))
    size = len(long) + len(short)
    spectrum = np.fft.rfft(long, size)
    found = []
    for piece in np.array_split(short, 10):
        product = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, size)), size)
        at = int(np.argmax(product[: len(long) - len(piece) + 1]))
        stretch = long[at : at + len(piece)]
        found.append(float(stretch @ piece / (np.linalg.norm(stretch) * np.linalg.norm(piece))))
    return sorted(found)[-3]


def is_silent_again(party: Party, since: int = 0) -> bool:
    """It has heard something (after ``since`` bytes), and a fifth of a second of nothing."""
    loud = np.abs(np.frombuffer(bytes(party.pcm[since:]), "<i2").astype(float)) > 500
    return bool(loud.any()) and not loud[-round(0.2 * party.leg.info.rate) :].any()


def nobody_rings() -> None:
    """It may ring."""


async def call(here: Place, far: int, **more: object) -> Party:
    reached = await here.endpoint.trunks.call(
        TrunkOrder(f"sip:15880000@{HOST}:{far}", "0212345678", 20.0, **more), nobody_rings
    )
    assert not isinstance(reached, NotReached), reached
    return Party(reached)


def towards(far: int, port: int, **more: object) -> object:
    return settings(port, trunks={"far": {"domain": f"{HOST}:{far}"}}, **more)


@pytest.mark.parametrize(
    ("codec", "rate", "alike"),
    [("PCMU", 8_000, 0.99), ("PCMA", 8_000, 0.99), ("G722", 16_000, 0.99), ("opus", 16_000, 0.9)],
)
async def test_what_is_said_is_heard_in_each_codec(tmp_path: Path, codec: str, rate: int, alike: float) -> None:
    near, far = free_port(), free_port()
    async with (
        place(settings(far, codecs=codec), tmp_path) as there,
        place(towards(far, near, codecs=codec), tmp_path) as here,
    ):
        caller = await call(here, far)
        callee = await there.party()
        assert caller.leg.info.rate == callee.leg.info.rate == rate
        await asyncio.sleep(0.3)
        said = sweep(rate)
        begun = time.monotonic()
        for party in (caller, callee):
            party.say(said)
            party.leg.mark("said")
        for party in (caller, callee):
            await party.until(MarkPlayed("said"))
        assert 0.8 < time.monotonic() - begun < 10.0, "a mark comes back when its sound has gone out"
        for party in (caller, callee):
            await eventually(lambda party=party: is_silent_again(party))
            assert likeness(party.pcm, said) > alike


async def test_a_call_with_all_that_belongs_to_one(tmp_path: Path) -> None:
    near, far = free_port(), free_port()
    async with place(settings(far, headers="X-Queue"), tmp_path) as there, place(towards(far, near), tmp_path) as here:
        caller = await call(here, far, handoff="h42", headers={"X-Queue": "vip"})
        callee = await there.party()
        info = callee.leg.info
        assert (info.ani, info.dnis) == ("0212345678", "15880000")
        assert read_user_to_user(info.headers["user-to-user"]) == "h42"
        assert info.headers["x-queue"] == "vip"
        assert isinstance(caller.leg, SipLeg)
        caller.leg.hold(True)
        await callee.until(HeldByFarEnd(True))
        await asyncio.sleep(0.5)
        caller.leg.hold(False)
        await callee.until(HeldByFarEnd(False))
        refused = await caller.leg.transfer(TransferOrder(TransferMethod.REFER, f"sip:x@{HOST}:{far}", "h42", 5.0))
        assert refused == NotTransferred("transfer failed: 603 Decline", 603), "nobody has us call anybody"
        heard = len(callee.pcm)
        await eventually(lambda: len(callee.pcm) > heard)  # a transfer that failed leaves the call as it was
        await caller.leg.hang_up("done")
        assert (await asyncio.wait_for(callee.end, 20)).cause is HangUpCause.FAR_END


async def test_an_interruption_takes_back_what_was_not_played(tmp_path: Path) -> None:
    near, far = free_port(), free_port()
    async with place(settings(far), tmp_path) as there, place(towards(far, near), tmp_path) as here:
        caller = await call(here, far)
        callee = await there.party()
        await asyncio.sleep(0.3)
        caller.say(sweep(caller.leg.info.rate, 5.0))
        caller.leg.mark("cut")
        begun = time.monotonic()
        await asyncio.sleep(0.5)
        caller.leg.clear()
        spoken = time.monotonic() - begun
        await caller.until(MarkPlayed("cut"), 3.0)
        await eventually(lambda: is_silent_again(callee))
        loud = np.abs(np.frombuffer(bytes(callee.pcm), "<i2").astype(float)) > 500
        assert loud.sum() / callee.leg.info.rate < min(spoken + 1.5, 4.0), "not the five seconds that were sent"
        heard, answer = len(callee.pcm), sweep(caller.leg.info.rate, 0.5)
        caller.say(sweep(caller.leg.info.rate, 0.3))
        await asyncio.sleep(0.1)
        caller.leg.clear()
        caller.say(answer)
        caller.leg.mark("answered")
        await caller.until(MarkPlayed("answered"))
        await eventually(lambda: is_silent_again(callee, heard))
        assert likeness(callee.pcm[heard:], answer) > 0.99, "what is said right after an interruption is whole"


@pytest.mark.parametrize(
    ("theirs", "ours", "code"),
    [
        ("optional", "off", None),
        ("optional", "required", None),
        ("required", "required", None),
        ("off", "required", 488),
        ("required", "off", 488),
    ],
)
async def test_sound_is_encrypted_where_both_want_it(tmp_path: Path, theirs: str, ours: str, code: int | None) -> None:
    near, far = free_port(), free_port()
    async with (
        place(settings(far, srtp=theirs), tmp_path) as there,
        place(towards(far, near, srtp=ours), tmp_path) as here,
    ):
        reached = await here.endpoint.trunks.call(TrunkOrder(f"sip:1@{HOST}:{far}", "010", 20.0), nobody_rings)
        if code is not None:
            assert isinstance(reached, NotReached)
            assert reached.code == code
            return
        assert not isinstance(reached, NotReached), reached
        callee = await there.party()
        reached.send(AudioFrame(sweep(reached.info.rate), reached.info.rate, 0.0))
        await eventually(lambda: is_silent_again(callee))
        assert likeness(callee.pcm, sweep(reached.info.rate)) > 0.99


async def test_a_busy_house_a_missing_one_and_one_that_does_not_answer(tmp_path: Path) -> None:
    near, far = free_port(), free_port()
    async with place(settings(far), tmp_path) as there, place(towards(far, near), tmp_path) as here:
        there.doorman.full = Refusal(RefusalReason.BUSY)
        order = TrunkOrder(f"sip:1@{HOST}:{far}", "010", 20.0)
        busy = await here.endpoint.trunks.call(order, nobody_rings)
        assert isinstance(busy, NotReached)
        assert (busy.failure, busy.code) == (Failure.BUSY, 486)
    async with place(towards(far, near), tmp_path) as here:
        gone = await here.endpoint.trunks.call(TrunkOrder(f"sip:1@{HOST}:{far}", "010", 1.0), nobody_rings)
        assert isinstance(gone, NotReached)
        assert gone.failure in (Failure.NO_ANSWER, Failure.UNREACHABLE)


async def test_a_hundred_calls_at_once_are_all_answered_and_all_end(tmp_path: Path) -> None:
    near, far = free_port(), free_port()
    async with (
        place(settings(far, codecs="PCMU"), tmp_path) as there,
        place(towards(far, near, codecs="PCMU"), tmp_path) as here,
    ):
        callers = await asyncio.gather(*(call(here, far) for _ in range(100)))
        callees = [await there.party() for _ in range(100)]
        await asyncio.sleep(1.0)
        await asyncio.gather(*(caller.leg.hang_up("done") for caller in callers))
        ends = await asyncio.wait_for(asyncio.gather(*(callee.end for callee in callees)), 20)
        assert {end.cause for end in ends} == {HangUpCause.FAR_END}
        for places in (here, there):
            (worker,) = places.endpoint.workers.each
            await eventually(lambda worker=worker: not worker.calls)
