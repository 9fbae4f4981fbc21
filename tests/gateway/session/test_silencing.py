"""What was said that is nobody's business is told by its times, as exactly as the words' times are."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import Found, PersonalKind
from gateway.session.silencing import GOES_ON_WITHIN, MARGIN, Silencing, when
from stt.transcript import Transcript, Word

STRETCH = (3.0, 9.0)


def words(text: str, at: float = 10.0, each: float = 0.5) -> tuple[Word, ...]:
    """One word after the other, ``each`` seconds long."""
    return tuple(Word(word, at + n * each, at + (n + 1) * each, 0.9) for n, word in enumerate(text.split()))


def said(text: str, language: str, at: float = 10.0) -> Transcript:
    return Transcript(0, text, words(text, at), True, language, 0.9)


def around(first: int, last: int, at: float = 10.0) -> tuple[float, float]:
    """From the word ``first`` to the word ``last``, with the margin."""
    return at + first * 0.5 - MARGIN, at + (last + 1) * 0.5 + MARGIN


@pytest.mark.parametrize(
    ("text", "language", "first", "last"),
    [
        ("my card number is 4111 1111 1111 1111 thank you", "en", 4, 7),
        ("my card is four one one one one one one one one one one one one one one one okay", "en", 3, 18),
        ("카드번호 4111-1111-1111-1111입니다 네", "ko", 1, 1),
        ("주민번호는 구공공일공일 다시 일이삼사오육칠 이에요", "ko", 1, 3),
        ("mail me at hong@naver.com please", "en", 3, 3),
    ],
)
def test_the_words_that_say_it_are_silent_and_no_others(text: str, language: str, first: int, last: int) -> None:
    ((start, end),) = Silencing().heard(said(text, language), STRETCH)
    wanted = around(first, last)
    assert start == pytest.approx(wanted[0])
    assert wanted[1] <= end + 0.001
    assert end <= wanted[1] + 0.5, "but for a particle that stands by itself"


@pytest.mark.parametrize(
    ("text", "language"),
    [("how long does delivery take", "en"), ("배송은 며칠 걸려요", "ko"), ("", "en"), ("I ordered 3 of them", "en")],
)
def test_what_is_everybodys_business_stays(text: str, language: str) -> None:
    assert Silencing().heard(said(text, language), STRETCH) == ()


def test_a_number_told_in_two_stretches_is_silent_in_both() -> None:
    silencing = Silencing()
    spans = silencing.heard(said("the card is 4111 1111", "en"), STRETCH)
    spans += silencing.heard(said("1111 1111", "en", at=14.0), STRETCH)
    silent = [(10.0 + n * 0.5, 10.5 + n * 0.5) for n in (3, 4)] + [(14.0, 14.5), (14.5, 15.0)]
    assert all(any(start <= one and two <= end for start, end in spans) for one, two in silent)
    assert not any(start < 11.0 < end for start, end in spans), "'the card' may be heard"
    assert Silencing().heard(said("1111 1111", "en", at=14.0), STRETCH) == (), "by itself it could be anything"


def test_what_was_said_long_before_is_another_number() -> None:
    silencing = Silencing()
    silencing.heard(said("the card is 4111 1111", "en"), STRETCH)
    assert silencing.heard(said("1111 1111", "en", at=13.0 + GOES_ON_WITHIN), STRETCH) == ()


def test_what_else_is_known_to_be_personal_is_silent_as_well() -> None:
    found = (Found(0, 4, PersonalKind.ACCOUNT),)
    assert Silencing().heard(said("1187 please", "en"), STRETCH, found) == (around(0, 0),)


def test_stretches_that_touch_are_one() -> None:
    text = "a@b.com c@d.com g@h.com or else nothing more and e@f.com"
    spans = Silencing().heard(said(text, "en"), STRETCH)
    assert spans == (around(0, 2), around(8, 8))


def test_where_no_word_has_a_time_all_of_the_stretch_is_silent() -> None:
    without = Transcript(0, "my card is 4111 1111 1111 1111", (), True, "en", 0.9)
    assert Silencing().heard(without, STRETCH) == (STRETCH,)
    harmless = Transcript(0, "how long does delivery take", (), True, "en", 0.9)
    assert Silencing().heard(harmless, STRETCH) == ()


def test_a_text_that_is_not_its_words_letters_costs_a_word_on_each_side() -> None:
    """A recognizer wrote as digits what it heard as words."""
    heard = words("my card four one one one please")
    text = "my card 4111 please"
    ((start, end),) = when(text, heard, [Found(8, 12, PersonalKind.CARD)])
    assert start <= around(2, 5)[0]
    assert end >= around(2, 5)[1]


def test_nothing_begins_before_the_call() -> None:
    assert when("4111", words("4111", at=0.05), [Found(0, 4, PersonalKind.CARD)])[0][0] == 0.0
