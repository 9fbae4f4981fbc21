"""The look itself: a string that was put into each kind of place is found there, in each form."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.integration.canary import looking
from tests.integration.canary.looking import Looking
from tests.postgres import Postgres, server_of_its_own

CARD = "4539-1488-0343-6467"
NAME = "남궁민서"
LOOKING = Looking([CARD, NAME, "4539148803436467"])


@pytest.mark.parametrize("needle", [CARD, NAME])
@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode(),
        lambda text: f"before{text}after".encode("utf-16-le"),
        lambda text: f"before{text}after".encode("utf-16"),
        lambda text: json.dumps({"said": f"x {text}"}).encode(),
        lambda text: json.dumps({"inner": json.dumps(text)}).encode(),
        lambda text: base64.b64encode(f"a{text}!".encode()),
        lambda text: base64.b64encode(f"ab{text}!".encode()),
        lambda text: base64.urlsafe_b64encode(f"abc{text}".encode()),
        lambda text: urlencode({"q": f"is {text} mine"}).encode(),
        lambda text: text.encode().hex().encode(),
        gzip.compress,
    ],
    ids="plain utf16le utf16 json json-in-json base64-1 base64-2 base64-3 query hex gzip".split(),
)
def test_a_string_is_found_in_each_form(tmp_path: Path, needle: str, write: object) -> None:
    assert callable(write)
    name = "packed.gz" if write is gzip.compress else "file"
    (tmp_path / name).write_bytes(write(needle.encode()) if write is gzip.compress else write(needle))
    assert {found.needle for found in LOOKING.in_files(tmp_path)} == {needle}


def test_a_string_that_falls_between_two_blocks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "BLOCK", 32)
    (tmp_path / "file").write_bytes(b"." * 25 + CARD.encode() + b"." * 40)
    [found] = LOOKING.in_files(tmp_path)
    assert found.needle == CARD
    assert CARD.encode() in found.around


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"4539-1488-0343-6468 " * 50 + "남궁민석".encode())
    assert LOOKING.in_files(tmp_path) == []


def test_a_string_is_found_in_the_columns_of_a_parquet_file(tmp_path: Path) -> None:
    table = pa.table({"text": [f"about {NAME} {number}" for number in range(2000)]})
    pq.write_table(table, tmp_path / "rows.parquet", compression="zstd")
    assert {found.needle for found in LOOKING.in_files(tmp_path)} == {NAME}


def test_a_string_is_found_in_what_is_sent_to_a_collector() -> None:
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with provider.get_tracer("canary").start_as_current_span("turn") as span:
        span.set_attribute("said", f"my name is {NAME}")
    body = encode_spans(kept.get_finished_spans()).SerializeToString()
    assert [found.needle for found in LOOKING.in_sent({"traces": [gzip.compress(body)]})] == [NAME]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with server_of_its_own() as server:
        yield server


async def test_a_string_is_found_wherever_a_database_keeps_it(server: Postgres) -> None:
    """In its heap, in its log although the row is gone, in what it packs, in other encodings, and in its statistics."""
    packed, sealed = f"{NAME} " * 4000, CARD.encode()
    await server.make_database("places", migrated=False)
    await server.run_as_superuser(
        "places",
        "CREATE TABLE kept (words text); CREATE TABLE packed (words text); CREATE TABLE raw (bytes bytea)",
        f"INSERT INTO kept SELECT 'a{CARD}' FROM generate_series(1, 50); ANALYZE kept",
        f"INSERT INTO packed VALUES ('{packed}')",
        f"INSERT INTO raw VALUES ('\\x{sealed.hex()}')",
        "CREATE TABLE gone (words text)",
        "INSERT INTO gone VALUES ('4539148803436467')",
        "DROP TABLE gone; CHECKPOINT",
    )
    url = server.superuser_url("places")
    in_tables = {(found.where, found.needle) for found in await LOOKING.in_tables(url)}
    assert in_tables >= {("public.kept", CARD), ("public.packed", NAME), ("public.raw", CARD)}
    assert ("pg_catalog.pg_statistic", CARD) in in_tables
    in_files = {
        (("pg_wal" if "pg_wal" in found.where else "base"), found.needle)
        for found in LOOKING.in_files(server.server.directory)
    }
    assert in_files >= {("base", CARD), ("pg_wal", CARD), ("pg_wal", "4539148803436467")}


async def test_a_row_of_anybodys_is_read(server: Postgres) -> None:
    """Row level security hides nothing from the look."""
    await server.make_database("others", migrated=False)
    await server.run_as_superuser(
        "others",
        "CREATE TABLE kept (words text); ALTER TABLE kept ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE kept FORCE ROW LEVEL SECURITY",
        f"INSERT INTO kept VALUES ('{NAME}')",
    )
    async with await psycopg.AsyncConnection.connect(server.url("others")) as powerless:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await powerless.execute("SELECT * FROM kept")
    assert [found.where for found in await LOOKING.in_tables(server.superuser_url("others"))] == ["public.kept"]
