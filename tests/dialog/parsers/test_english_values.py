"""The patterns of English values compile and name what their readers look for."""

from __future__ import annotations

import re

import pytest

from dialog.parsers import english_values as values

READ = {"iso", "year", "month", "day", "weekday", "week", "month_of", "number", "span", "word"}
HEARD = {"half", "part", "early", "hour", "minute", "past", "back", "word"}


@pytest.mark.parametrize("rule", values.CALENDAR.rules)
def test_a_date_rule_has_only_groups_that_are_read(rule: str) -> None:
    assert set(re.compile(rule.replace("{n}", "x")).groupindex) <= READ


@pytest.mark.parametrize("rule", values.HOURS.rules)
def test_a_time_rule_has_only_groups_that_are_read(rule: str) -> None:
    assert set(re.compile(rule.replace("{n}", "x")).groupindex) <= HEARD


def test_corrections_name_the_new_words() -> None:
    assert all("new" in pattern.groupindex for pattern in values.FRAMES.corrections)
