"""One contact's memory of what was confided."""

from __future__ import annotations

import pytest

from dialog.privacy.confided import MOST_REMEMBERED, Confided


def told(confided: Confided, *turns: str) -> list[str]:
    return [confided.take(turn).text for turn in turns]


def test_a_number_goes_on_from_the_turn_before() -> None:
    confided = Confided("ko")
    assert told(confided, "공일공 일이삼사", "오육칠팔이요") == ["[phone]", "[phone]이요"]
    assert confided.hide("010-1234-5678 맞으세요?") == "[phone] 맞으세요?"


def test_a_number_does_not_go_on_behind_other_words() -> None:
    assert told(Confided("ko"), "공일공 일이삼사 그 다음은 잊었어요", "오육칠팔이요") == [
        "[phone] 그 다음은 잊었어요",
        "오육칠팔이요",
    ]


def test_what_was_asked_for_is_hidden_in_pieces() -> None:
    confided = Confided("ko")
    confided.ask("카드 번호를 말씀해 주세요.")
    assert told(confided, "사일일일", "일일일일이요", "네 감사합니다", "3개요") == [
        "[card]",
        "[card]요",
        "네 감사합니다",
        "3개요",
    ]


def test_what_is_searched_for_is_without_what_was_asked_for() -> None:
    confided = Confided("ko")
    confided.ask("성함이 어떻게 되세요?")
    assert confided.without("홍길동이요") == "이요", "while the turn is going on"
    confided.take("홍길동이요")
    assert confided.without("홍길동이요") == "이요", "and when it is over"
    confided.take("홍길동 이름으로 된 보증서는 언제까지예요")
    assert confided.without("홍길동 이름으로 된 보증서는 언제까지예요") == "이름으로 된 보증서는 언제까지예요"
    confided.ask("무엇을 도와드릴까요?")
    assert confided.without("이영희는 누구예요") == "이영희는 누구예요"


def test_what_was_confided_is_known_again() -> None:
    confided = Confided("en")
    told(confided, "two one two five five five oh one four two is my number, mail me at Kim.Lee@example.com")
    assert confided.hide("So (212) 555 0142 and kim.lee@example.com?") == "So ([phone] and [email]?"


def test_a_number_that_was_told_with_a_remark_in_between_is_known_again() -> None:
    confided = Confided("en")
    told(confided, "my account is 5619, where is my checkbook, 982304")
    assert confided.hide("So that is 5619982304?") == "So that is [account]?"


def test_the_house_keeps_its_own_numbers() -> None:
    assert Confided("ko").hide("고객센터는 02-123-4567입니다") == "고객센터는 02-123-4567입니다"


def test_nobody_reads_cards_whoever_says_them() -> None:
    assert Confided("en").hide("use 4111 1111 1111 1111") == "use [card]"


def test_an_order_number_stays() -> None:
    assert told(Confided("ko"), "주문번호는 20261187이요") == ["주문번호는 20261187이요"]


def test_memory_is_bounded() -> None:
    confided = Confided("ko")
    for number in range(MOST_REMEMBERED + 10):
        confided.take(f"010-1234-{number:04}")
    assert confided.hide("010 1234 0265") == "[phone]"
    assert confided.hide("010 1234 0001") == "010 1234 0001"


def test_the_rest_of_a_number_is_called_so() -> None:
    said = told(Confided("ko"), "카드번호 앞 여덟 자리가 5655-3579이고", "나머지는 8990-6426이에요")
    assert said == ["카드번호 앞 여덟 자리가 [card]이고", "나머지는 [card]이에요"]
    assert told(Confided("en"), "my card starts with 5655 3579", "the rest is 8990 6426")[1] == "the rest is [card]"


def test_who_says_a_number_anew_does_not_go_on_with_it() -> None:
    turns = ("이공육 일팔삼이요", "아니요 이공육 일팔칠이요")
    assert told(Confided("ko"), *turns) == list(turns)


