"""Who gets in at the edge: listed addresses, and whoever signs in; scanners get not one byte."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.integration.kamailio.edge import NUMBER, PASSWORD, STRANGER, USER, Edge
from tests.integration.kamailio.sip import Call, Message, Party, credentials, token, until
from tests.integration.kamailio.stage import Stage, answered, gateway_uri, refused

ALGORITHMS = ["SHA-256", "MD5"]


async def challenges(party: Party, edge: Edge) -> dict[str, str]:
    """What is asked of a stranger, by algorithm."""
    refusal = refused(await party.call(edge.number(), edge.uri))
    assert refusal.code == 407
    return dict(zip(ALGORITHMS, refusal.all("proxy-authenticate"), strict=True))


async def signed_in(
    party: Party, edge: Edge, challenge: str, user: str = USER, password: str = PASSWORD, number: str = NUMBER
) -> Call | Message:
    words = credentials(challenge, user, password, "INVITE", edge.number(number))
    return await party.call(edge.number(), edge.uri, {"proxy-authorization": words})


async def silent(party: Party, request: Message, edge: Edge) -> None:
    """The edge says nothing to it."""
    before = len(party.received)
    party.send(request, edge.uri)
    await asyncio.sleep(0.3)
    assert party.received[before:] == []


async def test_a_listed_address_calls_without_signing_in(stage: Stage, edge: Edge) -> None:
    call = answered(await (await stage.trunk()).call(edge.number(), edge.uri))
    assert (await call.bye()).code == 200


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_stranger_signs_in_with_either_algorithm(stage: Stage, edge: Edge, algorithm: str) -> None:
    stranger = await stage.stranger()
    challenge = (await challenges(stranger, edge))[algorithm]
    assert f"algorithm={algorithm}" in challenge
    call = answered(await signed_in(stranger, edge, challenge))
    invite = next(invite for gateway in stage.gateways for invite in gateway.of("INVITE"))
    assert invite.get("proxy-authorization") is None, "a gateway has no business with a caller's credentials"
    assert (await call.bye()).code == 200


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_wrong_password_an_unknown_user_and_another_number_look_the_same(
    stage: Stage, edge: Edge, algorithm: str
) -> None:
    stranger = await stage.stranger()
    for wrong in ({"password": "guess"}, {"user": "nobody"}, {"number": "15889999"}):
        challenge = (await challenges(stranger, edge))[algorithm]
        refusal = refused(await signed_in(stranger, edge, challenge, **wrong))
        assert refusal.code == 407
        assert {name for name, _ in refusal.fields} == {
            "via",
            "from",
            "to",
            "call-id",
            "cseq",
            "proxy-authenticate",
            "content-length",
        }
    assert not any(gateway.of("INVITE") for gateway in stage.gateways)


@pytest.mark.parametrize(("off", "left"), [("EDGE_SHA256", "MD5"), ("EDGE_MD5", "SHA-256")])
async def test_an_algorithm_can_be_switched_off(stage: Stage, off: str, left: str) -> None:
    edge = await stage.raised(**{off: ""})
    stranger = await stage.stranger()

    async def challenge() -> str:
        (offered,) = refused(await stranger.call(edge.number(), edge.uri)).all("proxy-authenticate")
        return offered

    offered = await challenge()
    assert f"algorithm={left}" in offered
    answered(await signed_in(stranger, edge, offered))
    (other,) = set(ALGORITHMS) - {left}
    with_the_other = (await challenge()).replace(f"algorithm={left}", f"algorithm={other}")
    assert refused(await signed_in(stranger, edge, with_the_other)).code == 407


async def test_credentials_are_good_once(stage: Stage, edge: Edge) -> None:
    stranger = await stage.stranger()
    challenge = (await challenges(stranger, edge))["SHA-256"]
    words = {"proxy-authorization": credentials(challenge, USER, PASSWORD, "INVITE", edge.number())}
    answered(await stranger.call(edge.number(), edge.uri, words))
    assert refused(await stranger.call(edge.number(), edge.uri, words)).code == 407
    # The next count of the same nonce is a new sign-in.
    again = {"proxy-authorization": credentials(challenge, USER, PASSWORD, "INVITE", edge.number(), count=2)}
    answered(await stranger.call(edge.number(), edge.uri, again))


@pytest.mark.parametrize("kind", ["unsigned", "old", "somebody else's"])
async def test_a_nonce_that_is_not_ours_is_asked_for_again(stage: Stage, edge: Edge, kind: str) -> None:
    stranger = await stage.stranger()
    challenge = (await challenges(stranger, edge))["SHA-256"]
    moment, _, signature = challenge.split('nonce="')[1].split('"')[0].split("-")
    assert len(signature) == 64
    match kind:
        case "unsigned":
            forged = challenge.replace(f"-{signature}", "")
        case "old":
            forged = challenge.replace(moment, str(int(moment) - 3600))
        case _:
            stranger = await stage.party("127.0.0.67")
            forged = challenge
    refusal = refused(await signed_in(stranger, edge, forged))
    assert refusal.code == 407
    assert "stale=true" in refusal["proxy-authenticate"]


async def test_two_calls_of_one_address_sign_in_at_the_same_moment(stage: Stage, edge: Edge) -> None:
    stranger = await stage.stranger()
    asked = await asyncio.gather(*(challenges(stranger, edge) for _ in range(4)))
    for outcome in await asyncio.gather(*(signed_in(stranger, edge, one["SHA-256"]) for one in asked)):
        answered(outcome)


async def test_credentials_that_name_no_algorithm_mean_md5(stage: Stage, edge: Edge) -> None:
    stranger = await stage.stranger()
    challenge = (await challenges(stranger, edge))["MD5"].replace(", algorithm=MD5", "")
    words = credentials(challenge, USER, PASSWORD, "INVITE", edge.number()).replace("algorithm=MD5, ", "")
    assert "algorithm" not in words
    call = answered(await stranger.call(edge.number(), edge.uri, {"proxy-authorization": words}))
    # Such telephones also send them with what follows.
    assert (await stranger.ask(call.request("INFO", {"proxy-authorization": words}), call.first_hop)).code == 200
    (info,) = [message for gateway in stage.gateways for message in gateway.of("INFO")]
    assert info.get("proxy-authorization") is None


async def test_what_only_a_trunk_may_say_is_taken_from_whoever_signs_in(stage: Stage, edge: Edge) -> None:
    stranger, asserted = await stage.stranger(), "<sip:1004@bank.example>"
    challenge = (await challenges(stranger, edge))["SHA-256"]
    words = credentials(challenge, USER, PASSWORD, "INVITE", edge.number())
    answered(
        await stranger.call(
            edge.number(), edge.uri, {"proxy-authorization": words, "p-asserted-identity": asserted, "x-order": "7"}
        )
    )
    answered(await (await stage.trunk()).call(edge.number(), edge.uri, {"p-asserted-identity": asserted}))
    by_stranger, by_trunk = sorted(
        (invite for gateway in stage.gateways for invite in gateway.of("INVITE")),
        key=lambda invite: STRANGER not in invite["contact"],
    )
    assert (by_stranger.get("p-asserted-identity"), by_stranger["x-order"]) == (None, "7")
    assert by_trunk["p-asserted-identity"] == asserted


async def test_without_a_realm_only_listed_addresses_call(stage: Stage) -> None:
    edge = await stage.raised(EDGE_REALM="")
    assert refused(await (await stage.stranger()).call(edge.number(), edge.uri)).code == 403
    answered(await (await stage.trunk()).call(edge.number(), edge.uri))


async def test_a_scanner_gets_no_answer_and_is_not_heard_again(stage: Stage, edge: Edge) -> None:
    scanner = await stage.stranger()
    for method in ("OPTIONS", "INVITE", "REGISTER"):
        await silent(scanner, scanner.outside(method, edge.number("100"), {"user-agent": "friendly-scanner"}), edge)
    await silent(scanner, scanner.outside("INVITE", edge.number(), {"user-agent": "Telephone 1.0"}), edge)
    assert edge.edgectl("banned").split() == [STRANGER]
    counted = edge.control("tm.stats").stdout
    total, local = (counted.split(f"{name}: ")[1].split()[0] for name in ("total", "total_local"))
    assert total == local, "transactions were made for it"
    edge.edgectl("forgive", STRANGER)
    assert refused(await scanner.call(edge.number(), edge.uri)).code == 407


async def test_malformed_requests_of_strangers_get_no_answer(stage: Stage, edge: Edge) -> None:
    stranger, trunk = await stage.stranger(), await stage.trunk()
    wrong = {"content-type": "application/sdp", "cseq": "1 BYE"}
    await silent(stranger, stranger.outside("INVITE", edge.number(), wrong), edge)
    trunk.send(trunk.outside("INVITE", edge.number(), wrong), edge.uri)
    await until(
        lambda: any(m.is_response and m.code == 400 for m in trunk.received), 15, "the trunk hears what is wrong"
    )


async def test_guessing_passwords_ends_in_a_ban(stage: Stage) -> None:
    edge = await stage.raised(EDGE_SIGN_IN_FAILURES="3")
    guesser = await stage.stranger()
    for _ in range(2):
        challenge = (await challenges(guesser, edge))["MD5"]
        refused(await signed_in(guesser, edge, challenge, password=token()))
    challenge = (await challenges(guesser, edge))["MD5"]
    with pytest.raises(TimeoutError):
        words = credentials(challenge, USER, token(), "INVITE", edge.number())
        await guesser.call(edge.number(), edge.uri, {"proxy-authorization": words}, patience=1)
    assert edge.edgectl("banned").split() == [STRANGER]


async def test_a_flood_of_strangers_is_dropped_while_trunks_call(stage: Stage, edge: Edge) -> None:
    flooder, trunk = await stage.stranger(), await stage.trunk()
    for _ in range(400):
        flooder.send(flooder.outside("INVITE", edge.number()), edge.uri)
    call = answered(await trunk.call(edge.number(), edge.uri))
    await until(lambda: edge.edgectl("banned").split() == [STRANGER], 15, "the flooder is banned")
    await asyncio.sleep(0.3)
    assert len(flooder.received) <= 3 * 30, "three times the density, and not one answer more"
    await silent(flooder, flooder.outside("INVITE", edge.number()), edge)
    assert (await call.bye()).code == 200


async def test_a_trunk_is_held_to_its_rate_and_is_told_when_to_come_back(stage: Stage) -> None:
    edge = await stage.raised(EDGE_TRUNK_RATE="5")
    trunk = await stage.trunk()
    begun = time.monotonic()
    outcomes = await asyncio.gather(*(trunk.call(edge.number(), edge.uri) for _ in range(30)))
    seconds = int(time.monotonic() - begun) + 2
    turned_away = [outcome for outcome in outcomes if isinstance(outcome, Message)]
    assert {(refusal.code, refusal["retry-after"]) for refusal in turned_away} == {(503, "1")}
    assert 30 - 5 * seconds <= len(turned_away) <= 25, "thirty at once touch one second, or two, on a busy machine more"
    assert turned_away
    await asyncio.sleep(1.1)
    answered(await trunk.call(edge.number(), edge.uri))


async def test_a_number_that_is_not_ours_is_not_found(stage: Stage, edge: Edge) -> None:
    trunk = await stage.trunk()
    for number in ("15881111", "anybody", "1588"):
        assert refused(await trunk.call(edge.number(number), edge.uri)).code == 404
    assert not any(gateway.of("INVITE") for gateway in stage.gateways)


async def test_numbers_go_to_the_gateways_of_their_group(stage: Stage) -> None:
    edge = await stage.raised()
    first, second = stage.gateways
    lists = stage.folder / "lists"
    (lists / "dispatcher.list").write_text(f"1 {gateway_uri(first)} 0 0\n2 {gateway_uri(second)} 0 0\n")
    (lists / "numbers").write_text("prefix(string) gateways(string)\n1588:1\n15889:2\n")
    edge.edgectl("reload")
    trunk = await stage.trunk()
    for number in ("15880000", "15889000", "15889001"):
        answered(await trunk.call(edge.number(number), edge.uri))
    assert [len(first.of("INVITE")), len(second.of("INVITE"))] == [1, 2]


async def test_nobody_is_passed_on_to_third_parties(stage: Stage, edge: Edge) -> None:
    third, trunk, stranger = await stage.party("127.0.0.9"), await stage.trunk(), await stage.stranger()
    for party in (trunk, stranger):
        inside = {"to": f"<sip:x@{third.host}>;tag=1", "route": f"<{edge.uri};lr>"}
        party.send(party.outside("BYE", third.contact, inside), edge.uri)
        party.send(party.outside("INVITE", third.contact, {"route": f"<{edge.uri};lr>"}), edge.uri)
    await until(lambda: any(m.is_response and m.code == 403 for m in trunk.received), 15, "the trunk is told")
    await asyncio.sleep(0.2)
    assert third.received == []


async def test_gateways_call_out_to_trunks_and_nowhere_else(stage: Stage, edge: Edge) -> None:
    gateway, trunk, third = stage.gateways[0], await stage.trunk(), await stage.party("127.0.0.9")
    call = answered(await gateway.call(f"sip:0212345678@{trunk.host}:{trunk.port}", edge.uri))
    assert trunk.of("INVITE")[0]["record-route"]
    assert (await call.bye()).code == 200
    assert refused(await gateway.call(f"sip:19001234567@{third.host}:{third.port}", edge.uri)).code == 403
    assert third.received == []


async def test_requests_that_begin_nothing_here_are_named(stage: Stage, edge: Edge) -> None:
    trunk = await stage.trunk()
    answer = await trunk.ask(trunk.outside("REGISTER", edge.uri), edge.uri)
    assert answer.code == 405
    assert "INVITE" in answer["allow"]
    stranger = await stage.stranger()
    assert (await stranger.ask(stranger.outside("REGISTER", edge.uri), edge.uri)).code == 407
