from __future__ import annotations

from gateway.commands.evaluate.plain_topics import k_means, words_in_common

PARCELS = ("my parcel is late", "the late parcel", "parcel late again")
REFUNDS = ("refund the money", "my money refund", "a refund of money")


def test_k_means_finds_as_many_groups_as_it_is_told() -> None:
    groups = k_means([*PARCELS, *REFUNDS], "en", 2)
    assert len(set(groups[:3])) == len(set(groups[3:])) == 1
    assert groups[0] != groups[3]
    assert len(set(k_means(["늦은 택배", "택배가 늦어요", "돈을 돌려주세요"], "ko", 9).tolist())) <= 3


def test_turns_that_share_words_are_a_group_of_three_or_more() -> None:
    groups = words_in_common([text.split() for text in (*PARCELS, *REFUNDS, "sing me", "sing me", "x")], 9)
    assert groups[0] == groups[1] == groups[2] >= 0
    assert groups[3] == groups[4] == groups[5] >= 0
    assert groups[0] != groups[3]
    assert groups[6:].tolist() == [-1, -1, -1]


def test_nothing_in_common_is_no_group() -> None:
    assert words_in_common([["a"], ["b"], []], 9).tolist() == [-1, -1, -1]


def test_only_as_many_groups_are_kept_as_are_asked_for() -> None:
    groups = words_in_common([text.split() for text in (*PARCELS, *REFUNDS, "refund money")], 1)
    assert (groups >= 0).tolist() == [False, False, False, True, True, True, True]
