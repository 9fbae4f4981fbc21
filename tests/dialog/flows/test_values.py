"""What callers say, as values of slots of every kind; and that nothing else may be claimed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dialog.flows.slot import Option, Slot, SlotKind
from dialog.flows.values import hear, hear_instead, keyed, may_be, number, option_names

SUNDAY = date(2026, 11, 22)
REASON = Slot(
    "reason",
    SlotKind.CHOICE,
    options=(
        Option("changed_mind", {"ko": ("단순 변심", "마음이 바뀌"), "en": ("changed my mind", "don't want it")}),
        Option("damaged", {"ko": ("파손", "깨졌"), "en": ("damaged", "broken")}),
    ),
)


def slot(kind: SlotKind, **more: int) -> Slot:
    return Slot("it", kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "text", "code", "value"),
    [
        (slot(SlotKind.DIGITS, length=8), "이공이육 일일팔칠이요", "ko", "20261187"),
        (slot(SlotKind.PHONE), "공일공 일이삼사 오육칠팔", "ko", "01012345678"),
        (slot(SlotKind.MONEY), "삼만 오천 원이요", "ko", "35000"),
        (slot(SlotKind.MONEY), "thirty five thousand won", "en", "35000"),
        (slot(SlotKind.DATE), "다음 주 화요일", "ko", "2026-11-24"),
        (slot(SlotKind.TIME), "at half past three in the afternoon", "en", "15:30"),
        (slot(SlotKind.DATE_TIME), "다음 주 화요일 오후 세 시", "ko", "2026-11-24T15:00"),
        (slot(SlotKind.DATE_TIME), "tomorrow", "en", "2026-11-23"),
        (slot(SlotKind.COUNT), "두 명이요", "ko", "2"),
        (REASON, "단순 변심이에요", "ko", "changed_mind"),
        (REASON, "it came broken", "en", "damaged"),
        (REASON, "두 번째요", "ko", "damaged"),
        (slot(SlotKind.YES_NO), "네 맞아요", "ko", "yes"),
        (slot(SlotKind.YES_NO), "no thanks", "en", "no"),
        (slot(SlotKind.TEXT), "주소는 서울시 마포구 월드컵로 3이요", "ko", "서울시 마포구 월드컵로 3"),
    ],
)
def test_what_was_asked_for_is_heard(asked: Slot, text: str, code: str, value: str) -> None:
    heard = hear(asked, text, code, SUNDAY)
    assert heard is not None
    assert heard.value == value
    assert 0 <= heard.start < heard.end <= len(text)
    assert may_be(asked, value, text, code, SUNDAY, None)


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (SlotKind.COUNT, "two", "en"),
        (SlotKind.TEXT, "서울시 마포구", "ko"),
        (SlotKind.YES_NO, "yes", "en"),
        (SlotKind.MONEY, "삼만 오천이요", "ko"),
    ],
)
def test_what_could_be_anything_is_heard_only_where_it_was_asked_for(kind: SlotKind, text: str, code: str) -> None:
    assert hear(slot(kind), text, code, SUNDAY) is not None
    assert hear(slot(kind), text, code, SUNDAY, asked=False) is None


@pytest.mark.parametrize(
    ("kind", "standing", "text", "code", "value"),
    [
        (SlotKind.DATE, "2027-03-05", "아니 3월이 아니라 5월이요", "ko", "2027-05-05"),
        (SlotKind.DATE, "2027-03-05", "no, may not march", "en", "2027-05-05"),
        (SlotKind.TIME, "15:00", "세 시 말고 네 시요", "ko", "16:00"),
        (SlotKind.DATE_TIME, "2026-11-24T15:00", "아니 수요일이요", "ko", "2026-11-25"),
        (SlotKind.COUNT, "2", "actually make that three", "en", "3"),
        (SlotKind.TEXT, "서울시 강남구 테헤란로 12", "강남구가 아니라 서초구요", "ko", "서울시 서초구 테헤란로 12"),
    ],
)
def test_corrections_replace_what_stands_or_a_part_of_it(
    kind: SlotKind, standing: str, text: str, code: str, value: str
) -> None:
    heard = hear_instead(slot(kind), text, code, SUNDAY, standing)
    assert heard is not None
    assert (heard.value, heard.corrected) == (value, True)
    assert may_be(slot(kind), value, text, code, SUNDAY, standing)


def test_a_correction_of_something_else_is_not_ours() -> None:
    assert hear_instead(slot(SlotKind.DATE), "no, may not march", "en", SUNDAY, "2027-04-05") is None
    assert hear_instead(slot(SlotKind.DATE), "네 맞아요", "ko", SUNDAY, "2027-04-05") is None
    assert hear_instead(slot(SlotKind.TEXT), "no, the other one", "en", SUNDAY, "12 Main Street") is None


def test_what_was_not_said_may_not_be_claimed() -> None:
    assert not may_be(slot(SlotKind.DATE), "2026-12-24", "다음 주 화요일", "ko", SUNDAY, None)
    assert not may_be(slot(SlotKind.MONEY), "350000", "삼만 오천 원", "ko", SUNDAY, None)


@pytest.mark.parametrize(
    ("asked", "digits", "value"),
    [
        (slot(SlotKind.DIGITS, length=4), "4711", "4711"),
        (slot(SlotKind.COUNT), "03", "3"),
        (slot(SlotKind.MONEY), "35000", "35000"),
        (REASON, "2", "damaged"),
        (REASON, "3", None),
        (slot(SlotKind.YES_NO), "1", "yes"),
        (slot(SlotKind.YES_NO), "5", None),
        (slot(SlotKind.DATE), "1224", "2026-12-24"),
        (slot(SlotKind.DATE), "0105", "2027-01-05"),
        (slot(SlotKind.DATE), "1332", None),
        (slot(SlotKind.TIME), "1530", "15:30"),
        (slot(SlotKind.TIME), "2561", None),
        (slot(SlotKind.DATE_TIME), "11241500", "2026-11-24T15:00"),
        (slot(SlotKind.TEXT), "1", None),
    ],
)
def test_every_kind_that_has_digits_can_be_keyed(asked: Slot, digits: str, value: str | None) -> None:
    assert keyed(asked, digits, SUNDAY) == value


def test_numbers_have_one_form() -> None:
    assert [number(Decimal(text)) for text in ("35000", "35000.00", "35.50", "1E+3")] == [
        "35000",
        "35000",
        "35.5",
        "1000",
    ]


def test_options_are_named_by_their_first_words() -> None:
    assert option_names(REASON, "ko") == ("단순 변심", "파손")
    assert option_names(REASON, "fr") == ("changed_mind", "damaged")
