"""The detector as a whole: what overlaps, and what is hidden."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialog.privacy.detector import Found, find, redact, redact_any, without
from dialog.privacy.kinds import PersonalKind


def test_several_in_one_text_are_hidden_each() -> None:
    text = "900101-1234567이고요 010-1234-5678이고요 이사를 가요"
    assert redact(text, "ko") == "[registration]이고요 [phone]이고요 이사를 가요"


def test_the_surer_of_two_stays() -> None:
    assert find("카드번호 4111 1111 1111 1111", "ko") == (Found(5, 24, PersonalKind.CARD),)


def test_what_was_asked_for_is_known_to_be_that() -> None:
    assert find("4111 11", "en") == ()
    assert find("4111 1111", "en", asked=PersonalKind.CARD) == (Found(0, 9, PersonalKind.CARD),)


@given(st.text(alphabet="0123456789 -공일이삼사오육칠팔구에요고십백천 onetwothreefourdouble@.", max_size=60))
def test_finds_are_in_order_apart_and_within_the_text(text: str) -> None:
    found = find(text, "ko")
    edges = [edge for one in found for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert all(0 <= one.start < one.end <= len(text) for one in found)


_HEX = st.text(alphabet="0123456789abcdef", min_size=12, max_size=64).filter(lambda value: not value.isdecimal())


@given(st.one_of(_HEX, st.uuids().map(str)), st.sampled_from(["{}", "user {} left", "[{}]", "call {}", "카드 {} 조회"]))
def test_what_programs_identify_things_by_is_nobodys_number(identifier: str, around: str) -> None:
    text = around.format(identifier)
    assert redact_any(text) == text
    assert find(text, "ko") == find(text, "en") == ()


def test_what_is_searched_for_goes_without_it() -> None:
    assert without("제 번호 010-2345-6789인데 배송 언제 와요", "ko") == "제 번호 인데 배송 언제 와요"
    assert without("how long is delivery", "en") == "how long is delivery"
    assert without("[name] wants  a refund to [account]", "en") == "wants a refund to"
    assert without("two  spaces", "en") == "two  spaces"


def test_a_long_text_is_searched_to_its_end() -> None:
    filling = "how long does it take " * 70
    text = f"{filling}call 650-253-0000 {filling}card 4111 1111 1111 1111"
    assert [text[one.start : one.end] for one in find(text, "en")] == ["650-253-0000", "4111 1111 1111 1111"]
    for shift in range(0, 1600, 97):
        text = "a " * (shift // 2) + "my card is 4111 1111 1111 1111 and " + "so on " * 300
        assert [text[one.start : one.end] for one in find(text, "en")] == ["4111 1111 1111 1111"]
