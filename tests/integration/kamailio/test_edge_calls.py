"""A call through the edge from INVITE to BYE: what is passed on, what is timed, and what a restart does to it."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from tests.integration.kamailio.edge import NUMBER, Edge
from tests.integration.kamailio.sip import BRANCH, Call, Message, token, until
from tests.integration.kamailio.stage import Stage, answered, refused
from tests.integration.sip.house import certificate
from tests.ports import free_port

TIMER = {"supported": "replaces, timer"}


def at_gateway(stage: Stage, call: Call) -> Call:
    """The same call as its gateway has it."""
    return next(gateway.calls[call.call_id] for gateway in stage.gateways if call.call_id in gateway.calls)


def invite_of(stage: Stage, call: Call) -> Message:
    return at_gateway(stage, call).invite


async def test_what_the_caller_tells_the_gateway_gets_there(stage: Stage, edge: Edge) -> None:
    said = {
        "user-to-user": "56a390f3d2b7310023;encoding=hex;purpose=isdn-uui;content=isdn-uui",
        "diversion": "<sip:15770000@carrier.example>;reason=unconditional",
        "x-customer": "4711",
        "p-called-party-id": "<sip:forged@example>",
    }
    call = answered(await (await stage.trunk()).call(edge.number(), edge.uri, said))
    invite = invite_of(stage, call)
    for name in ("user-to-user", "diversion", "x-customer"):
        assert invite[name] == said[name]
    assert invite.all("p-called-party-id") == [f"<sip:{NUMBER}@{edge.host}>"], "the number that was dialled"
    assert invite.body == call.invite.body


async def test_what_the_gateway_tells_the_caller_gets_there(stage: Stage, edge: Edge) -> None:
    for gateway in stage.gateways:
        gateway.answer_fields = {"user-to-user": "00c0ffee;encoding=hex"}
    call = answered(await (await stage.trunk()).call(edge.number(), edge.uri))
    assert call.answer["user-to-user"] == "00c0ffee;encoding=hex"
    # A transfer, with a hand-off id in it, goes the way of the call.
    refer_to = "<sip:queue@pbx.example?User-to-User=0badcafe%3Bencoding%3Dhex>"
    other_end = at_gateway(stage, call)
    answer = await other_end.party.ask(other_end.request("REFER", {"refer-to": refer_to}), other_end.first_hop)
    assert answer.code == 200
    assert call.party.of("REFER")[0]["refer-to"] == refer_to


async def test_both_ends_can_change_and_end_a_call(stage: Stage, edge: Edge) -> None:
    trunk = await stage.trunk()
    call = answered(await trunk.call(edge.number(), edge.uri))
    assert (await call.invite_again()).code == 200
    other_end = at_gateway(stage, call)
    assert (await other_end.invite_again()).code == 200
    assert (await other_end.bye()).code == 200
    assert call.ended.is_set()


async def test_a_restart_of_the_edge_ends_no_call(stage: Stage, edge: Edge) -> None:
    trunk = await stage.trunk()
    first, second = [answered(await trunk.call(edge.number(), edge.uri)) for _ in range(2)]
    ends = [at_gateway(stage, call) for call in (first, second)]
    edge.stop()
    await edge.start()
    assert (await first.invite_again()).code == 200
    assert (await first.bye()).code == 200
    assert (await ends[1].bye()).code == 200
    assert second.ended.is_set()


async def test_a_timer_that_is_refreshed_keeps_the_call_and_one_that_is_not_ends_it(stage: Stage) -> None:
    edge = await stage.raised(EDGE_MIN_SE="2")
    trunk = await stage.trunk()
    timed = {**TIMER, "session-expires": "3"}
    kept, forgotten = [answered(await trunk.call(edge.number(), edge.uri, timed)) for _ in range(2)]
    for call in (kept, forgotten):
        assert call.answer["session-expires"] == "3;refresher=uac", "the gateway said nothing of timers"
        assert call.answer["require"] == "timer"
    other_end = at_gateway(stage, forgotten)
    for _ in range(6):
        await asyncio.sleep(0.75)
        assert (await kept.invite_again(timed)).get("session-expires") == "3;refresher=uac"
    await until(lambda: forgotten.ended.is_set() and other_end.ended.is_set(), 15, "both ends hear BYE")
    assert not kept.ended.is_set()
    assert (await kept.bye()).code == 200


async def test_a_gateway_that_knows_timers_is_not_spoken_for(stage: Stage, edge: Edge) -> None:
    for gateway in stage.gateways:
        gateway.answer_fields = {"session-expires": "600;refresher=uas", "require": "timer"}
    call = answered(await (await stage.trunk()).call(edge.number(), edge.uri, TIMER))
    assert call.answer.all("session-expires") == ["600;refresher=uas"]
    assert call.answer.all("require") == ["timer"]


async def test_who_knows_timers_gets_one_and_who_does_not_is_left_alone(stage: Stage, edge: Edge) -> None:
    trunk = await stage.trunk()
    knows = answered(await trunk.call(edge.number(), edge.uri, TIMER))
    assert invite_of(stage, knows)["session-expires"] == "1800"
    assert knows.answer["session-expires"] == "1800;refresher=uac"
    plain = answered(await trunk.call(edge.number(), edge.uri))
    assert invite_of(stage, plain).get("session-expires") is None
    assert plain.answer.get("session-expires") is None


async def test_a_timer_that_is_too_short_is_refused_with_the_least(stage: Stage, edge: Edge) -> None:
    trunk, short = await stage.trunk(), {**TIMER, "session-expires": "30;refresher=uac"}
    refusal = refused(await trunk.call(edge.number(), edge.uri, short))
    assert (refusal.code, refusal["min-se"]) == (422, "90")
    call = answered(await trunk.call(edge.number(), edge.uri, TIMER))
    refusal = await call.invite_again(short)
    assert (refusal.code, refusal["min-se"]) == (422, "90")


async def test_a_call_that_nobody_ends_is_ended(stage: Stage) -> None:
    edge = await stage.raised(EDGE_LONGEST_CALL="2")
    call = answered(await (await stage.trunk()).call(edge.number(), edge.uri))
    other_end = at_gateway(stage, call)
    await until(lambda: call.ended.is_set() and other_end.ended.is_set(), 15, "both ends hear BYE")


@pytest.fixture
def own_certificate(tmp_path: Path) -> Path:
    """Signed by itself, with its key in the same file."""
    return certificate(tmp_path / "edge.pem", "127.0.0.1")


async def read_message(reader: asyncio.StreamReader) -> Message:
    head = await reader.readuntil(b"\r\n\r\n")
    message = Message.read(head)
    return Message(message.start, message.fields, await reader.readexactly(int(message["content-length"])))


async def test_a_call_over_tls_reaches_a_gateway_that_knows_none(stage: Stage, own_certificate: Path) -> None:
    port = free_port()
    await stage.raised(
        EDGE_TLS=f"tls:127.0.0.1:{port}",
        EDGE_CERTIFICATE=str(own_certificate),
        EDGE_PRIVATE_KEY=str(own_certificate),
    )
    context = ssl.create_default_context(cafile=str(own_certificate))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    trunk = await stage.trunk()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, local_addr=(trunk.host, 0))
    sender = writer.get_extra_info("sockname")
    target = f"sips:{NUMBER}@127.0.0.1:{port}"

    def over_tls(message: Message) -> bytes:
        via = f"SIP/2.0/TLS {sender[0]}:{sender[1]};branch={BRANCH}{token()}"
        contact = f"<sip:caller@{sender[0]}:{sender[1]};transport=tls>"
        changed = {"via": via, "contact": contact}
        return Message(message.start, tuple((n, changed.get(n, v)) for n, v in message.fields), message.body).written()

    try:
        invite = trunk.outside("INVITE", target, {"content-type": "application/sdp"}, trunk.sdp())
        writer.write(over_tls(invite))
        async with asyncio.timeout(20):
            while (answer := await read_message(reader)).code < 200:
                pass
        assert answer.code == 200
        routes = list(reversed([hop.strip() for value in answer.all("record-route") for hop in value.split(",")]))
        call = Call(
            trunk, invite["call-id"], invite["from"], answer["to"],
            answer["contact"].strip("<>"), routes, invite, answer,
        )  # fmt: skip
        writer.write(over_tls(call.request("ACK", cseq=1)))
        other_end = at_gateway(stage, call)
        await until(lambda: bool(other_end.party.of("ACK")), 15, "the ACK crosses from TLS to UDP")
        assert not other_end.invite.uri.startswith("sips:")
        # The gateway ends it, over the caller's own connection.
        bye = asyncio.create_task(other_end.bye())
        async with asyncio.timeout(20):
            request = await read_message(reader)
            assert request.method == "BYE"
            writer.write(request.answered(200).written())
            assert (await bye).code == 200
    finally:
        writer.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_tls_is_refused(stage: Stage, own_certificate: Path, version: ssl.TLSVersion) -> None:
    port = free_port()
    await stage.raised(
        EDGE_TLS=f"tls:127.0.0.1:{port}",
        EDGE_CERTIFICATE=str(own_certificate),
        EDGE_PRIVATE_KEY=str(own_certificate),
    )
    context = ssl.create_default_context(cafile=str(own_certificate))
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port, ssl=context)
