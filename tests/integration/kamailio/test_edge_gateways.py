"""Calls over several gateways: split, failed over, drained, and what callers hear when nobody can take them."""

from __future__ import annotations

import asyncio
import re
import urllib.request

import pytest

from tests.integration.kamailio.edge import Edge
from tests.integration.kamailio.sip import Call, Message, Party, until
from tests.integration.kamailio.stage import Stage, answered, gateway_uri, refused


def taken(stage: Stage) -> list[int]:
    """The calls on each gateway."""
    return [len(gateway.calls) for gateway in stage.gateways]


async def several(party: Party, edge: Edge, count: int) -> list[Call]:
    outcomes = await asyncio.gather(*(party.call(edge.number(), edge.uri) for _ in range(count)))
    return [answered(outcome) for outcome in outcomes]


async def test_calls_are_split_evenly(stage: Stage, edge: Edge) -> None:
    await several(await stage.trunk(), edge, 20)
    assert taken(stage) == [10, 10]


@pytest.mark.parametrize("code", [408, 486, 500, 503])
async def test_a_gateway_that_cannot_take_a_call_is_passed_over(stage: Stage, edge: Edge, code: int) -> None:
    stage.gateways[0].behave = lambda _: code
    calls = await several(await stage.trunk(), edge, 6)
    assert taken(stage) == [0, 6]
    passed_over = {invite["call-id"] for invite in stage.gateways[0].of("INVITE")}
    assert min(call.took for call in calls if call.call_id in passed_over) < 0.5
    assert edge.state(gateway_uri(stage.gateways[0])).startswith("A"), "a gateway that is full is asked again"


@pytest.mark.parametrize("code", [404, 488, 603])
async def test_an_answer_for_the_caller_reaches_the_caller(stage: Stage, edge: Edge, code: int) -> None:
    for gateway in stage.gateways:
        gateway.behave = lambda _: code
    assert refused(await (await stage.trunk()).call(edge.number(), edge.uri)).code == code
    assert sum(len(gateway.of("INVITE")) for gateway in stage.gateways) == 1


async def test_a_gateway_that_says_nothing_is_passed_over_and_left_out(stage: Stage, edge: Edge) -> None:
    dead = stage.gateways[0]
    dead.behave = lambda _: None
    dead.options_code = 500
    calls = await several(await stage.trunk(), edge, 4)
    assert taken(stage) == [0, 4]
    assert max(call.took for call in calls) < 4.0, "one second for the first answer"
    assert edge.state(gateway_uri(dead)).startswith("I")
    asked = {invite["call-id"] for invite in dead.of("INVITE")}
    await several(await stage.trunk(), edge, 6)
    assert {invite["call-id"] for invite in dead.of("INVITE")} == asked, "nobody waits for it again"


async def test_a_gateway_that_comes_back_gets_calls_again(stage: Stage, edge: Edge) -> None:
    away = stage.gateways[1]
    away.options_code = 503
    await edge.until_state(gateway_uri(away), "I")
    away.options_code = 200
    assert await edge.until_state(gateway_uri(away), "A") < 8
    await several(await stage.trunk(), edge, 4)
    assert taken(stage) == [2, 2]


async def test_only_when_all_are_full_is_a_caller_told_to_come_back(stage: Stage, edge: Edge) -> None:
    trunk = await stage.trunk()
    for gateway in stage.gateways:
        gateway.behave = lambda _: 486
    refusal = refused(await trunk.call(edge.number(), edge.uri))
    assert (refusal.code, refusal["retry-after"]) == (503, "5")
    assert [len(gateway.of("INVITE")) for gateway in stage.gateways] == [1, 1], "all were asked"
    stage.gateways[1].behave = lambda _: 200
    answered(await trunk.call(edge.number(), edge.uri))


async def test_without_any_gateway_callers_and_carriers_hear_503(stage: Stage, edge: Edge) -> None:
    trunk = await stage.trunk()
    assert (await trunk.ask(trunk.outside("OPTIONS", edge.uri), edge.uri)).code == 200
    for gateway in stage.gateways:
        gateway.options_code = 503
    for gateway in stage.gateways:
        await edge.until_state(gateway_uri(gateway), "I")
    assert (await trunk.ask(trunk.outside("OPTIONS", edge.uri), edge.uri)).code == 503
    refusal = refused(await trunk.call(edge.number(), edge.uri))
    assert (refusal.code, refusal["retry-after"]) == (503, "5")


