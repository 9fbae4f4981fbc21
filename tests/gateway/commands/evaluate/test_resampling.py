import numpy as np

from gateway.commands.evaluate.resampling import evenly, interval, mean_interval


def test_an_interval_lies_about_the_mean() -> None:
    values = [1.0, 0.0, 1.0, 1.0] * 25
    found = mean_interval(values, [at // 4 for at in range(100)])
    assert found == (0.75, 0.75)  # every topic has the same mean
    low, high = mean_interval(values, list(range(100))) or (1.0, 0.0)
    assert low < 0.75 < high


def test_questions_that_stand_or_fall_together_say_less() -> None:
    values = [1.0] * 50 + [0.0] * 50
    apart = mean_interval(values, list(range(100))) or (0.0, 0.0)
    together = mean_interval(values, [at // 25 for at in range(100)]) or (0.0, 0.0)
    assert together[1] - together[0] > apart[1] - apart[0]


def test_one_topic_has_no_interval() -> None:
    assert mean_interval([1.0, 0.0], [3, 3]) is None
    assert mean_interval([], []) is None
    assert interval(lambda at: 1.0, [3, 3]) is None


def test_draws_in_which_a_figure_is_not_defined_are_left_out() -> None:
    right = np.array([1.0] * 30 + [0.0] * 30)

    def share(at: np.ndarray) -> float | None:
        return float(right[at].mean())

    low, high = interval(share, np.arange(60)) or (1.0, 0.0)
    assert low < 0.5 < high
    assert interval(lambda at: None, np.arange(60)) is None


def test_a_sample_is_spread_evenly() -> None:
    assert evenly(range(10), 4) == (0, 2, 5, 7)
    assert evenly("abc", None) == evenly("abc", 99) == ("a", "b", "c")
