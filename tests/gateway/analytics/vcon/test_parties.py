from __future__ import annotations

from dataclasses import replace

from gateway.analytics.vcon.parties import BOT, CUSTOMER, Cast
from tests.gateway.analytics.vcon.profile import ISSUER, record

OPEN = replace(ISSUER, numbers=True)


def test_customer_and_bot_are_there_from_the_beginning() -> None:
    cast = Cast(record(), ISSUER)
    assert cast.parties[CUSTOMER] == {"name": "anonymous", "type": "person", "role": "customer"}
    assert cast.parties[BOT]["type"] == "bot"
    assert cast.parties[BOT]["tel"] == "tel:+827080001000"


def test_of_a_call_of_ours_the_customer_is_who_was_called() -> None:
    called = record(direction="outbound", caller="+827080001000", called="+821099998888")
    assert Cast(called, OPEN).parties[CUSTOMER]["tel"] == "tel:+821099998888"


def test_a_number_that_is_not_whole_is_no_address() -> None:
    assert "tel" not in Cast(record(caller="1004"), OPEN).parties[CUSTOMER]


def test_somebody_has_one_place_however_often_they_come() -> None:
    cast = Cast(record(), ISSUER)
    assert [cast.person("u1", name="김민지"), cast.target("u1"), cast.person("u1")] == [2, 3, 2]
    assert [party["name"] for party in cast.parties[2:]] == ["김민지", "u1"]
    assert cast.ours == [BOT, 2]


def test_a_proof_of_identity_is_told() -> None:
    cast = Cast(record(), ISSUER)
    cast.validated("order_and_name")
    assert cast.parties[CUSTOMER]["validation"] == "order_and_name"
