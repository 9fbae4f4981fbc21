"""Which slots a turn gives values for."""

from __future__ import annotations

from datetime import date

from dialog.command import CorrectSlot, SetSlot
from dialog.flows.slot import Slot, SlotKind
from dialog.flows.slot_reading import values_along, values_for_flow
from dialog.turn import CallerTurn, HeardWord
from dialog.understanding.understander import Listening

SUNDAY = date(2026, 11, 22)
NUMBER = Slot("number", SlotKind.DIGITS, 8)
VISIT = Slot("visit", SlotKind.DATE_TIME)
PEOPLE = Slot("people", SlotKind.COUNT)
NAME = Slot("name", SlotKind.TEXT)
SLOTS = (NUMBER, VISIT, PEOPLE, NAME)


def listening(slot: Slot | None, *, proposed: bool = False, **standing: str) -> Listening:
    return Listening(
        flow="it", slot=slot, slots=SLOTS, standing=standing, proposed=proposed, yes_no=proposed, today=SUNDAY
    )


def given(text: str, code: str, waiting: Listening, **more: object) -> dict[str, str]:
    turn = CallerTurn(1, text, code, **more)  # type: ignore[arg-type]
    return {command.slot: command.value for command in values_for_flow(turn, waiting)}


def test_what_was_asked_for_and_what_comes_along() -> None:
    said = given("다음 주 화요일 오후 세 시에 두 명이요", "ko", listening(VISIT))
    assert said == {"visit": "2026-11-24T15:00", "people": "2"}
    assert given("four of us next tuesday at three pm", "en", listening(PEOPLE)) == {
        "people": "4",
        "visit": "2026-11-24T15:00",
    }


def test_each_word_counts_once() -> None:
    assert given("이공이육 일일팔칠", "ko", listening(NUMBER)) == {"number": "20261187"}


def test_a_name_is_heard_only_where_it_was_asked_for() -> None:
    assert given("제 이름은 김민수입니다", "ko", listening(NAME)) == {"name": "김민수"}
    assert given("제 이름은 김민수입니다", "ko", listening(VISIT)) == {}


def test_a_correction_finds_its_slot() -> None:
    waiting = listening(PEOPLE, visit="2026-11-24T15:00")
    turn = CallerTurn(1, "아니 세 시가 아니라 네 시요", "ko")
    (command,) = values_for_flow(turn, waiting)
    assert isinstance(command, CorrectSlot)
    assert (command.slot, command.value) == ("visit", "T16:00")
    assert command.evidence.text == "네 시"


def test_what_stands_already_is_no_news() -> None:
    assert given("네 두 명이요", "ko", listening(None, proposed=True, people="2")) == {}
    assert given("네 세 명이요", "ko", listening(None, proposed=True, people="2")) == {"people": "3"}


def test_a_yes_is_no_name() -> None:
    confirming = Listening(flow="it", slot=NAME, yes_no=True, slots=SLOTS, standing={"name": "김민수"}, today=SUNDAY)
    assert values_for_flow(CallerTurn(1, "네 맞아요", "ko"), confirming) == ()


def test_a_value_is_as_sure_as_its_least_sure_word() -> None:
    words = (HeardWord("three", 0.9), HeardWord("people", 0.9), HeardWord("please", 0.1))
    turn = CallerTurn(1, "three people please", "en", words=words)
    (command,) = values_along(turn, SLOTS, Listening(today=SUNDAY))
    assert isinstance(command, SetSlot)
    assert 0.8 < command.confidence < 0.9
