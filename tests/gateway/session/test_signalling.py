"""What the network says of a call is kept as it was sent, beside what can be made of it."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.session.records import LARGEST_PAYLOAD, encode
from gateway.session.signalling import HIDDEN, Signalled, caller_of, signalled
from gateway.telephony.leg import LegInfo
from infra.phone_numbers import NumberingPlan

KOREA = NumberingPlan("82")


def leg(ani: str = "010-1234-5678", **headers: str) -> LegInfo:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return LegInfo("leg", "sid", ani, "15881234", "sip", 8000, headers=MappingProxyType(named))


def said(ani: str = "010-1234-5678", **headers: str) -> Signalled:
    return signalled(leg(ani, **headers), KOREA)


def test_a_callers_number_has_one_form_and_what_was_sent_is_kept() -> None:
    assert (said().ani, said().caller, said().dnis) == ("010-1234-5678", "+821012345678", "15881234")
    assert said("anonymous").caller is None
    assert said().headers == {}


@pytest.mark.parametrize(
    ("ani", "found"),
    [
        ("01012345678", "+821012345678"),
        ("+1 555 010 0199", "+15550100199"),
        ("alice", "alice"),
        ("", None),
        ("\0", None),
    ],
)
def test_a_call_is_found_by_the_international_number_where_it_has_one(ani: str, found: str | None) -> None:
    assert caller_of(leg(ani), KOREA) == found


@pytest.mark.parametrize(
    ("header", "asserted"),
    [
        ('"Kim" <sip:01012345678@carrier.example;user=phone>', "+821012345678"),
        ("<tel:+82-10-1234-5678>", "+821012345678"),
        ("<sip:front.desk@hotel.example>", "front.desk"),
        ("<sip:anonymous@anonymous.invalid>", None),
        ("nonsense", None),
    ],
)
def test_whom_the_network_vouches_for_is_known_by_number_or_name(header: str, asserted: str | None) -> None:
    assert said(p_asserted_identity=header).asserted == asserted
    assert said(p_asserted_identity=header).headers["p-asserted-identity"] == header


@pytest.mark.parametrize("wish", ["id", "header;id", "user; critical", "ID"])
def test_who_does_not_want_to_be_shown_is_not_but_the_record_has_it(wish: str) -> None:
    hidden = said(p_asserted_identity="<sip:01012345678@carrier.example>", privacy=wish)
    assert hidden.asserted is None
    assert "p-asserted-identity" in hidden.headers
    assert said(p_asserted_identity="<tel:+821012345678>", privacy="none").asserted is not None


def test_whom_they_had_dialled_is_known_with_the_reason() -> None:
    sent = said(diversion="<sip:0215881588@carrier.example>;reason=no-answer;counter=1")
    assert (sent.diverted_from, sent.diverted_why) == ("+82215881588", "no-answer")
    assert said(diversion="<sip:02-1588-1588@c.example>").diverted_why == ""


@pytest.mark.parametrize("name", ["authorization", "proxy-authorization", "x-api-key", "x-session-token", "cookie"])
def test_credentials_are_nobodys_business(name: str) -> None:
    kept = signalled(LegInfo("l", "s", "", "", "sip", 8000, headers={name: "Digest abc", "x-queue": "vip"}), KOREA)
    assert kept.headers == {name: HIDDEN, "x-queue": "vip"}
    assert kept.left_out == 0


def test_what_is_too_much_is_left_out_and_counted() -> None:
    many = {f"x-{number}": "한" * 1024 for number in range(32)}
    kept = signalled(LegInfo("l", "s", "", "", "sip", 8000, headers=many), KOREA)
    assert 0 < len(kept.headers) < 32
    assert len(kept.headers) + kept.left_out == 32
    assert len(encode({"headers": kept.headers})) < LARGEST_PAYLOAD / 2


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=30), st.text(max_size=200), max_size=5))
def test_whatever_strangers_send_can_be_written_down(ani: str, headers: dict[str, str]) -> None:
    kept = signalled(LegInfo("l", "s", ani + "\ud800", "", "sip", 8000, headers=headers), KOREA)
    assert encode({"ani": kept.ani, "asserted": kept.asserted, "headers": kept.headers})
