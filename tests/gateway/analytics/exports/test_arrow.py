from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from gateway.analytics.exports.arrow import by_day, read_block, schema_of
from gateway.analytics.exports.tables import TABLES, Column, Kind, Table

TABLE = Table(
    "things",
    ("tenant",),
    (
        Column("tenant", Kind.TEXT, "whose"),
        Column("said", Kind.TEXT, "words"),
        Column("at", Kind.MOMENT, "when"),
        Column("good", Kind.TRUTH, "whether"),
        Column("many", Kind.INTEGER, "how many"),
        Column("much", Kind.NUMBER, "how much"),
        Column("signals", Kind.JSON, "what it is made of"),
    ),
)


def test_postgres_csv_is_read_without_loss() -> None:
    block = (
        b'2026-03-02,a,"line\nbreak, ""quoted""",2026-03-02 09:00:00.000001+00,t,-3,0.25,"{""a"": ""=1""}"\n'
        b'2026-03-02,a,"",2026-03-02 09:00:00+00,f,9007199254740993,1e-07,[]\n'
        b"2026-03-02,a,,,,,,\n"
    )
    first, second, third = read_block(block, TABLE).to_pylist()
    assert first == {
        "day": "2026-03-02",
        "tenant": "a",
        "said": 'line\nbreak, "quoted"',
        "at": datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=UTC),
        "good": True,
        "many": -3,
        "much": 0.25,
        "signals": '{"a": "=1"}',
    }
    assert (second["said"], second["good"], second["many"]) == ("", False, 9007199254740993)
    assert third == {"day": "2026-03-02", "tenant": "a"} | dict.fromkeys(list(third)[2:])


def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(pa.ArrowInvalid):
        read_block(b"2026-03-02,a,x,yesterday,t,1,1,{}\n", TABLE)


def test_rows_are_divided_by_day_as_they_stand() -> None:
    days = ["2026-03-02"] * 2 + ["2026-03-03"] + ["2026-03-02"]
    block = b"".join(f"{day},a,{place},,,,,\n".encode() for place, day in enumerate(days))
    schema = schema_of(TABLE)
    parts = [(day, part.column("said").to_pylist()) for day, part in by_day(read_block(block, TABLE), schema)]
    assert parts == [(date(2026, 3, 2), ["0", "1"]), (date(2026, 3, 3), ["2"]), (date(2026, 3, 2), ["3"])]
    _, part = next(by_day(read_block(block, TABLE), schema))
    assert part.schema == schema


def test_a_file_says_what_its_columns_mean() -> None:
    schema = schema_of(TABLES["turn"])
    assert schema.metadata[b"aicc.key"] == b"tenant,contact,turn"
    assert b"machine" in schema.metadata[b"aicc.synthetic_speech"]
    assert schema.field("signals").metadata == {b"description": b"what the confidence is made of", b"json": b"true"}
    assert str(schema.field("said_at").type) == "timestamp[us, tz=UTC]"
    assert b"aicc.synthetic_speech" not in schema_of(TABLES["contact"]).metadata
