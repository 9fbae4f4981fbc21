from __future__ import annotations

import pytest

from gateway.telephony.errors import ProtocolViolation, Violation, close_reason


def test_close_reasons_fit_into_a_close_frame_without_cutting_a_character() -> None:
    assert close_reason("media before start") == "media before start"
    cut = close_reason("가" * 60)
    assert len(cut.encode()) <= 123
    assert cut == "가" * 41
    assert close_reason("\ud800") == "?"


@pytest.mark.parametrize("violation", list(Violation))
def test_every_violation_has_a_close_code_that_an_endpoint_may_send(violation: Violation) -> None:
    assert violation.close_code in {1002, 1003, 1007, 1008, 1009}


def test_the_names_of_violations_are_different_so_that_metrics_tell_them_apart() -> None:
    assert len({violation.label for violation in Violation}) == len(list(Violation))


def test_a_violation_tells_the_peer_what_was_wrong_and_the_log_which_kind() -> None:
    violation = ProtocolViolation(Violation.WRONG_STREAM, "streamSid is not the one that was started")
    assert (violation.close_code, violation.reason) == (1002, "streamSid is not the one that was started")
    assert str(violation) == "wrong_stream: streamSid is not the one that was started"
