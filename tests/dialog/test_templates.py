"""Texts with places: variants, formats, Korean endings."""

from __future__ import annotations

from datetime import date

import pytest

from dialog.errors import TenantDialogInvalid
from dialog.parsers.language import language
from dialog.templates import Templates, places, settle_particles, spoken

KOREAN = Templates("ko", {"told": ("{things:names}은(는) {day:date}에 옵니다.", "곧 옵니다."), "sum": ("{sum:money}",)})
ENGLISH = Templates("en", {"told": ("{things:names} will come on {day:date}.",), "number": ("{number:digits}",)})
THINGS = [{"name_ko": "이어폰", "name_en": "earbuds"}, {"name_ko": "주전자", "name_en": "kettle"}]


def test_values_are_said_as_the_language_says_them() -> None:
    assert KOREAN.render("told", things=THINGS, day="2026-11-24") == "이어폰 외 1건은 11월 24일에 옵니다."
    assert (
        ENGLISH.render("told", things=THINGS, day=date(2026, 11, 24)) == "earbuds and 1 more will come on November 24."
    )
    assert KOREAN.render("sum", sum=39800) == "39,800원"
    assert ENGLISH.render("number", number="20261187") == "2 0 2 6, 1 1 8 7"


def test_the_first_variant_that_can_be_filled_is_said() -> None:
    assert KOREAN.render("told", things=THINGS, day=None) == "곧 옵니다."


def test_a_text_that_cannot_be_filled_says_what_is_missing() -> None:
    with pytest.raises(TenantDialogInvalid, match="needs day, things but only nothing"):
        ENGLISH.render("told")


def test_a_missing_text_is_named_with_its_file() -> None:
    assert not KOREAN.has("bye")
    with pytest.raises(TenantDialogInvalid, match=r"templates\.ko\.yaml has no text 'bye'"):
        KOREAN.render("bye")


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("책을(를)", "책을"),
        ("의자을(를)", "의자를"),
        ("서울(으)로", "서울로"),
        ("매장(으)로", "매장으로"),
        ("부산이(가)", "부산이"),
        ("“제주”은(는)", "“제주”는"),
        ("3과(와) 4", "3과 4"),
        ("2이(가) 5을(를)", "2가 5를"),
        ("TV은(는) 고객님이(가)", "TV는 고객님이"),
        ("이 말은(는)을(를) 봄", "이 말은을 봄"),
    ],
)
def test_korean_endings_fit_the_sound_before(text: str, settled: str) -> None:
    assert settle_particles(text, language("ko").wording.particles) == settled


def test_one_thing_needs_no_rest() -> None:
    assert spoken(THINGS[:1], "names", "ko") == "이어폰"
    assert spoken([], "names", "en") == ""


def test_places_are_listed_with_their_formats() -> None:
    assert places("{a} and {b:date}") == (("a", ""), ("b", "date"))
    with pytest.raises(ValueError, match=r"\{|brace|expected"):
        places("{a")


def test_a_text_that_needs_no_values_is_found_where_there_is_one() -> None:
    texts = Templates("en", {"both": ("For {name}.", "For you."), "one": ("For {name}.",)})
    assert texts.bare("both") == "For you."
    assert texts.bare("one") is None
    assert texts.bare("none") is None
