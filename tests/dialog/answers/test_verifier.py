"""What is not backed is not said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialog.answers.grounding import Backing, split
from dialog.answers.verifier import Flaw, Verified, check, check_result, numbers, quoted_from, restrictions, verify
from dialog.parsers.language import language
from dialog.reply import Citation, Sentence
from tests.dialog.surroundings import ORDERS, passage

QUOTE = "Returns within 7 days are free, except for items over 3,000 won."
PASSAGE = passage("a.md", "en", "Returns", "Cost", "Hello.", QUOTE)
CITATION = Citation("a.md", "Returns", PASSAGE.id, QUOTE)
KO, EN = language("ko").prose, language("en").prose


def said(text: str, citation: Citation | None = CITATION) -> Sentence:
    return Sentence(text, citation)


def test_the_passages_own_words_may_be_said() -> None:
    assert check(said(QUOTE), PASSAGE, "en") == ()


def test_a_sentence_without_a_source_may_not() -> None:
    assert check(said(QUOTE, None), PASSAGE, "en") == (Flaw.NO_SOURCE,)
    assert check(said(QUOTE, replace(CITATION, passage="b#1")), PASSAGE, "en") == (Flaw.NO_SOURCE,)


def test_a_quote_that_does_not_stand_in_the_passage_is_found_out() -> None:
    invented = replace(CITATION, quote="Returns are always free.")
    assert Flaw.QUOTE_NOT_IN_PASSAGE in check(said("Returns are always free.", invented), PASSAGE, "en")


def test_a_number_that_the_source_does_not_have_is_found_out() -> None:
    changed = "Returns within 30 days are free, except for items over 3,000 won."
    assert check(said(changed), PASSAGE, "en") == (Flaw.FACT_NOT_IN_SOURCE,)


def test_a_unit_that_the_source_does_not_have_is_found_out() -> None:
    changed = "Returns within 7 weeks are free, except for items over 3,000 won."
    assert check(said(changed), PASSAGE, "en") == (Flaw.FACT_NOT_IN_SOURCE,)


def test_a_restriction_that_was_lost_is_found_out() -> None:
    assert check(said("Returns within 7 days are free."), PASSAGE, "en") == (Flaw.RESTRICTION_LOST,)


def test_numbers_in_the_framing_need_no_backing() -> None:
    framed = f"Our page on 2026 rules says: {QUOTE}"
    assert check(said(framed), PASSAGE, "en") == (Flaw.FACT_NOT_IN_SOURCE,)
    assert check(said(framed), PASSAGE, "en", framing="2026 rules") == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3,000원", {"3000"}),
        ("3천 원", {"3000"}),
        ("5만원", {"50000"}),
        ("2026-11-05", {"2026", "11", "5"}),
        ("1.5배", {"1.5"}),
        ("없음", set()),
    ],
)
def test_numbers_are_compared_as_written_alike(text: str, found: set[str]) -> None:
    assert numbers(text, KO) == found


def test_restrictions_are_the_words_that_limit() -> None:
    assert restrictions("Only members, except on Sundays", EN) == {"only", "except"}
    assert restrictions("제주는 제외하고 불가합니다", KO) == {"제외", "불가"}


def test_white_space_does_not_make_a_quote_false() -> None:
    assert quoted_from("Returns  within 7\ndays", PASSAGE)
    assert not quoted_from("   ", PASSAGE)


def test_a_result_is_told_with_its_own_numbers() -> None:
    result = ORDERS["20261187"]
    told = "주문번호 2 0 2 6, 1 1 8 7 무선 이어폰 외 1건은 11월 24일에 도착합니다. 89,000원입니다."
    assert check_result(told, result, "ko") == ()
    assert check_result("11월 25일에 도착합니다.", result, "ko") == (Flaw.NUMBER_NOT_IN_SOURCE,)
    assert check_result("영업일 3일 걸립니다.", result, "ko", also=("영업일 3일 걸립니다.",)) == ()


TABLE = yaml.safe_load((Path(__file__).parent / "verifier_cases.yaml").read_text(encoding="utf-8"))


def judged(case: dict[str, Any]) -> Verified:
    code = case["with"][:2]
    evidence = [Backing(n, code, split(text)) for n, text in enumerate(TABLE["evidence"][case["with"]], 1)]
    return verify(
        case["says"],
        case.get("cites", [1]),
        evidence,
        case.get("language", code),
        today=TABLE["today"],
        asked=case.get("asked", ""),
    )


@pytest.mark.parametrize("case", [case for case in TABLE["cases"] if not case["may"]], ids=lambda case: case["says"])
def test_what_its_evidence_does_not_say_is_not_said(case: dict[str, Any]) -> None:
    found = judged(case)
    assert not found.backed
    assert found.judged is not case.get("unverified", False)
    if "flaw" in case:
        assert Flaw(case["flaw"]) in found.flaws


@pytest.mark.parametrize(("held_out", "least"), [(False, 0.65), (True, 0.65)])
def test_most_of_what_may_be_said_passes(held_out: bool, least: float) -> None:
    true = [case for case in TABLE["cases"] if case["may"] and case.get("held_out", False) is held_out]
    assert sum(judged(case).backed for case in true) / len(true) >= least


def test_the_table_is_half_korean_and_has_all_of_both_kinds() -> None:
    korean = sum(case["with"].startswith("ko") for case in TABLE["cases"])
    assert len(TABLE["cases"]) >= 60
    assert 0.4 <= korean / len(TABLE["cases"]) <= 0.6


def test_what_is_no_longer_valid_backs_nothing() -> None:
    ended = replace(PASSAGE, document=replace(PASSAGE.document, valid_until=date(2026, 11, 21)))
    claim = "Returns within 7 days are free, except for items over 3,000 won."
    assert verify(claim, [1], [Backing.of_passage(1, PASSAGE)], "en", today=date(2026, 11, 22)).backed
    found = verify(claim, [1], [Backing.of_passage(1, ended)], "en", today=date(2026, 11, 22))
    assert found.flaws == (Flaw.EXPIRED,)


@pytest.mark.parametrize(("code", "claim"), [("ko", "네."), ("en", "Yes, sure."), ("en", "You can.")])
def test_a_sentence_that_states_nothing_is_not_backed_by_anything(code: str, claim: str) -> None:
    evidence = [Backing(1, code, ("Returns are free.", "반품은 무료입니다."))]
    assert not verify(claim, [1], evidence, code, today=date(2026, 11, 22)).backed


def test_a_sentence_that_nobody_would_listen_to_is_not_even_compared() -> None:
    found = verify("free " * 100, [1], [Backing(1, "en", ("Returns are free.",))], "en", today=date(2026, 11, 22))
    assert found.flaws == (Flaw.TOO_LONG,)


def test_a_sentence_that_restricts_the_next_is_owed_with_it() -> None:
    evidence = [Backing(1, "ko", ("반품하실 수 있습니다.", "다만, 사용한 상품은 반품하실 수 없습니다."))]
    found = verify("반품하실 수 있어요.", [1], evidence, "ko", today=date(2026, 11, 22))
    assert found.backed
    assert found.owed == ("다만, 사용한 상품은 반품하실 수 없습니다.",)
