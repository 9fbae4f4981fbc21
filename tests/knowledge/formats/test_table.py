from __future__ import annotations

import pytest

from knowledge.blocks import QuestionAnswer, TableRow
from knowledge.errors import UnreadableDocument
from knowledge.formats import table


@pytest.mark.parametrize(
    "header",
    [
        "question,answer",
        "Question,Answer",
        "Q,A",
        "질문,답변",
        "문의 내용,답변 내용",
        "고객질문,안내",
        "FAQ,Reply",
        " 질의 ,응답",
    ],
)
def test_a_list_of_questions_is_known_by_its_header(header: str) -> None:
    assert table.read(f"{header}\nHow long?,Two days.\n", "f.csv") == [QuestionAnswer("How long?", "Two days.")]


def test_columns_may_stand_in_any_order_and_a_category_is_kept() -> None:
    assert table.read("번호;답변;분류;질문\n1;이틀입니다.;배송;얼마나 걸려요?\n", "f.csv") == [
        QuestionAnswer("얼마나 걸려요?", "이틀입니다.", "배송")
    ]


def test_cells_may_hold_separators_quotes_and_line_breaks() -> None:
    assert table.read('question\tanswer\n"Is it ""free""?"\t"Yes,\nalways."\n', "f.tsv") == [
        QuestionAnswer('Is it "free"?', "Yes, always.")
    ]


def test_half_a_pair_is_left_out() -> None:
    assert table.read("question,answer\nHow long?,\n,Two days.\nHow much?,3 won\n", "f.csv") == [
        QuestionAnswer("How much?", "3 won")
    ]


def test_any_other_table_keeps_its_headers() -> None:
    assert table.read("Store,Hours\nSeoul,9-18\n\nJeju\n", "f.csv") == [
        TableRow(("Store", "Hours"), ("Seoul", "9-18")),
        TableRow(("Store", "Hours"), ("Jeju", "")),
    ]


def test_a_question_column_without_answers_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(UnreadableDocument, match="no partner"):
        table.read("질문,비고\n얼마?,x\n", "f.csv")


def test_a_header_alone_and_broken_quotes_are_errors() -> None:
    with pytest.raises(UnreadableDocument, match="header"):
        table.read("question,answer\n", "f.csv")
    with pytest.raises(UnreadableDocument, match="well-formed"):
        table.read('question,answer\n"How" long?,x\n', "f.csv")


def test_rows_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 3)
    with pytest.raises(UnreadableDocument, match="split"):
        table.read("question,answer\n" + "a,b\n" * 4, "f.csv")
