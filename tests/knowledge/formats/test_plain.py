from __future__ import annotations

from knowledge.blocks import Heading, ListItem, Paragraph
from knowledge.formats import plain


def test_wrapped_lines_are_one_paragraph_and_blank_lines_part() -> None:
    assert plain.read("배송은 보통 이틀\n걸립니다.\n\n제주는 더 걸립니다.") == [
        Paragraph("배송은 보통 이틀 걸립니다."),
        Paragraph("제주는 더 걸립니다."),
    ]


def test_underlined_marked_and_lonely_short_lines_are_headings() -> None:
    assert plain.read("배송 안내\n=====\n이틀입니다.\n\n■ 환불\n7일입니다.\n\nHow long?\n\nTwo days.") == [
        Heading(1, "배송 안내"),
        Paragraph("이틀입니다."),
        Heading(2, "환불"),
        Paragraph("7일입니다."),
        Heading(2, "How long?"),
        Paragraph("Two days."),
    ]


def test_items_take_their_wrapped_lines_along() -> None:
    assert plain.read("- first\n  goes on\n- second\n  1) inner") == [
        ListItem(0, "first goes on"),
        ListItem(0, "second"),
        ListItem(1, "inner"),
    ]


def test_articles_of_korean_terms_are_headings_but_mentions_of_them_are_not() -> None:
    assert plain.read("제3조(환불) ① 7일 이내입니다.\n제3조에 따라 처리합니다.") == [
        Heading(3, "제3조(환불)"),
        Paragraph("① 7일 이내입니다."),
        Paragraph("제3조에 따라 처리합니다."),
    ]


def test_a_last_short_line_is_no_heading_for_nothing_follows_it() -> None:
    assert plain.read("Two days.\n\nThank you") == [Paragraph("Two days."), Paragraph("Thank you")]
