from __future__ import annotations

from gateway.analytics.vcon.errors import CallGoesOn, SignatureImpossible


def test_codes_are_stable() -> None:
    assert (CallGoesOn.code, SignatureImpossible.code) == ("call_goes_on", "vcon_signature_impossible")
