"""Digits in one breath."""

from __future__ import annotations

from dialog.privacy.digit_runs import Run, runs
from dialog.privacy.written import written


def found(text: str) -> list[Run]:
    return list(runs(written(text)))


def test_signs_particles_and_fillers_stand_within_a_run() -> None:
    (run,) = found("010-1234에요 음 5678")
    assert run.digits == "01012345678"
    assert run.cuts == {3, 7}
    assert run.groups(0, 11) == (3, 4, 4)


def test_a_comma_for_thousands_ends_a_run() -> None:
    assert [run.digits for run in found("1,234,567원")] == ["1", "234", "567"]


def test_doubtful_digits_are_read_in_both_ways() -> None:
    assert [run.digits for run in found("공일공 일이삼사 오육칠팔이에요")] == ["01012345678", "010123456782"]


def test_of_several_doubtful_digits_some_may_be_digits() -> None:
    assert [run.digits for run in found("일일팔이구요")] == ["118", "1182", "11829"]
    assert "01077312049" in [run.digits for run in found("공일공이요 칠칠삼일이요 이공사구요")]


def test_a_digit_before_further_ones_is_no_particle() -> None:
    assert {run.digits for run in found("공일이 삼사오")} == {"012345"}


def test_what_is_said_anew_is_marked() -> None:
    (run,) = found("공일공 일이삼사 아니 일이삼오")
    assert run.corrected == 7
    (run,) = found("공일공 일이삼사")
    assert run.corrected is None


def test_a_group_that_is_said_twice_may_be_one() -> None:
    assert "5035550142" in [run.digits for run in found("five oh three, five oh three, triple five oh one four two")]
    assert "01052783341" in [run.digits for run in found("공일공 오이칠팔 어 오이칠팔 삼삼사일")]


def test_two_long_numbers_are_two_and_a_count_behind_one_is_none() -> None:
    assert [run.digits for run in found("44710023118, 44710023181")] == ["44710023118", "44710023181"]
    assert [run.digits for run in found("1 800 555 0199 4 times")] == ["18005550199", "4"]


def test_other_words_end_a_run() -> None:
    assert [run.digits for run in found("3 items for 20 people")] == ["3", "20"]
