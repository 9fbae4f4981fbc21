"""A text made ready to be searched."""

from __future__ import annotations

from dialog.privacy.kinds import PersonalKind
from dialog.privacy.reading import FORM, Reading, candidate, read


def test_a_text_without_digits_has_no_cues() -> None:
    assert read("카드로 결제했어요", "ko").cues == ()


def test_a_candidate_spans_what_says_it() -> None:
    text = "번호는 공일공 일이삼사예요"
    reading = read(text, "ko")
    found = candidate(reading.runs[0], 0, 7, PersonalKind.PHONE, FORM)
    assert text[found.start : found.end] == "공일공 일이삼사"


def test_what_is_said_anew_belongs_to_it() -> None:
    text = "010 1234 아니 1235 5678"
    reading = read(text, "ko")
    found = candidate(reading.runs[0], 0, 7, PersonalKind.PHONE, FORM)
    assert text[found.start : found.end] == text


def cued(reading: Reading, digits: str) -> str | None:
    run = next(run for run in reading.runs if run.digits == digits)
    cue = reading.cue(run, 0, len(digits))
    return None if cue is None else cue.name


def test_a_word_that_calls_a_number_nobodys_does_so_of_one() -> None:
    reading = read("order 55120987 was billed to 4716253109884217", "en")
    assert cued(reading, "55120987") == "other"
    assert cued(reading, "4716253109884217") is None
    assert cued(read("order 55120987 was sent with 55120988", "en"), "55120988") == "other"


def test_a_number_of_the_same_length_is_called_the_same() -> None:
    text = "they credited account 5510293847 but the right one is rather 5510293874"
    assert cued(read(text, "en"), "5510293874") == "account"


def test_a_word_that_we_do_not_know_keeps_others_away() -> None:
    assert cued(read("통장은 1005703448822이고 사원번호는 20190418이에요", "ko"), "20190418") is None


def test_an_amount_by_its_comma_is_no_number() -> None:
    assert read("they took 1,480 and 12,450.77", "en").runs == ()
    assert read("I live at 1,204 Oak Street", "en").runs != ()
    assert [run.digits for run in read("call 4471 2093, 3301", "en").runs] != []
