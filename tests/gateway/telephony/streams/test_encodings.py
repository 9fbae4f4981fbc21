from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.streams.encodings import L16_BIG, L16_LITTLE, PCMA, PCMU, Encoding

ALL = pytest.mark.parametrize("encoding", [PCMU, PCMA, L16_LITTLE, L16_BIG], ids=lambda encoding: encoding.name)


@ALL
@given(st.binary(max_size=320))
def test_what_was_decoded_once_survives_the_way_there_and_back(encoding: Encoding, sound: bytes) -> None:
    heard = encoding.decode(sound[: len(sound) // 2 * 2])
    assert encoding.decode(encoding.encode(heard)) == heard


@pytest.mark.parametrize("encoding", [L16_LITTLE, L16_BIG], ids=lambda encoding: encoding.name)
def test_half_a_sample_of_a_peers_is_a_violation(encoding: Encoding) -> None:
    with pytest.raises(ProtocolViolation) as caught:
        encoding.decode(b"\x01\x02\x03")
    assert caught.value.violation is Violation.PARTIAL_SAMPLE


@ALL
def test_half_a_sample_of_ours_is_an_error(encoding: Encoding) -> None:
    with pytest.raises(ValueError, match=r"multiple|whole"):
        encoding.encode(b"\x01\x02\x03")


def test_the_order_of_bytes_is_as_named() -> None:
    assert L16_LITTLE.encode(b"\x01\x02") == b"\x01\x02"
    assert L16_BIG.encode(b"\x01\x02") == L16_BIG.decode(b"\x01\x02") == b"\x02\x01"
