from __future__ import annotations

import numpy as np
import pytest

from gateway.analytics.topics import rows as rows_module
from gateway.analytics.topics.rows import Matrix, of_length_one, pieces_of, rows_of

PARCEL, LATE = {"parcel"}, {"parcel", "late"}


def rows(*turns: set[str]) -> Matrix:
    """Of turns whose texts have no pieces in common."""
    return rows_of(turns, [chr(ord("A") + at) for at in range(len(turns))], [1] * len(turns), 1000)


def test_rows_that_share_rare_words_are_more_alike() -> None:
    found = rows({"order", "refund"}, {"refund"}, {"order"}, *[{"order"}] * 5)
    alike = found @ found.T
    assert np.allclose(alike.diagonal(), 1.0)
    assert alike[0, 1] > alike[0, 2] > 0
    assert alike[1, 2] == pytest.approx(0.0, abs=1e-6)


def test_a_word_that_was_said_once_tells_nothing() -> None:
    found = rows(PARCEL, LATE, {"once"})
    assert found[2].tolist() == [0.0] * found.shape[1]


def test_what_was_said_twice_is_no_single_word() -> None:
    assert rows_of([PARCEL], ["A"], [2], 10).any()


def test_pieces_of_words_are_alike_where_words_are_not() -> None:
    texts = ["refunding", "refunded", "parcel"]
    found = rows_of([{"x"}, {"y"}, {"z"}], texts, [1, 1, 1], 10)
    assert found[0] @ found[1] > 0.5
    assert found[0] @ found[2] == pytest.approx(0.0, abs=1e-6)
    assert list(pieces_of("a box")) == [" a", "a ", " b", "bo", "ox", "x ", " a ", " bo", "box", "ox "]


def test_turns_are_alike_by_the_company_that_their_words_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "DIMENSIONS", 2)
    turns = [{"car", "road"}, {"automobile", "road"}, {"car", "wheel"}, {"automobile", "wheel"}]
    turns += [{"violin", "music"}, {"piano", "music"}, {"violin", "song"}, {"piano", "song"}]
    found = rows(*turns, {"car"}, {"automobile"}, {"violin"})
    assert found.shape[1] == 2
    assert found[8] @ found[9] > 0.9  # no word in common
    assert found[8] @ found[10] < 0.1


def test_rows_beyond_those_fitted_are_seen_as_those_see_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "DIMENSIONS", 2)
    turns = [{"car", "road"}, {"automobile", "road"}, {"violin", "music"}, {"piano", "music"}] * 3
    texts = [chr(ord("A") + at) for at in range(12)]
    found = rows_of(turns, texts, [1] * 12, 4)
    assert np.allclose(found[:4], found[8:], atol=1e-5)


def test_what_is_nought_stays_so() -> None:
    assert of_length_one(np.array([[3, 4], [0, 0]], np.float32)).tolist() == [
        [pytest.approx(0.6), pytest.approx(0.8)],
        [0, 0],
    ]
