import pytest

from gateway.desk.trend import LATEST, Trend


def trend(*values: float) -> Trend:
    one = Trend()
    for value in values:
        one = one.after(value)
    return one


@pytest.mark.parametrize("values", [(), (0.9,), (0.9, 0.85, 0.88), (0.6, 0.7, 0.9), (0.9, 0.9, 0.7, 0.9)])
def test_a_call_that_goes_well_is_no_warning(values: tuple[float, ...]) -> None:
    assert not trend(*values).falling


@pytest.mark.parametrize("values", [(0.4,), (0.95, 0.9, 0.7, 0.65), (0.9, 0.9, 0.3)])
def test_an_unlikely_answer_or_a_clear_fall_is_one(values: tuple[float, ...]) -> None:
    assert trend(*values).falling


def test_only_the_latest_answers_are_kept() -> None:
    assert trend(*(number / 100 for number in range(50, 80))).values == tuple(n / 100 for n in range(80 - LATEST, 80))
