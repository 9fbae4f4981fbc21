from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.masking import masked, masked_caller, masked_email, masked_number, masked_text


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+821012345678", "+821*****5678"),
        ("010-1234-5678", "010-****-5678"),
        ("+1 (800) 555-0100", "+1 (80*) ***-0100"),
        ("02-123-4567", "02-1**-4567"),
        ("112", "*12"),
        ("12", "12"),
        ("", ""),
    ],
)
def test_a_number_keeps_its_shape_and_its_end(number: str, shown: str) -> None:
    assert masked_number(number) == shown


def test_an_address_keeps_its_first_letter_and_its_host() -> None:
    assert masked_email("minji.kim@shop.example") == "m***@shop.example"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("제 번호는 010-1234-5678이고요", "제 번호는 010-****-5678이고요"),
        ("01012345678로 전화 주세요.", "010****5678로 전화 주세요."),
        ("Call +82 10 1234 5678, please.", "Call +82 1* **** 5678, please."),
        ("It's 800-555-0100 or (800) 555-0100.", "It's 800-***-0100 or (800) ***-0100."),
        ("메일은 hong@naver.com입니다", "메일은 h***@naver.com입니다"),
    ],
)
def test_numbers_and_addresses_are_found_in_sentences_of_both_languages(text: str, shown: str) -> None:
    assert masked_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T01:00:00.123456+00:00",
        "3f2a9c0e-0123-4567-8901-0123456789ab",
        "0f6ae1b20123456789abcdef01234567",
        "주문 번호 20261122-0012는 39,000원입니다",
        "v1.0123456789",
        "at 09:30, order 1234567",
    ],
)
def test_times_ids_and_order_numbers_stay(text: str) -> None:
    assert masked_text(text) == text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("<sip:821012345678@pbx>;user=phone", "<sip:821*****5678@pbx>;user=phone"),
        ("sips:01012345678@10.0.0.1", "sips:0***@10.0.0.1"),
        ("tel:+82-10-1234-5678;ext=1", "tel:+82-1*-****-5678;ext=1"),
        ("<sip:front.desk@pbx>", "<sip:front.desk@pbx>"),
    ],
)
def test_numbers_in_addresses_of_calls_are_found(address: str, shown: str) -> None:
    assert masked_text(address) == shown


@pytest.mark.parametrize(
    ("caller", "shown"),
    [("821012345678", "821*****5678"), ("15550100199", "155****0199"), ("7042", "**42"), ("alice", "alice"), ("", "")],
)
def test_who_calls_is_masked_whatever_shape_a_carrier_gives_it(caller: str, shown: str) -> None:
    assert masked_caller(caller) == shown
    assert masked({"caller": caller, "ani": caller, "order": "15550100199"}) == {
        "caller": shown,
        "ani": shown,
        "order": "15550100199",
    }


def test_plain_data_is_masked_all_the_way_down_and_keys_are_kept() -> None:
    data = {"caller": "+821012345678", "turns": [{"text": "010-1234-5678", "seq": 3}], "at": None, "ok": True}
    assert masked(data) == {
        "caller": "+821*****5678",
        "turns": [{"text": "010-****-5678", "seq": 3}],
        "at": None,
        "ok": True,
    }


@given(st.from_regex(r"\+82 ?10[ -]?\d{4}[ -]?\d{4}", fullmatch=True), st.sampled_from(["", "이에요", " please", "."]))
def test_no_number_gets_through_however_it_is_written(number: str, behind: str) -> None:
    assert number not in masked_text(f"번호 {number}{behind}")
