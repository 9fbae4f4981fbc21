from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tts.alignment import Marker, WordStart, groups, marks_of, shares, syllables
from tts.normalizer import normalize

MIXED = st.text(alphabet="가나 a3,.-:₩원시개😀\n2/", max_size=40)


def _words(source: str, language: str = "ko") -> list[str]:
    return [source[group.start : group.end] for group in groups(source, normalize(source, language))]


def test_words_of_the_original_are_grouped_as_they_are_said() -> None:
    assert _words("총 3개를 2026-11-21 까지") == ["총", "3개를", "2026-11-21", "까지"]
    assert _words("by November 21, 2026 or so", "en") == ["by", "November 21, 2026", "or", "so"]


def test_what_nobody_says_belongs_to_what_is_said_beside_it() -> None:
    assert _words("😀 네 😀 좋아요 😀") == ["😀 네 😀", "좋아요 😀"]
    assert _words("😀") == []


@given(MIXED, st.sampled_from(["ko", "en"]))
def test_groups_are_in_order_and_hold_every_word(source: str, language: str) -> None:
    spoken = normalize(source, language)
    made = groups(source, spoken)
    if not spoken.text:
        assert made == ()
        return
    covered = "".join(source[group.start : group.end] for group in made)
    assert covered.split() == source.split() or "".join(covered.split()) == "".join(source.split())
    assert all(before.end <= after.start for before, after in itertools.pairwise(made))
    assert [group.spoken for group in made] == sorted({group.spoken for group in made})


def test_syllables() -> None:
    assert [syllables(word) for word in ("한빛은", "delivery", "tsk", "3")] == [3, 4, 1, 1]


def test_words_share_the_time_by_their_syllables() -> None:
    starts = shares("네 알겠습니다", 6.0)
    assert starts == [WordStart(0, 0.0), WordStart(2, 1.0)]
    assert shares("", 1.0) == []


def test_a_pause_after_a_comma_counts() -> None:
    with_comma = shares("네, 네", 3.0)
    assert with_comma[1].at > shares("네 네", 3.0)[1].at


def test_a_marker_marks_each_group_once_in_order() -> None:
    source = "총 3개 입니다"
    spoken = normalize(source, "ko")
    marker = Marker(source, spoken, estimated=False)
    assert spoken.text == "총 세 개 입니다"
    for position, at in ((0, 0.0), (2, 0.5), (4, 0.7), (6, 1.0)):
        marker.begin(position, at)
    marks = marker.take(9.0)
    assert [(source[mark.start : mark.end], mark.at) for mark in marks] == [("총", 0.0), ("3개", 0.5), ("입니다", 1.0)]


def test_swallowed_words_get_a_time_between_their_neighbours() -> None:
    source = "because of the delay"
    marker = Marker(source, normalize(source, "en"), estimated=False)
    marker.begin(0, 0.0)
    marker.begin(15, 0.9)
    assert [round(mark.at, 2) for mark in marker.take(9.0)] == [0.0, 0.3, 0.6, 0.9]


def test_words_swallowed_at_the_end_are_marked_before_it() -> None:
    source = "one of them"
    marker = Marker(source, normalize(source, "en"), estimated=False)
    marker.begin(0, 0.0)
    marker.end(len(source), 0.9)
    marks = marker.take(9.0)
    assert [source[mark.start : mark.end] for mark in marks] == ["one", "of", "them"]
    assert all(before.at < after.at < 0.9 for before, after in itertools.pairwise(marks))


def test_no_mark_lies_in_sound_that_was_handed_out() -> None:
    source = "one of them"
    marker = Marker(source, normalize(source, "en"), estimated=False)
    marker.begin(0, 0.0)
    assert len(marker.take(0.5)) == 1
    marker.begin(7, 0.6)
    assert all(0.5 <= mark.at <= 0.6 for mark in marker.take(9.0))


def test_marks_wait_for_their_sound() -> None:
    source = "one two"
    marker = Marker(source, normalize(source, "en"), estimated=True)
    marker.begin(0, 0.0)
    marker.begin(4, 0.5)
    assert [mark.at for mark in marker.take(0.5)] == [0.0]
    (second,) = marker.take(0.6)
    assert (second.at, second.estimated) == (0.5, True)


def test_marks_of_a_whole_speech() -> None:
    source = "네 3개"
    marks = marks_of(source, normalize(source, "ko"), [WordStart(0, 0.0), WordStart(2, 0.4)], estimated=False)
    assert [(mark.start, mark.end, mark.at) for mark in marks] == [(0, 1, 0.0), (2, 4, 0.4)]
