from __future__ import annotations

from typing import Any

import pytest

from gateway.telephony.leg import LegInfo
from gateway.telephony.settings import TelephonySettings
from gateway.telephony.streams.carriers import open_carriers, prefix, socket_url
from gateway.telephony.streams.dialects import DIALECTS
from gateway.telephony.streams.settings import CarrierSettings
from tests.gateway.telephony.streams.carriers_open import SETTINGS, TELEPHONY, carriers

INFO = LegInfo("MZ1", "CA1", "+821012345678", "+82215880000", protocol="twilio", rate=8000)


def test_only_the_first_carriers_door_is_open_without_a_key() -> None:
    [only] = open_carriers(TelephonySettings(), CarrierSettings())
    assert (only.dialect.name, only.signer, only.passes) == ("twilio", None, None)


def test_every_carrier_with_a_key_is_open_under_its_own_path() -> None:
    found = carriers()
    assert set(found) == set(DIALECTS)
    for name, carrier in found.items():
        assert (carrier.prefix, carrier.media_path) == (f"/telephony/{name}", f"/telephony/{name}/media")
        assert prefix(carrier.dialect) == carrier.prefix
        assert carrier.signer is not None


def test_a_carrier_that_does_not_sign_its_sockets_gives_passes_and_all_nodes_know_them() -> None:
    here, there = carriers(), carriers()
    assert {name for name, carrier in here.items() if carrier.passes is not None} == {"signalwire", "telnyx", "plivo"}
    for name in ("signalwire", "telnyx", "plivo"):
        given, knowing = here[name].passes, there[name].passes
        assert given is not None
        assert knowing is not None
        assert knowing.holds(given.give(name, "call", 1e9), name, "call", 1e9)


def test_calls_are_moved_where_the_account_and_our_own_address_are_known() -> None:
    assert {name for name, carrier in carriers().items() if carrier.transferor(INFO) is not None} == {
        "twilio",
        "signalwire",
        "telnyx",
        "plivo",
    }
    nowhere = TELEPHONY.model_copy(update={"public_url": None})
    assert all(carrier.transferor(INFO) is None for carrier in carriers(nowhere).values())


@pytest.mark.parametrize(
    ("carrier", "lacks"),
    [("signalwire", {"signalwire_project": ""}), ("telnyx", {"telnyx_account": ""}), ("plivo", {"plivo_auth_id": ""})],
)
def test_without_an_account_a_call_is_answered_and_cannot_be_moved(carrier: str, lacks: dict[str, Any]) -> None:
    assert carriers(settings=SETTINGS.model_copy(update=lacks))[carrier].transferor(INFO) is None


def test_numbers_without_a_plus_get_it() -> None:
    plivo, twilio = carriers()["plivo"], carriers()["twilio"]
    assert plivo.number("821012345678") == "+821012345678"
    assert plivo.number("114") == "114"
    assert plivo.number("sip:a@b") == "sip:a@b"
    assert twilio.number("15880000") == "15880000"
    assert len(twilio.number("1" * 1000)) == 256


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://voice.example.com", "wss://voice.example.com/media"),
        ("http://127.0.0.1:8080/aicc/", "ws://127.0.0.1:8080/aicc/media"),
        ("ws://host", "ws://host/media"),
    ],
)
def test_the_media_socket_is_at_the_same_address_with_the_sockets_scheme(base: str, url: str) -> None:
    assert socket_url(base, "/media") == url
