"""CSV files: lists of questions with answers, or any table with a header line.

A list of questions is known by its header, in the spellings that Korean and English spreadsheets use. Any other table
becomes rows whose cells keep their header, so that "Jeju | 6,000 won" can still answer what delivery to Jeju costs.

Refuses: files without a header line; formulas (a cell is text).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Final

from knowledge.blocks import Block, QuestionAnswer, TableRow
from knowledge.errors import UnreadableDocument

QUESTION: Final = frozenset(
    "question questions q query prompt faq ask customerquestion"
    " 질문 문의 질의 물음 문의내용 질문내용 고객질문 고객문의 자주묻는질문 질문사항 문의사항".split()
)
ANSWER: Final = frozenset(
    "answer answers a reply response solution resolution"
    " 답변 답 응답 회신 답변내용 답변사항 안내 안내내용 처리방법 해결방법 대답".split()
)
TOPIC: Final = frozenset(
    "category topic section subject group type 분류 카테고리 구분 주제 유형 대분류 중분류 항목 분야".split()
)
MOST_ROWS: Final = 20_000
LONGEST_CELL: Final = 100_000


def read(text: str, name: str) -> list[Block]:
    """The blocks of a CSV text. ``name`` appears in errors."""
    rows = _rows(text, name)
    if len(rows) < 2:
        raise UnreadableDocument(f"{name} has no rows below a header line; the first line must name the columns")
    headers = [" ".join(cell.split()) for cell in rows[0]]
    keys = [re.sub(r"[\W_]+", "", header).lower() for header in headers]
    question, answer = _column(keys, QUESTION), _column(keys, ANSWER)
    if question is not None and answer is not None:
        return _pairs(rows[1:], question, answer, _column(keys, TOPIC))
    if question is not None or answer is not None:
        found = headers[question if question is not None else answer or 0]
        raise UnreadableDocument(
            f"{name} has a column {found!r} but no partner for it; name the columns question and answer (질문, 답변)"
        )
    width = len(headers)
    return [
        TableRow(tuple(headers), tuple(_cell(row, column) for column in range(width)))
        for row in rows[1:]
        if any(cell.strip() for cell in row)
    ]


def _rows(text: str, name: str) -> list[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        rows = []
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) > MOST_ROWS:
                raise UnreadableDocument(f"{name} has more than {MOST_ROWS} rows; split it")
    except csv.Error as error:
        raise UnreadableDocument(f"{name} is not a well-formed CSV file (line {reader.line_num}): {error}") from error
    return rows


def _delimiter(text: str) -> str:
    """The mark that the header line uses most, outside quotes."""
    first = re.sub(r'"[^"]*"', "", text.lstrip("\ufeff\r\n").split("\n", 1)[0])
    return max(",;\t|", key=first.count)


def _column(keys: Sequence[str], names: frozenset[str]) -> int | None:
    return next((index for index, key in enumerate(keys) if key in names), None)


def _cell(row: Sequence[str], column: int | None) -> str:
    return " ".join(row[column].split()) if column is not None and column < len(row) else ""


def _pairs(rows: Sequence[Sequence[str]], question: int, answer: int, topic: int | None) -> list[Block]:
    """A row that lacks either half says nothing, and is left out."""
    return [
        QuestionAnswer(_cell(row, question), _cell(row, answer), _cell(row, topic))
        for row in rows
        if _cell(row, question) and _cell(row, answer)
    ]
