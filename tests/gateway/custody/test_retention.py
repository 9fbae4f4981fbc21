from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.custody.retention import DataClass, Retention

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_each_class_has_its_own_days() -> None:
    keep = Retention(recording_days=30, words_days=90, record_days=365)
    assert [keep.ended_before(what, NOW) for what in DataClass] == [
        NOW - timedelta(days=30),
        NOW - timedelta(days=90),
        NOW - timedelta(days=365),
    ]


def test_what_has_no_days_is_kept_for_good() -> None:
    keep = Retention(recording_days=None, words_days=None, record_days=None)
    assert all(keep.ended_before(what, NOW) is None for what in DataClass)


@pytest.mark.parametrize(
    ("recording", "words", "record"), [(30, 90, 60), (91, 90, 365), (None, 90, 365), (30, None, 365), (0, 90, 365)]
)
def test_nothing_outlives_what_it_is_a_part_of(recording: int | None, words: int | None, record: int | None) -> None:
    with pytest.raises(ValueError, match="kept"):
        Retention(recording, words, record)
