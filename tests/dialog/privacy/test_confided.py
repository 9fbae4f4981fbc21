"""One contact's memory of what was confided."""

from __future__ import annotations

from dialog.privacy.confided import MOST_REMEMBERED, Confided


def told(confided: Confided, *turns: str) -> list[str]:
    return [confided.take(turn).text for turn in turns]


def test_a_number_goes_on_from_the_turn_before() -> None:
    confided = Confided("ko")
    assert told(confided, "공일공 일이삼사", "오육칠팔이요") == ["공일공 일이삼사", "[phone]이요"]
    assert confided.hide("010-1234-5678 맞으세요?") == "[phone] 맞으세요?"


def test_a_number_does_not_go_on_behind_other_words() -> None:
    assert told(Confided("ko"), "공일공 일이삼사 그 다음은 잊었어요", "오육칠팔이요") == [
        "공일공 일이삼사 그 다음은 잊었어요",
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


def test_what_was_confided_is_known_again() -> None:
    confided = Confided("en")
    told(confided, "two one two five five five oh one four two is my number, mail me at Kim.Lee@example.com")
    assert confided.hide("So (212) 555 0142 and kim.lee@example.com?") == "So ([phone] and [email]?"


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
