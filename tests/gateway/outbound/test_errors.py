"""Errors of the calls of our own have codes, and an opted-out number is a refusal."""

from __future__ import annotations

from gateway.outbound.errors import DueCallRefused, NumberOptedOut, OutboundError
from infra.errors import AiccError


def test_each_has_a_code_of_its_own() -> None:
    codes = {error.code for error in (OutboundError, DueCallRefused, NumberOptedOut)}
    assert codes == {"outbound_error", "due_call_refused", "number_opted_out"}
    assert issubclass(NumberOptedOut, DueCallRefused) and issubclass(OutboundError, AiccError)
