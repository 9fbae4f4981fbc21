"""What can go wrong between the gateway and its SIP processes, by name."""

from __future__ import annotations

from gateway.telephony.errors import TelephonyError


class SipUnavailable(TelephonyError):
    """The SIP endpoint cannot be opened. The message says what to do about it."""

    code = "sip_unavailable"


class WireBroken(TelephonyError):
    """A SIP process said something that is no message. It is ended, and another one is started."""

    code = "sip_wire_broken"
