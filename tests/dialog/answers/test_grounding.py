"""Which evidence a sentence rests on."""

from __future__ import annotations

from dialog.answers.facts import facts
from dialog.answers.grounding import Backing, footing, foreign, split, support, unsupported, without_facts, written_in
from tests.dialog.surroundings import passage

RETURNS = Backing.of_passage(
    1,
    passage("r.md", "en", "Returns", "Unused items", "Return unused items within 7 days.", "This is free and is easy."),
)


def test_a_result_is_evidence_in_the_words_that_tell_it() -> None:
    told = Backing.of_result(2, "It arrives by 8 p.m. on Monday. The total is 3,000 won.", "en", "order_status")
    assert told.sentences == ("It arrives by 8 p.m. on Monday.", "The total is 3,000 won.")
    assert (told.action, told.around) == ("order_status", "")
    assert split("배송비는 3,000원입니다. 50,000원부터 무료입니다.") == (
        "배송비는 3,000원입니다.",
        "50,000원부터 무료입니다.",
    )


def test_a_sentence_rests_on_the_one_that_shares_most_with_it() -> None:
    found = footing("It is free", (RETURNS,), "en")
    assert found is not None
    assert (found.statement, found.following) == ("This is free", None)
    assert "Return unused items" in found.context and "Returns" in found.context
    first = footing("unused items can be returned", (RETURNS,), "en")
    assert first is not None and first.following == "This is free and is easy."
    assert footing("It is free", (), "en") is None


def test_words_are_found_in_other_forms_but_not_turned_round() -> None:
    assert support(("delivery",), "We deliver to islands") > 0.8
    assert support((), "anything") == 1.0
    assert unsupported(("used", "items"), "unused items") == ("used",)
    assert unsupported(("가능",), "반품 불가능") == ("가능",)
    assert unsupported(("반품하실",), "반품합니다") == ()


def test_names_that_the_source_does_not_have_are_foreign() -> None:
    assert foreign("Your parcel goes with DHL to Busan", "goes to busan", (), "en") == ("DHL",)
    assert foreign("홍길동님의 주문은 고객님께 CJ로 갑니다", "주문은 갑니다", (), "ko") == ("홍길동", "CJ")


def test_facts_are_left_out_with_what_hangs_on_them() -> None:
    assert without_facts("7일까지 반품", facts("7일까지 반품", "ko")).split() == ["반품"]


def test_the_letters_tell_the_language() -> None:
    assert written_in("주문은 DHL로 도착합니다.", "ko")
    assert not written_in("送料は三千ウォンです。", "ko")
    assert not written_in("배송비는 3,000원", "en")
    assert not written_in("3,000", "en")
