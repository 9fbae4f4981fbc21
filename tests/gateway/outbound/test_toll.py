"""Toll fraud: what may be called, as what it would cost and not as it is written."""

from __future__ import annotations

import pytest

from gateway.outbound.toll import Allowed, Denied, Usage, decide, reachable
from gateway.session.destination import read_destination
from gateway.session.targets import Toll
from gateway.session.tenant import Outbound

PREFIXES = ("+82", "+1415", "sip:*@pbx.example", "sip:*@edge.example:5080")
KOREA = Outbound(country_code="82", trunk_prefix="0", toll=Toll(prefixes=PREFIXES))


def allowed(address: str, outbound: Outbound | None = KOREA) -> bool:
    return reachable(read_destination(address), outbound) is None


@pytest.mark.parametrize(
    "address",
    [
        "tel:+827012345678",
        "tel:+14155550100",
        "sip:+827012345678@anywhere.example",
        "sip:07012345678@pbx.example",
        "sip:00827012345678@pbx.example",
        "sip:827012345678@pbx.example",
        "sip:queue-42@pbx.example",
        "sip:7001@pbx.example",
        "sip:support@edge.example:5080",
    ],
)
def test_what_the_prefixes_cover_may_be_called(address: str) -> None:
    assert allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        "tel:+442071234567",
        "tel:+18005550100",
        "sip:+442071234567@pbx.example",
        "sip:00442071234567@pbx.example",
        "sip:442071234567@pbx.example",
        "sip:0044-20-7123-4567@pbx.example",
        "sip:+44.207.123.4567@pbx.example",
        "tel:+82601234567",
        "sip:0601234567@pbx.example",
        "sip:0082601234567@pbx.example",
        "sip:060-123-4567@pbx.example",
        "sip:*6700442071234567@pbx.example",
        "sip:900442071234567@pbx.example",
        "sip:*72@pbx.example",
        "sip:0@pbx.example",
        "sip:support@evil.example",
        "sip:support@pbx.example.evil.example",
        "sip:support@sub.pbx.example",
        "sips:support@pbx.example",
        "sip:support@edge.example",
        "sip:support@edge.example:5090",
    ],
)
def test_what_they_do_not_cover_may_not_however_it_is_written(address: str) -> None:
    assert not allowed(address)


def test_a_dear_range_is_only_allowed_by_a_prefix_that_lies_in_it() -> None:
    within = Outbound(country_code="82", toll=Toll(prefixes=("+82", "+8260", "+979123")))
    assert allowed("tel:+82601234567", within)
    assert allowed("tel:+979123456789", within)
    assert not allowed("tel:+979999456789", within)
    assert not allowed("tel:+88212345678", Outbound(toll=Toll(prefixes=("+88",))))


def test_without_rules_nothing_is_ever_called() -> None:
    for outbound in (None, Outbound(country_code="82")):
        assert not allowed("tel:+827012345678", outbound)
        assert not allowed("sip:support@pbx.example", outbound)


def test_national_numbers_of_a_tenant_without_a_country_are_nobodys() -> None:
    assert not allowed("sip:07012345678@pbx.example", Outbound(toll=Toll(prefixes=PREFIXES)))


def test_a_call_fits_in_or_does_not_and_lasts_no_longer_than_the_day_allows() -> None:
    toll = Toll(prefixes=("+82",), at_once=2, minutes_per_day=100, longest_minutes=60)
    assert decide(toll, Usage(0, 0)) == Allowed(3600)
    assert decide(toll, Usage(1, 80 * 60)) == Allowed(20 * 60)
    assert isinstance(decide(toll, Usage(2, 0)), Denied)
    assert isinstance(decide(toll, Usage(0, 99.5 * 60)), Denied)
