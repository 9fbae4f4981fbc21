"""Only a trunk's own domain is ever called, and what comes of it has a name."""

from __future__ import annotations

import pytest

from gateway.telephony.sip.routes import Route, call_headers, confirms, failure, route, status_of
from gateway.telephony.sip.settings import SipSettings, SipTrunk
from gateway.telephony.trunk import Failure

SETTINGS = SipSettings(
    udp="127.0.0.1:5060",
    trunks={
        "carrier": SipTrunk(domain="carrier.example"),
        "pbx": SipTrunk(domain="PBX.example:5070", refer_confirms=True),
    },
)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("sip:queue-h42@pbx.example", Route("pbx", "sip:queue-h42@pbx.example", "queue-h42")),
        ("sip:+8221588@carrier.example", Route("carrier", "sip:+8221588@carrier.example", "+8221588")),
        ("tel:+8221588", Route("carrier", "sip:+8221588@carrier.example;user=phone", "+8221588")),
    ],
)
def test_a_target_goes_by_the_trunk_of_its_domain(target: str, expected: Route) -> None:
    assert route(SETTINGS, target) == expected


@pytest.mark.parametrize(
    "target",
    [
        "sip:x@elsewhere.example",
        "sip:x@pbx.example.evil.example",
        "sip:pbx.example",
        "sips:x@pbx.example",
        "sip:x@pbx.example\r\nX: y",
        "sip:x@pbx.example> <sip:y@evil",
        "1588",
        "",
    ],
)
def test_nothing_else_is_called(target: str) -> None:
    assert route(SETTINGS, target) is None


def test_without_trunks_nothing_is_called() -> None:
    assert route(SipSettings(udp="127.0.0.1:5060"), "tel:+82") is None


def test_whether_a_refer_confirms_is_the_trunks_own_then_the_settings() -> None:
    assert confirms(SETTINGS, "pbx.example")
    assert not confirms(SETTINGS, "carrier.example")
    assert confirms(SETTINGS.model_copy(update={"refer_confirms": True}), "nowhere.example")


def test_the_hand_off_travels_unless_the_order_says_otherwise() -> None:
    assert call_headers({"X-Queue": "vip"}, "h42") == {"User-to-User": "683432;encoding=hex", "X-Queue": "vip"}
    assert call_headers({"user-to-user": "00"}, "h42") == {"user-to-user": "00"}
    assert call_headers({}, "") == {}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (486, Failure.BUSY),
        (600, Failure.BUSY),
        (408, Failure.NO_ANSWER),
        (480, Failure.NO_ANSWER),
        (603, Failure.DECLINED),
        (404, Failure.UNREACHABLE),
        (302, Failure.UNREACHABLE),
        (503, Failure.UNREACHABLE),
        (None, Failure.UNREACHABLE),
    ],
)
def test_each_status_has_a_meaning(status: int | None, expected: Failure) -> None:
    assert failure(status) is expected


def test_a_status_is_read_from_the_stacks_words() -> None:
    assert status_of("486 Busy Here") == 486
    assert status_of("Connection timed out [110]") is None
    assert status_of("") is None
