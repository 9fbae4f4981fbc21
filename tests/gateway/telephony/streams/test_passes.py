from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.streams.passes import GOOD_FOR, Passes

PASSES = Passes(b"open sesame")
NOW = 1_800_000_000.5


def test_a_pass_is_good_for_its_call_while_it_lasts() -> None:
    given_out = PASSES.give("telnyx", "v3:abc", NOW)
    assert PASSES.holds(given_out, "telnyx", "v3:abc", NOW)
    assert PASSES.holds(given_out, "telnyx", "v3:abc", NOW + GOOD_FOR - 1)
    assert not PASSES.holds(given_out, "telnyx", "v3:abc", NOW + GOOD_FOR + 1)


@pytest.mark.parametrize(("carrier", "call"), [("plivo", "v3:abc"), ("telnyx", "v3:abd"), ("telnyx", "")])
def test_it_is_no_good_for_another_call_or_carrier(carrier: str, call: str) -> None:
    assert not PASSES.holds(PASSES.give("telnyx", "v3:abc", NOW), carrier, call, NOW)


def test_another_key_makes_other_passes() -> None:
    assert not Passes(b"other").holds(PASSES.give("telnyx", "v3:abc", NOW), "telnyx", "v3:abc", NOW)


def test_its_end_cannot_be_moved() -> None:
    given_out = PASSES.give("telnyx", "v3:abc", NOW)
    later = PASSES.give("telnyx", "v3:abc", NOW + 3600)
    assert not PASSES.holds(later[:10] + given_out[10:], "telnyx", "v3:abc", NOW)


@given(st.text())
def test_nothing_else_is_a_pass(shown: str) -> None:
    assert not PASSES.holds(shown, "telnyx", "v3:abc", NOW)


def test_a_pass_is_made_of_digits_that_every_carrier_passes_on() -> None:
    given_out = PASSES.give("plivo", "한빛\ud800", NOW)
    assert given_out.isascii()
    assert given_out.isalnum()
