from __future__ import annotations

import numpy as np
import pytest

from gateway.commands.evaluate.topic_scores import agreement, labels_apart, labels_said, main_intents, stayed


def test_the_figures_of_groups_have_known_answers() -> None:
    groups = np.array([0, 0, 0, 1, 1, -1, 0, -1])
    meant = ["a", "a", "b", "b", "b", "a", None, None]
    found = agreement(groups, meant)
    assert main_intents(groups, meant) == {0: 2, 1: 2}
    assert (found.groups, found.coverage, found.strangers) == (2, 5 / 6, 0.5)
    assert found.purity == 4 / 6  # an off-topic utterance in a group is none of its intent's
    assert found.found == 4 / 6


def test_groups_that_are_the_intents_agree_with_them_and_one_of_all_does_not() -> None:
    meant = ["a", "a", "b", "b"]
    whole = agreement(np.array([0, 0, 1, 1]), meant)
    assert (whole.coverage, whole.purity, whole.found) == (1.0, 1.0, 1.0)
    assert whole.nmi == pytest.approx(1.0)
    assert whole.ari == pytest.approx(1.0)
    assert agreement(np.array([0, 0, 0, 0]), meant).ari == pytest.approx(0.0)
    assert agreement(np.array([-1, -1, -1, -1]), meant).ari == pytest.approx(0.0)


def test_what_nothing_defines_is_none() -> None:
    nothing = agreement(np.array([], np.intp), [])
    assert (nothing.coverage, nothing.purity, nothing.nmi, nothing.strangers) == (None, None, None, None)
    assert stayed(np.array([-1]), np.array([0])) is None
    assert labels_apart([]) is labels_said([], {}) is None


def test_who_is_in_the_group_that_took_most_of_theirs_stayed() -> None:
    before, after = np.array([0, 0, 0, 0, 1, 1, -1]), np.array([5, 5, 5, -1, -1, -1, 5])
    assert stayed(before, after) == 3 / 6


def test_labels_are_said_by_members_and_no_others_first_word() -> None:
    labels = [("late", "parcel"), ("refund",), ("late", "bill")]
    assert labels_apart(labels) == 1 / 3
    said = {0: [frozenset({"parcel"}), frozenset({"x"})], 1: [frozenset({"refund", "x"})]}
    assert labels_said(labels, said) == 2 / 3
