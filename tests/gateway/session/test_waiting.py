import numpy as np
import pytest

from gateway.session.waiting import LONGEST_TOLD, Waiting, music, told, wants_callback


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("call me back please", "en"),
        ("can I get a callback", "en"),
        ("please ring me later", "en"),
        ("다시 전화 주세요", "ko"),
        ("콜백 신청할게요", "ko"),
        ("나중에 연락 주세요", "ko"),
    ],
)
def test_whoever_asks_to_be_called_back_is_heard(text: str, language: str) -> None:
    assert wants_callback(text, "", language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("please don't call me back", "en"),
        ("I would rather not get a callback", "en"),
        ("how much longer", "en"),
        ("콜백은 필요 없어요", "ko"),
        ("다시 전화하지 마세요", "ko"),
        ("얼마나 더 기다려요", "ko"),
        ("", "ko"),
    ],
)
def test_nobody_else_is(text: str, language: str) -> None:
    assert not wants_callback(text, "", language)


def test_the_key_is_enough_and_no_other_key_is_it() -> None:
    assert wants_callback("", "1", "ko")
    assert not wants_callback("", "2", "ko")


def test_a_caller_is_told_their_place_and_what_is_known_of_the_wait_and_no_more() -> None:
    assert "number 3" in told(Waiting(3, 130.0), "en")[0]
    assert "2 minutes" in told(Waiting(3, 130.0), "en")[1]
    assert "1 minute." in told(Waiting(1, 10.0), "en")[1]
    assert not any("minute" in part for part in told(Waiting(3, None), "en"))
    assert "long" in told(Waiting(40, LONGEST_TOLD + 1.0), "en")[1]
    assert "2번째" in told(Waiting(2, 240.0), "ko")[0]
    assert "4분" in told(Waiting(2, 240.0), "ko")[1]
    assert told(None, "ko") == ()


def test_the_tune_is_quiet_never_silent_for_long_and_has_no_crack_where_it_begins_again() -> None:
    tune = np.frombuffer(music(8000), "<i2").astype(int)
    assert np.abs(tune).max() < 32767 * 0.25
    seconds = tune[: len(tune) // 8000 * 8000].reshape(-1, 8000)
    assert np.abs(seconds).max(axis=1).min() > 300
    assert abs(tune[0] - tune[-1]) < 500
