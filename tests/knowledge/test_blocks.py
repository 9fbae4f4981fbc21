from __future__ import annotations

import json
from datetime import date

import pytest

from knowledge.blocks import Heading, ListItem, Paragraph, QuestionAnswer, Source, TableRow, decode, encode
from knowledge.errors import UnreadableDocument

WHOLE = Source(
    blocks=(
        Heading(2, "배송"),
        Paragraph("Two days."),
        ListItem(1, "Jeju"),
        TableRow(("Region", ""), ("Jeju", "3")),
        QuestionAnswer("How long?", "Two days.", "Delivery"),
    ),
    title="안내",
    language="ko",
    valid_from=date(2026, 1, 1),
)


def test_a_source_survives_the_way_between_processes() -> None:
    assert decode(json.loads(json.dumps(encode(WHOLE)))) == WHOLE


def test_its_text_is_counted() -> None:
    assert Source((Heading(1, "ab"), TableRow(("c",), ("de",)))).characters == 5


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {**encode(WHOLE), "blocks": [["picture", "x"]]},
        {**encode(WHOLE), "blocks": [["row", ["a"], ["b", "c"]]]},
        {**encode(WHOLE), "title": 5},
        {**encode(WHOLE), "valid_until": "soon"},
        {**encode(WHOLE), "blocks": 7},
    ],
)
def test_whatever_else_arrives_from_the_reading_process_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(UnreadableDocument):
        decode(broken)
