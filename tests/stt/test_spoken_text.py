from __future__ import annotations

import pytest

from stt.spoken_text import cardinal, clock, digits, ordinal, sentences


def spoken(text: str, known: tuple[str, ...] = ()) -> list[str]:
    return [" ".join(sentence) for sentence in sentences(text, known)]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"), (13, "thirteen"), (20, "twenty"), (99, "ninety nine"), (100, "one hundred"),
        (1234, "one thousand two hundred thirty four"), (50_000, "fifty thousand"),
        (2_000_001, "two million one"), (9_999_999_999, "nine billion nine hundred ninety nine million nine hundred"
                                         " ninety nine thousand nine hundred ninety nine"),
        (10_000_000_000, "one zero zero zero zero zero zero zero zero zero zero"),
    ],
)  # fmt: skip
def test_numbers(number: int, words: str) -> None:
    assert " ".join(cardinal(number)) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "first"), (3, "third"), (4, "fourth"), (8, "eighth"), (12, "twelfth"), (20, "twentieth"),
     (21, "twenty first"), (30, "thirtieth"), (100, "one hundredth")],
)  # fmt: skip
def test_ordinals(number: int, words: str) -> None:
    assert " ".join(ordinal(number)) == words


@pytest.mark.parametrize(
    ("hour", "minute", "words"),
    [(9, 5, "nine oh five"), (9, 0, "nine o'clock"), (18, 0, "six o'clock"), (15, 30, "three thirty"),
     (12, 15, "twelve fifteen"), (0, 10, "zero ten")],
)  # fmt: skip
def test_times_of_day(hour: int, minute: int, words: str) -> None:
    assert clock(hour, minute) == words


def test_digits_are_read_one_by_one_and_everything_else_is_skipped() -> None:
    assert digits("1588-0 ٣x") == ["one", "five", "eight", "eight", "zero"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Returns: 3-5 days, $4.50", ["returns", "three to five days", "four dollars and fifty cents"]),
        ("It costs ₩3,000.", ["it costs three thousand won"]),
        ("It costs $1,299 today", ["it costs one thousand two hundred ninety nine dollars today"]),
        ("up to 15% off", ["up to fifteen percent off"]),
        ("within 2.5 km", ["within two point five kilometers"]),
        ("the 21st of November 2026", ["the twenty first of november twenty twenty six"]),
        ("since 1905", ["since nineteen oh five"]),
        ("in the year 2000", ["in the year two thousand"]),
        ("open 09:00~18:30", ["open nine o'clock to six thirty"]),
        ("call 1588-0000", ["call one five eight eight zero zero zero zero"]),
        ("order 20261187", ["order two zero two six one one eight seven"]),
        ("code 007", ["code zero zero seven"]),
        ("shirts & shoes", ["shirts and shoes"]),
        ("Don’t you ship? We do!", ["don't you ship", "we do"]),
    ],
)
def test_what_is_written_is_said(written: str, said: list[str]) -> None:
    assert spoken(written) == said


def test_what_nobody_says_is_left_out() -> None:
    assert spoken("see https://example.org/a?b=c or mail help@example.org now") == ["see or mail now"]
    assert spoken("read [our terms](terms.md) first") == ["read our terms first"]
    assert spoken("<b>bold</b> word") == ["bold word"]
    assert spoken("before ```x = 1``` after") == ["before after"]
    assert spoken("... -- !!!") == []


def test_a_sentence_in_another_script_is_left_out_and_the_next_one_is_not() -> None:
    assert spoken("배송은 3일 걸립니다.\nDelivery takes three days.") == ["delivery takes three days"]


def test_a_word_that_the_dictionary_lacks_is_taken_apart() -> None:
    known = ("gift", "wrap", "pick-up", "store", "faq")
    assert spoken("gift-wrap", known) == ["gift wrap"]
    assert spoken("pick-up", known) == ["pick-up"]
    assert spoken("HB FAQ", known) == ["h b faq"]
    assert spoken("the store's", known) == ["the store"]
