"""Answers are passages' own sentences, with what they need."""

from __future__ import annotations

import pytest

from dialog.answers.extractive import MOST_SENTENCES, extract, literal
from dialog.answers.shorten import length
from dialog.answers.verifier import quoted_from
from dialog.parsers.language import language
from knowledge.document import Hit, Passage
from tests.dialog.surroundings import passage


def hit(found: Passage, *scores: float) -> Hit:
    return Hit(found, 0.9, {}, scores.index(max(scores)), scores)


def spoken(found: Passage, *scores: float, asked: str = "", code: str = "en") -> list[str]:
    extracted = extract(hit(found, *scores), code, asked=asked)
    assert extracted is not None
    for sentence in extracted.sentences:
        assert sentence.citation is not None
        assert quoted_from(sentence.citation.quote, found)
    return [sentence.text for sentence in extracted.sentences]


def test_the_best_sentence_is_the_answer() -> None:
    found = passage("a.md", "en", "Delivery", "Cost", "Delivery takes two days.", "Delivery costs 3,000 won.")
    assert spoken(found, 0.2, 0.9) == ["Delivery costs 3,000 won."]


def test_it_cites_document_title_passage_and_the_exact_words() -> None:
    found = passage("a.md", "en", "Delivery", "Cost", "Delivery costs 3,000 won (tax included).")
    extracted = extract(hit(found, 0.9), "en")
    assert extracted is not None
    (sentence,) = extracted.sentences
    assert sentence.text == "Delivery costs 3,000 won."
    assert sentence.citation is not None
    assert sentence.citation.document == "a.md"
    assert sentence.citation.title == "Delivery"
    assert sentence.citation.passage == found.id
    assert sentence.citation.quote == "Delivery costs 3,000 won (tax included)."


def test_what_restricts_it_comes_along() -> None:
    found = passage(
        "a.md",
        "ko",
        "배송",
        "비용",
        "50,000원 이상은 배송비가 없습니다.",
        "단, 제주는 제외됩니다.",
        "기사님이 연락드립니다.",
    )
    assert spoken(found, 0.9, 0.1, 0.1, code="ko") == ["50,000원 이상은 배송비가 없습니다.", "단, 제주는 제외됩니다."]


def test_what_it_leans_on_comes_before_it() -> None:
    found = passage("a.md", "en", "Returns", "How", "Bring it to a store.", "This is free of charge.")
    assert spoken(found, 0.1, 0.9) == ["Bring it to a store.", "This is free of charge."]


def test_a_neighbour_that_answers_as_well_is_said_too() -> None:
    found = passage(
        "a.md", "en", "Hours", "Hours", "Weekdays until 9 p.m.", "Saturdays until 8 p.m.", "Parking is free."
    )
    assert spoken(found, 0.9, 0.85, 0.1) == ["Weekdays until 9 p.m.", "Saturdays until 8 p.m."]
    assert spoken(found, 0.85, 0.9, 0.1) == ["Weekdays until 9 p.m.", "Saturdays until 8 p.m."]


def test_a_list_is_read_as_one_sentence_and_cites_all_of_it() -> None:
    items = ("Opened cosmetics.", "Fresh flowers.", "Used gift cards.")
    found = passage("a.md", "en", "Returns", "Never", "These cannot be returned:", *items)
    (text,) = spoken(found, 0.9, 0.3, 0.3, 0.3)
    assert text == "These cannot be returned: Opened cosmetics, Fresh flowers, and Used gift cards."


