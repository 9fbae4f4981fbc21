from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt.local_agreement import LocalAgreement, TokenWord, agreed, normal, text_of


def words(text: str) -> tuple[TokenWord, ...]:
    """Words with the blank before them; punctuation apart, as the tokenizer's split gives them."""
    parts = text.replace(".", " .").replace(",", " ,").split()
    return tuple(TokenWord(part if part in ".," else f" {part}", tuple(map(ord, part.casefold()))) for part in parts)


@pytest.mark.parametrize(
    ("before", "now", "confirmed"),
    [
        ("", "where is", ""),
        ("where is", "", ""),
        ("where is my", "where is the order", "where is"),
        ("Where is my", "where is my order", "where is my"),
        ("order.", "order, please", "order"),  # punctuation at the edge may still change
        ("my order. please", "my order, please", "my order, please"),  # between agreed words it may not
        ("my order please", "my, order please", "my, order please"),
        ("주문 조회", "주문 조회 해 주세요", "주문 조회"),
        ("환불 요청", "반품 요청", ""),
        ("...", "...", ""),
    ],
)
def test_what_two_hypotheses_have_in_common_is_confirmed(before: str, now: str, confirmed: str) -> None:
    assert text_of(words(now)[: agreed(words(before), words(now))]) == text_of(words(confirmed))


def test_a_word_is_compared_by_its_letters_and_digits() -> None:
    assert normal(TokenWord(" Order-No.", ())) == "orderno"
    assert normal(TokenWord(" 010-1234", ())) == "0101234"
    assert normal(TokenWord("?!", ())) == ""


def test_confirmed_tokens_become_the_prefix_and_only_the_rest_may_change() -> None:
    agreement = LocalAgreement()
    agreement.hear(words("where is"))
    assert (agreement.prefix, agreement.stable, agreement.text) == ((), 0, "where is")
    agreement.hear(words("where is my"))
    assert agreement.prefix == tuple(map(ord, "whereis"))
    assert (agreement.text, agreement.stable) == ("where is my", len("where is"))
    agreement.hear(words("their order"))  # what follows the prefix
    assert (agreement.text, agreement.stable) == ("where is their order", len("where is"))


def test_a_particle_that_comes_later_is_set_without_a_blank() -> None:
    agreement = LocalAgreement()
    for _ in range(2):
        agreement.hear((TokenWord(" 배송", (1,)),))
    agreement.hear((TokenWord("은", (2,)), TokenWord(" 언제", (3,))))
    assert (agreement.text, agreement.stable) == ("배송은 언제", 2)


@given(st.lists(st.lists(st.sampled_from(["where", "is", "My", "my", "주문", "order", ".", ","]), max_size=6)))
def test_confirmed_text_never_changes(hypotheses: list[list[str]]) -> None:
    agreement = LocalAgreement()
    shown: list[tuple[str, int]] = []
    for hypothesis in hypotheses:
        agreement.hear(words(" ".join(hypothesis)))
        shown.append((agreement.text, agreement.stable))
    for index, (text, stable) in enumerate(shown):
        for later, later_stable in shown[index:]:
            assert later.startswith(text[:stable])
            assert later_stable >= stable
