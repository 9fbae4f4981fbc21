from __future__ import annotations

from gateway.analytics.vcon.parties import BOT, CUSTOMER, Cast
from tests.gateway.analytics.vcon.profile import ISSUER, record


def test_customer_and_bot_are_there_from_the_beginning() -> None:
    cast = Cast(record(), ISSUER)
    assert cast.parties[CUSTOMER] == {"name": "anonymous", "type": "person", "role": "customer"}
    assert cast.parties[BOT]["type"] == "bot"
    assert cast.parties[BOT]["tel"] == "tel:+827080001000"


def test_of_a_call_of_ours_the_number_that_is_told_is_ours() -> None:
    called = record(direction="outbound", caller="+827080001000", called="+821099998888")
    cast = Cast(called, ISSUER)
    assert cast.parties[BOT]["tel"] == "tel:+827080001000"
    assert "tel" not in cast.parties[CUSTOMER]


def test_a_number_that_is_not_whole_is_no_address() -> None:
    assert "tel" not in Cast(record(called="1004"), ISSUER).parties[BOT]


def test_somebody_has_one_place_however_often_they_come() -> None:
    cast = Cast(record(), ISSUER)
    assert [cast.person("u1", name="김민지"), cast.target("u1"), cast.person("u1")] == [2, 3, 2]
    assert [party["name"] for party in cast.parties[2:]] == ["김민지", "u1"]
    assert cast.ours == [BOT, 2]


def test_a_proof_of_identity_is_told() -> None:
    cast = Cast(record(), ISSUER)
    cast.validated("order_and_name")
    assert cast.parties[CUSTOMER]["validation"] == "order_and_name"
