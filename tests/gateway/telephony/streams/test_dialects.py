from __future__ import annotations

import pytest

from gateway.telephony.streams.dialects import DIALECTS, TELNYX, TWILIO, Dialect
from gateway.telephony.streams.encodings import PCMA, PCMU

ALL = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS.keys())


def test_the_family_is_whole() -> None:
    assert set(DIALECTS) == {"twilio", "signalwire", "telnyx", "plivo", "exotel"}


@ALL
def test_every_dialect_is_spoken_at_the_rate_of_the_telephone(dialect: Dialect) -> None:
    assert 8000 in dialect.rates
    assert dialect.encoding == dialect.encoding.lower()
    assert dialect.heard is dialect.encodings[dialect.encoding]


@ALL
def test_a_carrier_that_forgets_marks_is_known_by_it(dialect: Dialect) -> None:
    assert not (dialect.events.cleared and dialect.marks_survive_clear)


def test_a_carrier_may_hear_us_otherwise_than_we_hear_it() -> None:
    assert TELNYX.sent(PCMA) is PCMU
    assert TWILIO.sent(PCMU) is PCMU
