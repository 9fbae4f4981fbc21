from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import orjson
import pytest

from gateway.analytics.exports.errors import ManifestBroken
from gateway.analytics.exports.manifest import (
    ExportedFile,
    Manifest,
    Watermark,
    decode,
    encode,
    goes_on,
    place_of,
    run_name,
    runs_among,
)

NOON = datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC)

MADE = Manifest(
    run="20260302T120005Z-0a0b0c0d",
    tenant="acme",
    format="parquet",
    schema_version=1,
    time_zone="Asia/Seoul",
    tables=("contact", "turn"),
    rows={"contact": 1, "turn": 7},
    files=(ExportedFile("turn/tenant=acme/day=2026-03-02/x-00000.parquet", "turn", date(2026, 3, 2), 7, 99, "ab"),),
    watermark=Watermark("7", 812),
    after=None,
    previous=None,
    since=None,
    until=None,
    begun_at=NOON,
    finished_at=NOON,
)


def test_what_was_written_is_read() -> None:
    assert decode(encode(MADE), "m.json") == MADE
    later = replace(MADE, after=MADE.watermark, previous=MADE.run, since=NOON, until=NOON)
    assert decode(encode(later), "m.json") == later


def test_it_says_where_and_how_much_in_plain_json() -> None:
    told = orjson.loads(encode(MADE))
    assert told["watermark"] == {"cluster": "7", "written": 812}
    assert told["rows"] == {"contact": 1, "turn": 7}
    assert told["files"][0]["day"] == "2026-03-02"
    assert told["begun_at"] == "2026-03-02T12:00:05Z"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"{}", encode(MADE)[:-200], encode(MADE).replace(b'"written": 812', b'"written": "many"')],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(ManifestBroken, match=r"x\.json is no manifest"):
        decode(body, "x.json")


def test_a_manifest_of_another_version_is_refused() -> None:
    with pytest.raises(ManifestBroken, match="version 2"):
        decode(encode(replace(MADE, manifest_version=2)), "x.json")


def test_runs_sort_by_time_wherever_they_were_started() -> None:
    seoul = timezone(timedelta(hours=9))
    first, second = run_name(NOON, b"\xff" * 4), run_name((NOON + timedelta(seconds=1)).astimezone(seoul), b"\0" * 4)
    assert runs_among([f"{first}.json", f"{second}.json", "notes.json", f"{first}.json.bak", "x"]) == [second, first]
    assert place_of("acme", first) == f"_manifests/tenant=acme/{first}.json"


def test_a_run_goes_on_only_from_one_that_did_the_same() -> None:
    same = (("contact", "turn"), "parquet", "Asia/Seoul", 1)
    assert goes_on(MADE, *same)
    assert not goes_on(replace(MADE, since=NOON), *same)
    assert not goes_on(replace(MADE, until=NOON), *same)
    assert not goes_on(MADE, ("contact",), "parquet", "Asia/Seoul", 1)
    assert not goes_on(MADE, ("contact", "turn"), "csv", "Asia/Seoul", 1)
    assert not goes_on(MADE, ("contact", "turn"), "parquet", "UTC", 1)
    assert not goes_on(MADE, ("contact", "turn"), "parquet", "Asia/Seoul", 2)
