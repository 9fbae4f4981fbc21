"""Words beside numbers."""

from __future__ import annotations

import pytest

from dialog.privacy.cues import OTHER, UNKNOWN, asked_for, cues, last_before, right_behind
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.written import written


def named(text: str, asked: PersonalKind | None = None) -> str | None:
    form = written(text)
    at = form.text.index("7")
    found = cues(form, asked)
    cue = last_before(found, at) or right_behind(form.text, found, form.text.rindex("7") + 1)
    return None if cue is None else cue.name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("카드 말고 주문번호 7777", OTHER),
        ("my order, I mean my card number is 7777", "card"),
        ("7777 국민은행이요", "account"),
        ("7777 that is my cell", "phone"),
        ("보안코드 777", "code"),
        ("my social security card says 7777", "registration"),
        ("사원번호는 7777이에요", UNKNOWN),
        ("my badge number is 7777", UNKNOWN),
        ("기사님 번호 7777", "phone"),
        ("error 7777", OTHER),
        ("7777 error", None),
        ("7777 ext 22", None),
        ("please debit 7777", "card"),
        ("the account to debit is 7777", "account"),
        ("that is 7777", None),
    ],
)
def test_the_nearest_word_counts(text: str, name: str | None) -> None:
    assert named(text) == name


def test_what_was_asked_is_a_cue() -> None:
    assert named("음 7777", PersonalKind.CARD) == "card"
    assert named("주문번호 7777", PersonalKind.CARD) == OTHER


def test_a_question_says_what_it_asks_for() -> None:
    assert asked_for("결제하신 카드 번호를 말씀해 주세요.") == PersonalKind.CARD
    assert asked_for("It was sent. What is your phone number?") == PersonalKind.PHONE
    assert asked_for("받으실 분 성함이 어떻게 되세요?") == PersonalKind.NAME
    assert asked_for("주문번호를 말씀해 주세요.") == OTHER
    assert asked_for("주문번호나 전화번호를 말씀해 주세요.") == OTHER
    assert asked_for("카드로 결제하실 수 있습니다.") is None
    assert asked_for("What is your card number? It was declined.") is None


def test_what_is_pressed_to_answer_says_nothing_of_what_is_asked_for() -> None:
    assert asked_for("For which order? Please tell me its eight digits, or enter them on your telephone.") is None
    assert asked_for("주문번호 여덟 자리를 말씀해 주시거나 전화기 버튼으로 눌러 주세요.") == OTHER
    assert asked_for("Please key in your card number on your phone.") == PersonalKind.CARD
    assert asked_for("Please enter your phone number with the telephone.") == PersonalKind.PHONE


def test_words_in_latin_letters_end_before_particles() -> None:
    assert [cue.name for cue in cues(written("SSN은 7777이고 account는 7777"))] == ["registration", "account"]


def test_a_word_behind_a_comma_says_nothing_of_a_number() -> None:
    assert named("7777, order") is None
    assert named("7777 order") == OTHER
    assert named("7777, that's an order") == OTHER
    assert named("7777이고 그게 주문번호") == OTHER
