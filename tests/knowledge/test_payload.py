from __future__ import annotations

import json
from datetime import date

from knowledge.document import Document, Passage
from knowledge.index import Record
from knowledge.payload import passage_from, passage_values, record_from, record_values

DOCUMENT = Document("ko/반품.md", "반품", "ko", "abc", valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31))


def test_passages_and_records_survive_as_json() -> None:
    passage = Passage("ko/반품.md#1", DOCUMENT, 3, ("반품", "비용"), "하나. 둘.", ("하나.", "둘."), "얼마?")
    record = Record(DOCUMENT, "r1", "/data", "model", 4)
    assert passage_from(json.loads(json.dumps(passage_values(passage)))) == passage
    assert record_from(json.loads(json.dumps(record_values(record)))) == record


def test_open_ends_stay_open() -> None:
    record = Record(Document("a", "A", "en", "d"), "r", "/", "", 1)
    assert record_from(record_values(record)).document.valid_until is None
