"""Names and addresses as said, without their frame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.parsers.wording import LONGEST, read_wording
from tests.dialog.parsers.spoken_forms import UNHURRIED

NAMES = ["김민수", "박지영", "이서준", "최하늘"]
ADDRESSES = ["12 Main Street, Springfield", "5 Teheran-ro, Seoul", "flat 3, 7 Park Lane"]


@UNHURRIED
@given(
    st.sampled_from(NAMES),
    st.sampled_from(["{}", "제 이름은 {}입니다", "네 {}예요", "{}이라고 합니다", "성함은 {}이요"]),
)
def test_a_korean_name_comes_back_as_said(name: str, frame: str) -> None:
    text = frame.format(name)
    read = read_wording(text, "ko")
    assert read is not None
    assert read.value == name
    assert text[read.start : read.end] == name


@UNHURRIED
@given(
    st.sampled_from(ADDRESSES),
    st.sampled_from(["{}", "it's {} please", "My new address is {}", "send it to {} instead"]),
)
def test_an_english_address_comes_back_as_said(address: str, frame: str) -> None:
    text = frame.format(address)
    read = read_wording(text, "en")
    assert read is not None
    assert read.value == address
    assert text[read.start : read.end] == address


@pytest.mark.parametrize("text", ["", "...", "x" * (LONGEST + 1)])
def test_nothing_is_nothing_and_too_much_is_too_much(text: str) -> None:
    assert read_wording(text, "en") is None


def test_it_is_never_sure() -> None:
    read = read_wording("주소는 서울시 강남구 테헤란로 12로 바꿔 주세요", "ko")
    assert read is not None
    assert read.value == "서울시 강남구 테헤란로 12"
    assert read.confidence < 0.8
