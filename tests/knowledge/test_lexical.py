from __future__ import annotations

import pytest

from knowledge import lexical
from knowledge.errors import KnowledgeError
from knowledge.lexical import EnglishAnalyzer, KoreanAnalyzer

ENGLISH = EnglishAnalyzer()
KOREAN = KoreanAnalyzer()


def content(asked: lexical.Asked) -> set[str]:
    return {term.text for term in asked.terms if term.content}


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("how do i return it within thirty days", "Returns: within 30 days."),
        ("is it two hundred fifty dollars", "$250"),
        ("is it ten percent", "10% off"),
        ("how long are deliveries", "Delivery takes long."),
        ("the customers receipt", "The customer's receipt"),
        ("open at nine", "open at 9"),
        ("one thousand two hundred won", "₩1,200"),
    ],
)
def test_recognized_words_meet_written_ones(heard: str, written: str) -> None:
    assert content(ENGLISH.question(heard)) <= set(ENGLISH.terms(written))


@pytest.mark.parametrize(("heard", "written"), [("check out", "checkout"), ("my e mail", "e-mail"), ("wi fi", "WiFi")])
def test_a_compound_that_was_split_still_meets_it(heard: str, written: str) -> None:
    joined = {term.text for term in ENGLISH.question(heard).terms if term.joined}
    assert joined & set(ENGLISH.terms(written))


def test_words_that_only_ask_are_no_english_terms() -> None:
    assert ENGLISH.question("What is it, and how do you do that?").terms == ()


def test_korean_particles_and_endings_fall_off() -> None:
    assert set(KOREAN.terms("반품은 상품을 받은 날부터")) >= {"반품", "상품", "받", "날"}
    assert "은" not in KOREAN.terms("반품은")


def test_words_that_only_ask_are_no_content_in_korean() -> None:
    assert content(KOREAN.question("회원 등급은 어떻게 되나요")) == {"회원", "등급"}


def test_korean_numbers_meet_however_they_are_written() -> None:
    assert content(KOREAN.question("삼만 원 이상")) & {"30000"}
    assert "30000" in KOREAN.terms("3만원 이상 무료")
    assert "30000" in KOREAN.terms("30,000원 이상 무료")


def test_pairs_of_characters_do_not_see_spaces_or_signs() -> None:
    assert lexical.bigrams("배송 비용!") == ["배송", "송비", "비용"]
    assert lexical.bigrams("배송비용") == lexical.bigrams("배송 비 용")
    assert lexical.bigrams("비") == ["비"]
    assert lexical.bigrams("?") == []


def test_the_tail_of_a_korean_question_counts_little() -> None:
    pairs = KOREAN.question("회원등급은 어떻게 되나요").pairs
    assert pairs["회원"] == pairs["등급"] == 1.0
    assert pairs["되나"] == pairs["나요"] == min(lexical.PAIR_WEIGHTS)


def test_repeating_a_word_adds_less_and_less() -> None:
    def weight(times: int) -> float:
        return lexical.weighted(["refund"] * times + ["x"] * (50 - times), 50).values[
            lexical.weighted(["refund"] * times + ["x"] * (50 - times), 50).indices.index(lexical.hashed("refund"))
        ]

    first, second, third = weight(1), weight(2), weight(3)
    assert first < second < third < lexical.SATURATION + 1
    assert second - first > third - second


def test_a_term_in_a_long_text_weighs_less() -> None:
    short = lexical.weighted(["a", "b"], 100)
    long = lexical.weighted(["a", *(f"w{number}" for number in range(300))], 100)
    key = lexical.hashed("a")
    assert short.values[short.indices.index(key)] > long.values[long.indices.index(key)]


def test_vectors_are_sorted_and_hashes_are_stable_32_bit_numbers() -> None:
    vector = lexical.weighted(["b", "a", "c", "a"], 10)
    assert list(vector.indices) == sorted(set(vector.indices))
    assert all(0 <= index < 2**32 for index in vector.indices)
    assert lexical.hashed("배송") == 2_885_978_395


def test_rare_terms_weigh_more_and_none_weighs_less_than_nothing() -> None:
    assert lexical.inverse(1, 1000) > lexical.inverse(100, 1000) > lexical.inverse(1000, 1000) > 0


def test_a_language_that_nobody_speaks_here_is_an_error() -> None:
    with pytest.raises(KnowledgeError, match="fr"):
        lexical.analyzer("fr")


def test_english_letters_run_over_the_spaces_and_leave_stop_words_out() -> None:
    assert lexical.letter_runs("to the log") == []
    assert lexical.letter_runs("Jeju Isle") == ["jeju", "ejui", "juis", "uisl", "isle"]
    assert lexical.letter_runs("man castle") == lexical.letter_runs("mancastle")


def test_questions_of_either_language_are_compared_by_characters() -> None:
    korean, english = lexical.analyzer("ko").question("제주 배송"), lexical.analyzer("en").question("Jeju delivery")
    assert lexical.hashed("제주") in lexical.asked_characters(korean).indices
    assert lexical.hashed("jeju") in lexical.asked_characters(english).indices
    assert not english.pairs
    assert lexical.document_characters("Jeju", "en").indices == (lexical.hashed("jeju"),)
    assert lexical.document_characters("제주", "ko").indices == (lexical.hashed("제주"),)
