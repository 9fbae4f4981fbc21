"""The endpoint is there before it listens, and off unless it has an address."""

from __future__ import annotations

from pathlib import Path

from gateway.telephony.leg import MediaLeg
from gateway.telephony.sip.opening import SipEndpoint, sip_endpoint
from gateway.telephony.sip.settings import SipSettings
from gateway.telephony.sip.trace_files import FOLDER
from gateway.telephony.trunk import Failure, NotReached, TrunkOrder
from tests.gateway.telephony.sip.endpoints import HOST, Party, free_port, needs_the_stack, place, settings
from tests.gateway.telephony.sip.stand_in import Doorman


async def nobody(leg: MediaLeg) -> None:
    """Serves no call."""


def test_without_an_address_there_is_none(tmp_path: Path) -> None:
    assert sip_endpoint(SipSettings(), Doorman(), nobody, tmp_path) is None


async def test_before_it_listens_nobody_can_be_called(tmp_path: Path) -> None:
    endpoint = sip_endpoint(settings(5060), Doorman(), nobody, tmp_path)
    assert isinstance(endpoint, SipEndpoint)
    assert endpoint.workers.addresses == [f"udp {HOST}:5060", f"tcp {HOST}:5060"]
    reached = await endpoint.trunks.call(TrunkOrder(f"sip:1@{HOST}:5060", "010", 1.0), lambda: None)
    assert isinstance(reached, NotReached)
    assert reached.failure is Failure.UNREACHABLE


@needs_the_stack
async def test_a_call_comes_in_is_served_and_leaves_its_trace(tmp_path: Path) -> None:
    port = free_port()
    async with place(settings(port, trace=True), tmp_path) as here:
        leg = await here.endpoint.trunks.call(TrunkOrder(f"sip:1588@{HOST}:{port}", "010", 20.0), lambda: None)
        caller, callee = Party(leg), await here.party()
        assert callee.leg.info.dnis == "1588"
        await caller.leg.hang_up("done")
        await callee.end
    (trace,) = (tmp_path / FOLDER).iterdir()
    assert "INVITE sip:1588@" in trace.read_text()
