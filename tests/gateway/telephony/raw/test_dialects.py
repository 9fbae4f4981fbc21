"""The table of raw streams: every row is whole, and no two share a door."""

from __future__ import annotations

import pytest

from gateway.telephony.raw.dialects import DIALECTS, Dialect, Sound
from tests.gateway.telephony.raw.raw_wire import PLATFORMS


def test_each_has_a_name_and_a_door_of_its_own_and_is_tried() -> None:
    assert len({dialect.path for dialect in DIALECTS}) == len({dialect.name for dialect in DIALECTS}) == len(DIALECTS)
    assert [platform.dialect for platform in PLATFORMS.values()] == list(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_where_no_marks_come_back_we_keep_the_time(dialect: Dialect) -> None:
    assert (dialect.marked is None) == (dialect.words.mark is None) == (dialect.pace is not None)
    assert dialect.pace is None or dialect.sound in (Sound.PLAY_AUDIO, Sound.STREAM_AUDIO)
