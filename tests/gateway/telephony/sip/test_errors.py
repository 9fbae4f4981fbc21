"""What goes wrong has a stable name."""

from __future__ import annotations

from gateway.telephony.errors import TelephonyError
from gateway.telephony.sip.errors import SipUnavailable, WireBroken


def test_the_names_are_stable_and_of_the_telephones_side() -> None:
    assert (SipUnavailable.code, WireBroken.code) == ("sip_unavailable", "sip_wire_broken")
    assert issubclass(SipUnavailable, TelephonyError)
    assert issubclass(WireBroken, TelephonyError)
