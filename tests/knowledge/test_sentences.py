from __future__ import annotations

import pytest

from knowledge.sentences import split


@pytest.mark.parametrize(
    "sentences",
    [
        ("Dr. Kim ships at 3.5 kg.", "It costs $4.99!", "Is that OK?"),
        ("Yes (see no. 5 below. Really).", "We close at 6 p.m.", "Please call."),
        ("Open 9 a.m. to 6 p.m. on weekdays.",),
        ('He said "No."', "Then he left."),
        ("J. K. Rowling wrote it, vs. us, i.e. nobody.", "Fine."),
        ("The order was placed in 2024.", "Then 3 items came."),
        ("1. Log in now.", "2. Choose the order."),
        ("반품은 7일 이내에 가능합니다.", "배송비는 누가 내나요?", "네."),
        ("단, 2026. 3. 15.(일)까지 접수해야 해요.", "감사합니다."),
        ("마감일은 2026. 3. 15. 입니다.", "이후에는 불가합니다."),
        ('"안 됩니다."라고 안내했습니다.', "끝입니다."),
        ("배송비는 3,000원입니다(제주 6,000원).", "나머지는 무료"),
    ],
)
def test_sentences_that_were_joined_come_apart_again(sentences: tuple[str, ...]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_a_forgotten_space_after_a_korean_ending_is_seen() -> None:
    assert split("가능해요.다만 유료입니다.") == ("가능해요.", "다만 유료입니다.")


def test_line_breaks_count_as_spaces_and_nothing_empty_comes_out() -> None:
    assert split("One\nline.\n\n Two. ") == ("One line.", "Two.")
    assert split("  \n ") == ()


def test_no_word_is_lost() -> None:
    text = "A. B. C! 가. 나? (다. 라) 3. 4. e.g. x. End"
    assert "".join(split(text)).replace(" ", "") == text.replace(" ", "")
