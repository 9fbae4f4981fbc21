"""A caller who wants a person is moved to a telephone outside: by their network, or by a bridge where that declines.

Real telephones on both ends of a real gateway.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from tests.house import EXAMPLE
from tests.integration.sip.asking import ALIKE
from tests.integration.sip.baresip import BaresipPhone, baresip_phone
from tests.integration.sip.house import LINE, QUESTION, SipHouse, new_caller, sip_house, tenant
from tests.integration.sip.likeness import RATE, likeness_by_pieces, loud_part, read_sound
from tests.integration.sip.programs import HOST
from tests.integration.sip.rtp import RtpEnd, rtp_end
from tests.integration.sip.sipp import SippScenario, sipp_scenario
from tests.ports import free_port

pytestmark = [pytest.mark.xdist_group("sip alone"), pytest.mark.asyncio(loop_scope="module")]

OTHER = EXAMPLE / "calls" / "delivery-time.wav"
"""What whoever answers says."""


@dataclass(frozen=True)
class Center:
    """A gateway whose default queue leads to the telephone at ``port``."""

    house: SipHouse
    port: int


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def center(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Center]:
    pytest.importorskip("baresip", reason="the extra 'sip' is not installed: pip install -e '.[sip]'")
    place, port = tmp_path_factory.mktemp("moved"), free_port(beside=1)
    shop = tenant(place)
    described = yaml.safe_load((shop / "tenant.yaml").read_text())
    described["transfers"] = {
        "team": {
            "name": {"ko": "고객지원팀", "en": "the support team"},
            "to": f"sip:phone@{HOST}:{port}",
            "ways": ["refer", "bridge"],
        }
    }
    described["outbound"]["toll"] = {"prefixes": [f"sip:*@{HOST}:{port}"]}
    for queue in described["hand_over"]["queues"]:
        queue["transfer"] = "team"
    (shop / "tenant.yaml").write_text(yaml.safe_dump(described, allow_unicode=True))
    trunks = json.dumps({"pbx": {"domain": HOST}})
    async with sip_house(place, shop, AICC_SIP_TRUNKS=trunks) as house:
        yield Center(house, port)


def colleague(center: Center, folder: Path) -> AbstractAsyncContextManager[BaresipPhone]:
    """Whoever answers there, at once."""
    return baresip_phone(folder, account=";answermode=auto", port=center.port)


async def test_a_caller_whose_network_can_is_moved_by_it_and_we_are_out(center: Center, tmp_path: Path) -> None:
    house = center.house
    async with colleague(center, tmp_path / "team") as team, baresip_phone(tmp_path / "phone") as phone:
        call = await house.call_of(await phone.dial(house.uri()))
        await house.until(call, "reply.heard")
        await phone.press("0")
        await team.until("CALL_ESTABLISHED", within=40)
        [moved] = await house.until(call, "call.transferred")
        assert (moved["payload"]["way"], moved["payload"]["target"]) == ("refer", "team")
        [ended] = await house.until(call, "call.ended")
        assert ended["payload"]["reason"] == "transferred"
        handoff = moved["payload"]["handoff"]
        context = await house.process.gateway.ask("GET", f"/v1/handoffs/{handoff}")
        assert (context["reason"], context["call"]) == ("caller_asked", call)
        await phone.say(QUESTION)
        await asyncio.sleep(2 * 2.5)  # twice as long as the question
        await phone.hang_up()
        await team.until("CALL_CLOSED")
        assert likeness_by_pieces(loud_part(read_sound(QUESTION, RATE)[0]), team.heard()) > ALIKE
    await house.is_at_rest()


async def test_where_the_network_declines_we_call_and_stay_between(center: Center, tmp_path: Path) -> None:
    house, caller = center.house, new_caller()
    async with (
        colleague(center, tmp_path / "team") as team,
        rtp_end() as sound,
        sipp_scenario(
            "refuses_refer", tmp_path / "sipp", to=house.address, service=LINE, caller=caller, rtp_port=sound.port
        ) as sipp,
    ):
        call = await bridged(house, caller, sound)
        [failed] = await house.until(call, "transfer.failed")
        assert (failed["payload"]["way"], failed["payload"]["code"]) == ("refer", 603)
        await team.until("CALL_ESTABLISHED")
        began = len(sound.heard())
        sound.say(read_sound(QUESTION, RATE)[0])
        await team.say(OTHER)
        await house.until(call, "agent.turn")
        heard = sound.heard()[began:]
        await leave(house, call, team, sipp)
    assert likeness_by_pieces(loud_part(read_sound(OTHER, RATE)[0]), heard) > ALIKE
    assert likeness_by_pieces(loud_part(read_sound(QUESTION, RATE)[0]), team.heard()) > ALIKE
    await house.is_at_rest()


async def bridged(house: SipHouse, caller: str, sound: RtpEnd) -> str:
    """The call, once whoever answered outside is in it."""
    call = await house.call_from(caller)
    await sound.begin()
    await house.until(call, "reply.heard")
    sound.press("0")
    await house.until(call, "agent.joined")
    return call


async def leave(house: SipHouse, call: str, team: BaresipPhone, sipp: SippScenario) -> None:
    """The colleague hangs up, the bot goes on with the caller, and then the caller hangs up."""
    await team.hang_up()
    [left] = await house.until(call, "agent.left")
    assert left["payload"]["agent"] == "outside:team"
    told = [event for event in await house.events(call) if event["kind"] == "reply.decided"]
    await house.until(call, "reply.decided", len(told) + (told[-1]["seq"] < left["seq"]))
    [answered] = await house.until(call, "call.answered")
    sipp.go_on(answered["payload"]["call_sid"])
    await sipp.succeed()
    [ended] = await house.until(call, "call.ended")
    assert ended["payload"]["reason"] == "caller_hung_up"
