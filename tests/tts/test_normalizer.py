from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.errors import LanguageNotSupported
from tts.normalizer import LANGUAGES, Spoken, normalize

LANGUAGE = st.sampled_from(sorted(LANGUAGES))
TROUBLE = st.text(
    alphabet="0123456789.,-~/:()+#*%$₩℃ \t\n개명시분월일년번대층호원억만천제월화"
    "pmkgPAHBx@오후토²½①３٣가나다é—…“😀\u1100\u1161\u0301\x00",
    max_size=40,
)


def _said(text: str, source: str, part: str, language: str) -> str:
    """What of the original the spoken ``part`` stands for."""
    spoken = normalize(source, language)
    start = spoken.text.index(part)
    source_start, source_end = spoken.source_of(start, start + len(part))
    assert spoken.text == text
    return source[source_start:source_end]


def test_spoken_words_lead_back_to_the_original() -> None:
    source = "총 3개, 45,900원 (2026-11-21)"
    text = "총 세 개, 사만 오천구백원 (이천이십육년 십일월 이십일일)"
    assert _said(text, source, "총", "ko") == "총"
    assert _said(text, source, "세 개", "ko") == "3개"
    assert _said(text, source, "사만", "ko") == "45,900"
    assert _said(text, source, "십일월", "ko") == "2026-11-21"


def test_several_written_words_said_as_one_thing_lead_back_to_all_of_them() -> None:
    text = "until November twenty-first, twenty twenty-six, maybe"
    assert _said(text, "until November 21, 2026, maybe", "twenty-six", "en") == "November 21, 2026"


def _check(source: str, spoken: Spoken) -> None:
    assert not any(letter.isdigit() for letter in spoken.text)
    assert "\n" not in spoken.text
    assert "\0" not in spoken.text
    assert "  " not in spoken.text
    at = source_at = 0
    for span in spoken.spans:
        assert (span.start, span.source_start) == (at, source_at)
        assert span.end > span.start
        assert span.source_end >= span.source_start
        at, source_at = span.end, span.source_end
    assert at == len(spoken.text)
    assert source_at == (len(source) if spoken.spans else 0)


@given(st.text(), LANGUAGE)
def test_any_text_is_accepted_and_aligned_without_gaps(source: str, language: str) -> None:
    _check(source, normalize(source, language))


@given(TROUBLE, LANGUAGE)
def test_no_digit_is_left_whatever_surrounds_it(source: str, language: str) -> None:
    _check(source, normalize(source, language))


@given(st.integers(0, 10**20), st.sampled_from(["", "원", "개", "시", "%", "kg", " days", "번"]), LANGUAGE)
def test_every_number_is_said(number: int, unit: str, language: str) -> None:
    spoken = normalize(f"{number}{unit}", language)
    _check(f"{number}{unit}", spoken)
    assert spoken.text.strip()


@given(st.text(alphabet="가나다라마 바사아자차.,?!", max_size=60))
def test_plain_korean_stays_as_it_is(source: str) -> None:
    plain = " ".join(source.split())
    assert normalize(source, "ko").text == (plain if any(letter.isalpha() for letter in plain) else "")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("첫째\n둘째", "첫째. 둘째"),
        ("- 첫째\n- 둘째", "첫째. 둘째"),
        ("끝.\n\n시작", "끝. 시작"),
        ("３개", "세 개"),
        ("①", "일"),
        ("½", "이분의 일"),
        ("٣", "삼"),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"),
        ("좋아요 😀", "좋아요"),
        ("", ""),
        ("😀", ""),
        ("㈜한빛", "주식회사 한빛"),
    ],
)
def test_layout_and_odd_forms_are_made_plain(written: str, said: str) -> None:
    assert normalize(written, "ko").text == said


def test_a_composed_letter_leads_back_to_all_its_parts() -> None:
    source = "\u1112\u1161\u11ab 번"
    spoken = normalize(source, "ko")
    assert spoken.source_of(0, 1) == (0, 3)


def test_a_language_without_rules_is_refused() -> None:
    with pytest.raises(LanguageNotSupported, match="ko, en"):
        normalize("bonjour", "fr")


@pytest.mark.parametrize(
    "part", ["a-", "1-", "1,", "a1-", "A.", "안녕 ", "1~", "http://", "a@a.", "(", "0-0", "+1 ", "1."]
)
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_text_takes_long(part: str, language: str) -> None:
    began = time.process_time()
    normalize(part * 5000, language)
    assert time.process_time() - began < 3.0
