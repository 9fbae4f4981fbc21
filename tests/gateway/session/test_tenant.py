from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from gateway.session.errors import TenantInvalid
from gateway.session.tenant import Consent, Hours, Tenant, load_tenant
from tests.house import EXAMPLE

GOOD = """
id: corner-shop
name: {en: Corner Shop}
languages: [en]
time_zone: Asia/Seoul
lines:
  - {number: "+18005550199", alias: shop, language: en}
recording: {consent: ask}
hours:
  weekly: {monday: ["09:00-18:00"]}
  closed: [2026-11-30]
dialog: {anything: the dialog likes}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "tenant.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_line_is_found_by_number_or_alias(tmp_path: Path) -> None:
    tenant = load_tenant(write(tmp_path, GOOD))
    assert tenant.line("shop") is tenant.line("+18005550199") is tenant.lines[0]
    assert tenant.line("+1") is None
    assert tenant.recording.consent is Consent.ASK


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2026, 11, 23, 0, 30, tzinfo=UTC), True),  # Monday 09:30 in Seoul
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), False),  # Monday 18:00
        (datetime(2026, 11, 24, 3, 0, tzinfo=UTC), False),  # Tuesday
        (datetime(2026, 11, 30, 3, 0, tzinfo=UTC), False),  # a Monday that is closed
    ],
)
def test_people_answer_in_the_tenants_own_hours(tmp_path: Path, moment: datetime, is_open: bool) -> None:
    assert load_tenant(write(tmp_path, GOOD)).desk_open(moment) is is_open


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("languages: [en]", "languages: [ko]", "speaks 'en'"),
        ("Asia/Seoul", "Asia/Atlantis", "time_zone"),
        ("09:00-18:00", "nine to five", "weekly"),
        ("monday", "someday", "someday"),
        ("consent: ask", "consent: maybe", "recording.consent"),
        ("id: corner-shop", "id: ../etc", "id"),
        ("id: corner-shop", "- not a mapping", "YAML"),
    ],
)
def test_a_mistake_is_named_with_its_key(tmp_path: Path, before: str, after: str, named: str) -> None:
    with pytest.raises(TenantInvalid, match=named):
        load_tenant(write(tmp_path, GOOD.replace(before, after)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TenantInvalid, match=r"tenant\.yaml"):
        load_tenant(tmp_path)


def test_the_example_tenant_loads() -> None:
    tenant = load_tenant(Path(__file__).parents[3] / "examples" / "hanbit-store")
    assert set(tenant.languages) == {"ko", "en"}
    assert tenant.line("hanbit-en") is not None


def test_a_tenant_calls_by_itself_only_if_it_says_so(tmp_path: Path) -> None:
    assert Tenant(id="shop", name={"en": "Shop"}, languages=("en",), folder=tmp_path).outbound is None
    outbound = load_tenant(EXAMPLE).outbound
    assert outbound is not None and (outbound.country_code, outbound.attempts) == ("82", 3)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pauses_minutes.1", "[15, -1]"),
        ("pauses_minutes.0", "[.nan]"),
        ("pauses_minutes.0", "[100000000]"),
        ("pauses_minutes", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]"),
        ("keep_hours", "1e12"),
        ("keep_hours", "0"),
        ("record_days", "0"),
        ("record_days", "99999999"),
    ],
)
def test_what_a_tenant_wants_of_calls_of_our_own_has_limits(tmp_path: Path, key: str, value: str) -> None:
    written = f"outbound:\n  {key.partition('.')[0]}: {value}\n"
    (tmp_path / "tenant.yaml").write_text(f"id: shop\nname: {{en: Shop}}\nlanguages: [en]\n{written}", encoding="utf-8")
    with pytest.raises(TenantInvalid, match=rf"outbound\.{key}: "):
        load_tenant(tmp_path)


def test_a_days_openings_are_its_spans_beginnings_and_closed_days_have_none() -> None:
    hours = Hours(weekly={"monday": ("13:00-18:00", "09:00-12:00")}, closed=frozenset({date(2026, 11, 30)}))
    assert hours.openings(date(2026, 11, 23)) == (time(9), time(13))
    assert hours.openings(date(2026, 11, 24)) == hours.openings(date(2026, 11, 30)) == ()