def test_a_long_list_says_that_it_goes_on() -> None:
    items = tuple(f"Thing {name}." for name in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta"))
    found = passage("a.md", "ko", "반품", "불가", "반품할 수 없는 상품은 다음과 같습니다.", *items)
    (text,) = spoken(found, 0.9, *([0.1] * 6), code="ko")
    assert text.endswith("등이 있습니다.")
    assert "zeta" not in text


def test_an_item_brings_the_line_that_announced_its_list() -> None:
    found = passage("a.md", "en", "Returns", "Never", "These cannot be returned:", "Opened cosmetics.", "Flowers.")
    (text,) = spoken(found, 0.2, 0.9, 0.1)
    assert text.startswith("These cannot be returned: Opened cosmetics")


def test_the_form_that_was_asked_for_decides_between_equals() -> None:
    found = passage("a.md", "en", "Dawn", "Dawn", "Dawn delivery is for early birds.", "Dawn delivery costs 5,000 won.")
    assert spoken(found, 0.5, 0.45, asked="how much is dawn delivery")[-1] == "Dawn delivery costs 5,000 won."
    assert spoken(found, 0.5, 0.3, asked="what is dawn delivery") == ["Dawn delivery is for early birds."]


def test_a_question_that_the_source_answers_gets_its_answer() -> None:
    found = passage(
        "a.csv",
        "en",
        "faq",
        "faq",
        "Yes, you can.",
        "A guest order earns no points.",
        question="Can I order as a guest?",
    )
    assert spoken(found, 0.1, 0.8) == ["Yes, you can.", "A guest order earns no points."]


def test_an_answer_is_never_longer_than_an_ear_takes_in() -> None:
    sentences = tuple(f"Sentence {number} has about ten words that say nothing new at all." for number in range(12))
    found = passage("a.md", "en", "Long", "Long", *sentences)
    texts = spoken(found, *([0.9] * 12))
    assert len(texts) <= MOST_SENTENCES
    assert length(" ".join(texts), language("en").prose) <= language("en").prose.longest_answer


@pytest.mark.parametrize("written", ["https://x.example", "…", "word " * 200])
def test_what_cannot_be_said_is_no_answer(written: str) -> None:
    assert extract(hit(passage("a.md", "en", "T", "H", written), 0.9), "en") is None


def test_scores_that_do_not_belong_to_the_passage_give_no_answer() -> None:
    found = passage("a.md", "en", "T", "H", "One.", "Two.")
    assert extract(Hit(found, 0.9, {}, 0, (0.9,)), "en") is None


def test_the_quote_is_found_where_only_white_space_differs() -> None:
    found = passage("a.md", "en", "T", "H", "One two three.")
    broken = Passage(found.id, found.document, 0, found.headings, "Start. One\ntwo  three. End.", ("One two three.",))
    assert literal("One two three.", broken) == "One\ntwo  three."
    assert literal("Not there.", broken) == "Not there."


@pytest.mark.parametrize(
    ("code", "asked", "steps", "after"),
    [
        (
            "ko",
            "반품은 어떻게 신청해요",
            ("나의 주문에서 반품을 누릅니다.", "사유를 고르고 사진을 올립니다.", "상품을 상자에 넣고 잘 봉합니다."),
            "신청하시면 이틀 안에 기사가 갑니다.",
        ),
        (
            "en",
            "how do i ask for a return",
            ("Open My Orders and choose Return.", "Choose the reason for the return.", "Put the product into its box."),
            "The courier picks it up within two days.",
        ),
    ],
)
def test_how_it_is_done_is_told_in_all_its_steps_and_in_their_order(
    code: str, asked: str, steps: tuple[str, ...], after: str
) -> None:
    found = passage("a.md", code, "Returns", "How", *steps, after)
    assert spoken(found, 0.2, 0.5, 0.2, 0.1, asked=asked, code=code) == list(steps)


def test_one_instruction_is_no_list_of_steps() -> None:
    found = passage("a.md", "en", "Gifts", "Gifts", "Choose gift wrapping in the basket.", "It costs 2,500 won.")
    assert spoken(found, 0.9, 0.1, asked="how do i order gift wrapping") == ["Choose gift wrapping in the basket."]


def test_a_yes_or_no_that_is_certain_is_said_before_its_sentence() -> None:
    free = passage("a.md", "ko", "멤버십", "가입", "멤버십 가입은 무료입니다.")
    assert spoken(free, 0.9, asked="멤버십 가입은 무료인가요", code="ko") == ["네, 멤버십 가입은 무료입니다."]
    depends = passage("a.md", "en", "Delivery", "Fee", "Delivery is free for orders of 50,000 won or more.")
    assert spoken(depends, 0.9, asked="is delivery free") == ["Delivery is free for orders of 50,000 won or more."]
