"""We call sipps that refuse, send us elsewhere or let it ring: each outcome is told by its name."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.telephony.leg import MediaLeg
from gateway.telephony.sip.opening import SipEndpoint
from gateway.telephony.sip.settings import SipSettings
from gateway.telephony.trunk import Failure, NotReached, TrunkOrder
from tests.gateway.telephony.sip.stand_in import Doorman
from tests.integration.sip.programs import HOST
from tests.integration.sip.sipp import SippScenario, sipp_scenario
from tests.ports import free_port

pytestmark = pytest.mark.xdist_group("sip alone")

pytest.importorskip("baresip", reason="the extra 'sip' is not installed: pip install -e '.[sip]'")


async def nobody(leg: MediaLeg) -> None:
    raise AssertionError("nobody calls us here")


REFUSALS = [
    (302, "Moved Temporarily", Failure.UNREACHABLE),
    (404, "Not Found", Failure.UNREACHABLE),
    (480, "Temporarily Unavailable", Failure.NO_ANSWER),
    (486, "Busy Here", Failure.BUSY),
    (503, "Service Unavailable", Failure.UNREACHABLE),
    (603, "Decline", Failure.DECLINED),
]


async def test_each_refusal_is_told_with_its_code_and_silence_as_what_it_is(tmp_path: Path) -> None:
    port = free_port(beside=1)
    settings = SipSettings.model_validate({"udp": f"{HOST}:{port}", "trunks": {"far": {"domain": HOST}}})
    endpoint = SipEndpoint(settings, Doorman(), nobody, tmp_path)
    rang: list[bool] = []

    async def call(sipp: SippScenario, rings: float) -> MediaLeg | NotReached:
        order = TrunkOrder(f"sip:desk@{sipp.address}", line="+18005550100", ring_seconds=rings)
        return await endpoint.trunks.call(order, lambda: rang.append(True))

    async with endpoint.listening(), AsyncExitStack() as stack:
        silent = await stack.enter_async_context(sipp_scenario("no_answer", tmp_path / "silent"))
        refusing = [
            await stack.enter_async_context(sipp_scenario("refused", tmp_path / str(code), code=code, reason=reason))
            for code, reason, _ in REFUSALS
        ]
        *outcomes, unanswered = await asyncio.gather(*(call(sipp, 20.0) for sipp in refusing), call(silent, 3.0))
        for sipp in (*refusing, silent):
            await sipp.succeed(within=30)
    told = [(outcome.code, outcome.failure) for outcome in outcomes if isinstance(outcome, NotReached)]
    assert told == [(code, failure) for code, _, failure in REFUSALS]
    assert isinstance(unanswered, NotReached)
    assert unanswered.failure is Failure.NO_ANSWER
    assert rang == [True]
