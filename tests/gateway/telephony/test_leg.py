from __future__ import annotations

from gateway.telephony.leg import CallOffer, HangUpCause, HungUp, LegInfo


def test_a_leg_remembers_the_call_that_was_offered() -> None:
    info = LegInfo("MZ1", "CA1", "+821012345678", "+8215880000", protocol="twilio", rate=8000)
    assert info.offer == CallOffer("CA1", "+821012345678", "+8215880000", protocol="twilio")
    assert dict(info.parameters) == {}


def test_a_leg_that_ended_without_further_word_was_ended_by_the_far_end() -> None:
    assert HungUp("the carrier ended the stream").cause is HangUpCause.FAR_END
