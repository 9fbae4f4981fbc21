from __future__ import annotations

import pytest

from tts.normalizer import normalize

TIMES = [
    ("3 p.m.", "three P M."),
    ("at 3 p.m. today", "at three P M today"),
    ("3:05 pm", "three oh five P M"),
    ("9:00", "nine o'clock"),
    ("10:30", "ten thirty"),
    ("15:30", "three thirty P M"),
    ("00:15", "twelve fifteen A M"),
    ("9:00-18:00", "nine A M to six P M"),
    ("9:00 AM - 6:00 PM", "nine A M to six P M"),
    ("9am-6pm", "nine A M to six P M"),
    ("9-5pm", "nine to five P M"),
    ("24/7", "twenty-four seven"),
]

DATES = [
    ("2026-11-21", "November twenty-first, twenty twenty-six"),
    ("11/21", "November twenty-first"),
    ("11/21/2026", "November twenty-first, twenty twenty-six"),
    ("Nov. 21", "November twenty-first"),
    ("November 21, 2026", "November twenty-first, twenty twenty-six"),
    ("Nov 21-25", "November twenty-first to twenty-fifth"),
    ("21 Nov 2026", "the twenty-first of November, twenty twenty-six"),
    ("the 21st of November", "the twenty-first of November"),
    ("June 2026", "June twenty twenty-six"),
    ("Feb. is cold", "February is cold"),
    ("May I help?", "May I help?"),
    ("Mon-Fri", "Monday to Friday"),
    ("I sat. Done", "I sat. Done"),
    ("in 2026", "in twenty twenty-six"),
    ("2000 points", "two thousand points"),
    ("Summer sale 2026.", "Summer sale twenty twenty-six."),
    ("2026 visitors came", "two thousand twenty-six visitors came"),
    ("the 1990s", "the nineteen nineties"),
    ("2019-2021", "twenty nineteen to twenty twenty-one"),
]

MONEY = [
    ("$1,299.50", "one thousand two hundred ninety-nine dollars and fifty cents"),
    ("$1", "one dollar"),
    ("$0.99", "ninety-nine cents"),
    ("$0.00", "zero dollars"),
    ("₩45,900", "forty-five thousand nine hundred won"),
    ("3,000 won", "three thousand won"),
    ("€20", "twenty euros"),
    ("£1.01", "one pound and one penny"),
    ("$5M", "five million dollars"),
    ("$2.5 billion", "two point five billion dollars"),
    ("$10-$20", "ten to twenty dollars"),
    ("USD 30", "thirty dollars"),
]

CODES = [
    ("010-1234-5678", "zero one zero, one two three four, five six seven eight"),
    ("1588-0000", "one five eight eight, zero zero zero zero"),
    ("+1 800 555 0100", "plus one, eight zero zero, five five five, zero one zero zero"),
    ("(212) 555-0100", "two one two, five five five, zero one zero zero"),
    ("555-0100", "five five five, zero one zero zero"),
    ("HB-20261121-0042", "H B, two zero two six, one one two one, zero zero four two"),
    ("A1B2", "A one B two"),
    ("code 482153", "code four eight two one five three"),
    ("ending in 1234", "ending in one two three four"),
    ("#3", "number three"),
    ("No. 5", "number five"),
    ("v2.0.1", "version two point zero point one"),
    ("press #", "press hash"),
]

MEASURES = [
    ("3.14", "three point one four"),
    ("1/2", "one half"),
    ("3/4", "three quarters"),
    ("2-3 days", "two to three days"),
    ("10-20%", "ten to twenty percent"),
    ("5kg", "five kilograms"),
    ("1 kg", "one kilogram"),
    ("25℃", "twenty-five degrees Celsius"),
    ("-5°C", "minus five degrees Celsius"),
    ("60 mph", "sixty miles per hour"),
    ("1st", "first"),
    ("22nd", "twenty-second"),
    ("100+", "one hundred plus"),
    ("2x4", "two times four"),
    ("3:1", "three to one"),
    ("1,234,567", "one million two hundred thirty-four thousand five hundred sixty-seven"),
]

WORDS = [
    ("VIP", "V I P"),
    ("FAQ page", "F A Q page"),
    ("U.S.A. today", "U S A today"),
    ("PIN", "pin"),
    ("NOT", "not"),
    ("NASA", "nasa"),
    ("I am", "I am"),
    ("iPhone 15", "iPhone fifteen"),
    ("e.g. this", "for example this"),
    ("Dr. Smith", "Doctor Smith"),
    ("help@hanbit.co.kr", "help at hanbit dot C O dot K R"),
    ("https://www.hanbit-store.com/faq.", "W W W dot hanbit dash store dot com slash faq."),
    ("한빛 스토어", "hanbit seutoeo"),
    ("it's fine; don't worry", "it's fine; don't worry"),
    ("A & B", "A and B"),
    ("open — always", "open, always"),
    ("**Bold**", "Bold"),
]


@pytest.mark.parametrize(("written", "said"), [*TIMES, *DATES, *MONEY, *CODES, *MEASURES, *WORDS])
def test_english_is_read_as_people_say_it(written: str, said: str) -> None:
    assert normalize(written, "en").text == said


def test_a_full_stop_that_ends_time_and_sentence_still_ends_the_sentence() -> None:
    assert normalize("We close at 6 p.m. Please come early.", "en").text == "We close at six P M. Please come early."
    assert normalize("We close at 6 p.m. Monday to Friday.", "en").text == "We close at six P M Monday to Friday."


def test_a_whole_answer() -> None:
    written = "Order HB-20261121-0042 ships on Nov. 21 at 3 p.m. and costs $12.50. Call 1588-0000."
    assert normalize(written, "en").text == (
        "Order H B, two zero two six, one one two one, zero zero four two ships on November twenty-first at three P M "
        "and costs twelve dollars and fifty cents. Call one five eight eight, zero zero zero zero."
    )