def test_a_long_number_that_nothing_explains_is_personal_in_callers_words_alone() -> None:
    confided = Confided("ko")
    assert confided.heed("20261187") == "20261187", "a system's"
    assert confided.hide("20261187 맞으세요?") == "20261187 맞으세요?", "the house's"
    confided.ask("주문번호를 말씀해 주세요.")
    assert told(confided, "이공이육 일일팔칠이요") == ["이공이육 일일팔칠이요"], "what was asked for"
    assert confided.repeat("이공이육 일일팔칠이요") == "이공이육 일일팔칠이요"
    confided.ask("무엇을 도와드릴까요?")
    assert told(confided, "이공이육 일일팔사요") == ["[phone]요"]


def test_stretches_of_one_turn_are_put_together() -> None:
    confided = Confided("ko")
    assert confided.stretch("공일공 이삼사오").text == "[phone]"
    assert confided.stretch("육칠팔구요").text == "[phone]요"
    assert confided.take("공일공 이삼사오 육칠팔구요").text == "[phone]요"


def test_others_may_tell_of_the_caller() -> None:
    confided = Confided("en")
    assert confided.heed("customer jane@b.io called") == "customer [email] called"
    assert confided.hide("we wrote to jane@b.io") == "we wrote to [email]"


@pytest.mark.parametrize(
    ("language", "first", "asked", "then", "kept"),
    [
        (
            "ko", "카드번호 앞 여덟 자리가 5655-3579이고", "주문번호를 말씀해 주세요.",
            "나머지는 8990-6426이에요", "나머지는 [card]이에요",
        ),
        (
            "en", "my card number starts with 5655-3579", "What is your order number?",
            "and then 8990-6426", "and then [card]",
        ),
        (
            "ko", "카드번호 앞 여덟 자리가 5655-3579이고", "주문번호를 말씀해 주세요.",
            "20261187이요", "20261187이요",
        ),
    ],
    ids=["the rest", "the rest in English", "what was asked for"],
)  # fmt: skip
def test_what_is_called_the_rest_is_the_rest_whatever_was_asked_meanwhile(
    language: str, first: str, asked: str, then: str, kept: str
) -> None:
    confided = Confided(language)
    confided.take(first)
    confided.ask(asked)
    assert confided.take(then).text == kept


@pytest.mark.parametrize(
    ("language", "asked", "first", "then", "kept"),
    [
        (
            "ko", "주문번호를 말씀해 주세요.", "카드번호 앞 여덟 자리가 4539-1488이고",
            "나머지는 6967-2575이에요", "나머지는 [card]이에요",
        ),
        (
            "en", "What is your order number?", "my card number starts with 4539-1488",
            "and then 4463-1259", "and then [card]",
        ),
    ],
    ids=["Korean", "English"],
)  # fmt: skip
def test_what_is_told_instead_of_the_number_that_was_asked_for_has_its_rest(
    language: str, asked: str, first: str, then: str, kept: str
) -> None:
    confided = Confided(language)
    confided.ask(asked)
    confided.take(first)
    confided.ask(asked)
    assert confided.take(then).text == kept


def test_the_rest_of_a_number_is_known_when_it_stands_alone() -> None:
    confided = Confided("ko")
    confided.take("카드번호 앞 여덟 자리가 5655-3579이고")
    confided.take("나머지는 8990-6426이에요")
    assert confided.heed("89906426") == "[card]"


def test_a_number_that_the_dialog_waits_for_stays_whatever_the_question_calls_it() -> None:
    confided = Confided("ko")
    confided.ask("여덟 자리를 불러 주세요.", number=True)
    assert told(confided, "이공이육 일일팔칠이요") == ["이공이육 일일팔칠이요"]
    confided.ask("카드번호를 불러 주세요.", number=True)
    assert told(confided, "이공이육 일일팔칠이요") == ["[card]요"]
