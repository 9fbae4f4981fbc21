from __future__ import annotations

import re

import pytest

from tts.rules import Rules, after, before, in_fours, rule, table, valid_month_day


def _spoken(rules: Rules, text: str) -> list[tuple[str | None, str]]:
    return [(spoken, text[start:end]) for spoken, start, end in rules.apply(text)]


def test_what_no_rule_touches_stands_as_it_is() -> None:
    rules = Rules((rule("number", r"\d+", lambda m: "N"),))
    assert _spoken(rules, "ab 12 cd") == [(None, "ab "), ("N", "12"), (None, " cd")]


def test_the_first_rule_wins_and_one_that_declines_leaves_it_to_the_next() -> None:
    rules = Rules(
        (
            rule("even", r"\d+", lambda m: "even" if int(m.group()) % 2 == 0 else None),
            rule("number", r"\d+", lambda m: "odd"),
        )
    )
    assert _spoken(rules, "4 5") == [("even", "4"), (None, " "), ("odd", "5")]


def test_when_all_decline_the_text_stands() -> None:
    rules = Rules((rule("none", r"\d", lambda m: None),))
    assert _spoken(rules, "1x") == [(None, "1x")]


def test_rules_may_use_the_same_group_names() -> None:
    rules = Rules((rule("a", r"(?P<n>\d)a", lambda m: m["n"]), rule("b", r"(?P<n>\d)b", lambda m: m["n"] * 2)))
    assert _spoken(rules, "1b2a") == [("11", "1b"), ("2", "2a")]


def test_two_rules_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="same name"):
        Rules((rule("a", "1", lambda m: ""), rule("a", "2", lambda m: "")))


def test_readers_see_what_stands_around() -> None:
    match = re.search("x", "before x after")
    assert match is not None
    assert (before(match), after(match)) == ("before ", " after")


def test_long_runs_of_digits_come_in_fours() -> None:
    assert in_fours("20261121") == ["2026", "1121"]
    assert in_fours("482153") == ["482153"]


def test_months_and_days() -> None:
    assert valid_month_day("11", "21")
    assert not valid_month_day("13", "1")
    assert not valid_month_day("1", "32")


def test_a_table_keeps_signs_of_equality_and_blanks() -> None:
    assert table("1+1=one_plus a==b") == {"1+1": "one plus", "a=": "b"}