async def test_a_drained_gateway_keeps_its_calls_and_gets_no_more(stage: Stage, edge: Edge) -> None:
    trunk, (drained, other) = await stage.trunk(), stage.gateways
    standing = await several(trunk, edge, 10)
    edge.edgectl("drain", gateway_uri(drained))
    await several(trunk, edge, 6)
    assert taken(stage) == [5, 11], "from the first new call on"
    assert f"{gateway_uri(drained)} DX calls=5" in edge.edgectl("gateways")
    await asyncio.sleep(2.5)
    assert edge.state(gateway_uri(drained)).startswith("D"), "answering OPTIONS does not bring it back"
    assert not any(call.ended.is_set() for call in standing)
    assert {(await call.bye()).code for call in standing} == {200}
    await until(lambda: edge.edgectl("calls", gateway_uri(drained)).strip() == "0", 15, "its calls are forgotten")
    edge.edgectl("resume", gateway_uri(drained))
    await several(trunk, edge, 4)
    assert taken(stage) == [2, 8]
    assert other.of("INVITE")


async def test_gateways_come_and_go_while_calls_stand(stage: Stage, edge: Edge) -> None:
    trunk, (first, second) = await stage.trunk(), stage.gateways
    standing = await several(trunk, edge, 4)
    edge.edgectl("drain", gateway_uri(first))
    third = await stage.party("127.0.0.1")
    listed = stage.folder / "lists" / "dispatcher.list"
    listed.write_text("".join(f"1 {gateway_uri(gateway)} 0 0\n" for gateway in (first, third)))
    edge.edgectl("reload")
    await several(trunk, edge, 4)
    assert [len(gateway.calls) for gateway in (first, second, third)] == [2, 2, 4], "who was drained stays so"
    assert {(await call.bye()).code for call in standing} == {200}, "also with one that is listed no more"
    listed.write_text("gateway-4\n")
    with pytest.raises(AssertionError, match="1:gateway-4"):
        edge.edgectl("reload")
    await several(trunk, edge, 2)


async def test_a_gateway_that_drains_by_itself_gets_no_more_calls_within_two_seconds(stage: Stage, edge: Edge) -> None:
    trunk, (draining, _) = await stage.trunk(), stage.gateways
    standing = await several(trunk, edge, 10)
    draining.options_code = 503
    draining.behave = lambda _: 486
    await several(trunk, edge, 6)
    assert await edge.until_state(gateway_uri(draining), "I") < 8
    asked = len(draining.of("INVITE"))
    await several(trunk, edge, 6)
    assert len(draining.of("INVITE")) == asked
    assert not any(call.ended.is_set() for call in standing)
    assert {(await call.bye()).code for call in standing} == {200}


async def test_a_killed_gateway_costs_its_own_calls_and_no_new_one(stage: Stage, edge: Edge) -> None:
    trunk, (killed, _) = await stage.trunk(), stage.gateways
    standing = await several(trunk, edge, 10)
    lost = set(killed.calls)
    killed.close()
    calls = await several(trunk, edge, 10)
    assert max(call.took for call in calls) < 4.0
    assert edge.state(gateway_uri(killed)).startswith("I")
    survivors = [call for call in standing if call.call_id not in lost]
    assert len(survivors) == 5
    assert {(await call.bye()).code for call in [*survivors, *calls]} == {200}


async def test_a_caller_who_gives_up_is_forgotten_by_the_gateway(stage: Stage, edge: Edge) -> None:
    trunk = await stage.trunk()
    for gateway in stage.gateways:
        gateway.behave = lambda _: 180
    invite = trunk.outside("INVITE", edge.number())
    trunk.send(invite, edge.uri)
    await until(lambda: any(m.is_response and m.code == 180 for m in trunk.received), 15, "it rings")
    kept = tuple(pair for pair in invite.fields if pair[0] not in {"cseq", "contact"})
    trunk.send(Message(f"CANCEL {invite.uri} SIP/2.0", (*kept, ("cseq", "1 CANCEL"))), edge.uri)
    await until(lambda: any(gateway.of("CANCEL") for gateway in stage.gateways), 15, "the gateway hears of it")
    assert sum(len(gateway.of("INVITE")) for gateway in stage.gateways) == 1


async def test_what_happens_is_counted_for_prometheus(stage: Stage, edge: Edge) -> None:
    trunk, (full, _) = await stage.trunk(), stage.gateways
    full.behave = lambda _: 486
    await several(trunk, edge, 4)
    refused(await trunk.call(edge.number("1"), edge.uri))

    def fetched() -> dict[str, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{edge.metrics_port}/metrics", timeout=20) as answer:
            return dict(re.findall(r"^aicc_edge_(.+) (\d+) \d+$", answer.read().decode(), re.MULTILINE))

    async with asyncio.timeout(20):
        while (figures := await asyncio.to_thread(fetched))["dialog_active_dialogs"] != "4":
            await asyncio.sleep(0.05)
    assert figures['refused_total{reason="number"}'] == "1"
    assert figures[f'failovers_total{{gateway="{gateway_uri(full)}", code="486"}}'] == "2"
    with pytest.raises(OSError):
        await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{edge.port}/metrics", timeout=5)
