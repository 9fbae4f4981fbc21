"""linphone calls the gateway from a network of its own, as from another machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.sip.asking import is_answered, is_complete, is_heard_both_ways
from tests.integration.sip.house import QUESTION, SipHouse, new_caller, sip_house, tenant
from tests.integration.sip.likeness import RATE, read_sound
from tests.integration.sip.linphone import linphone_phone
from tests.integration.sip.namespace import Namespace, namespace

pytestmark = [pytest.mark.xdist_group("sip alone"), pytest.mark.asyncio(loop_scope="session")]

ASKED = "how much does gift wrapping cost"


@pytest.fixture(scope="module")
def network() -> Iterator[Namespace]:
    """The other machine."""
    with namespace() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(network: Namespace, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SipHouse]:
    """A gateway at our end of the cable. The clock of linphone's files drifts, and now and then a word is lost by it:
    whether somebody speaks, and until when, is heard here, and what they say is known."""
    place = tmp_path_factory.mktemp("cable")
    known = {"AICC_STT_ENGINE": "scripted", "AICC_STT_SCRIPT": "|".join([ASKED] * 2)}
    async with sip_house(place, tenant(place), network.ours, **known) as house:
        yield house


async def test_linphone_calls_asks_presses_keys_holds_and_hangs_up(
    house: SipHouse, network: Namespace, tmp_path: Path
) -> None:
    caller = new_caller()
    async with linphone_phone(tmp_path / "phone", network, caller) as phone:
        await phone.dial(house.uri())
        call = await house.call_from(caller)
        await house.until(call, "reply.heard")  # the greeting
        await phone.say(QUESTION)
        reply = await is_answered(house, call)
        assert reply["citations"][0]["document"] == "en/services/gift-wrapping.md"
        await phone.press("5#")
        await house.until(call, "dtmf.pressed", 2)
        await phone.hold()
        await asyncio.sleep(1.0)
        await phone.resume()
        await phone.say(QUESTION)
        await is_answered(house, call, 2)
        await phone.hang_up()
        await house.until(call, "call.ended")
        is_complete(await house.events(call), keys="5#")
        sent = read_sound(QUESTION, RATE)[0]
        await is_heard_both_ways(house, call, sent=sent, heard=phone.heard(), question_alike=0.5)
    await house.is_at_rest()
