"""The page of reports in a real browser, with the real reports of a real database behind it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from gateway.access.identity import Role
from tests.browser.chromium import Watch, keep_picture
from tests.browser.conftest import PageFor
from tests.browser.reports_stage import FROM, SPAN, TO, Office, an_office
from tests.browser.wall_stage import empty_page
from tests.postgres import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

OpenReports = Callable[..., Awaitable[Page]]
Axe = Callable[[Page], Awaitable[list[dict[str, Any]]]]

TILE = "report-tiles .tile"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(database_url: str) -> AsyncIterator[Office]:
    async with opened(database_url) as database, an_office(database) as office:
        yield office


@pytest_asyncio.fixture(loop_scope="module")
async def reports(office: Office, page_for: PageFor) -> OpenReports:
    async def open_reports(query: str = SPAN, path: str = "/reports", **how: Any) -> Page:
        return await page_for(f"{office.base}{path}?{query}", sign_in=office.sign_in, **how)

    return open_reports


def tile(page: Page, kpi: str) -> Any:
    return page.locator(f"{TILE}[data-kpi={kpi}]")


async def number(page: Page, kpi: str, fact: str = "value") -> str:
    return (await tile(page, kpi).locator(f"[data-fact={fact}]").inner_text()).strip()


async def test_all_figures_stand_in_their_groups_with_what_they_are_made_of(reports: OpenReports) -> None:
    page = await reports()
    await expect(page.locator(TILE)).to_have_count(23)  # three of the four service levels stand within the fourth's
    headings = ["Waiting for people", "With people", "With the assistant", "How conversations sounded", "Customers"]
    await expect(page.locator("report-tiles h2")).to_have_text([*headings, "Cost"])
    await expect(tile(page, "containment").locator(".figure")).to_contain_text("%")
    await expect(tile(page, "containment").locator("[data-fact=of]")).to_contain_text("of 4")
    await expect(tile(page, "cost_per_contact").locator(".figure")).to_contain_text("₩")
    await expect(tile(page, "service_level_4").locator("[data-fact=others] a")).to_have_count(3)
    await expect(tile(page, "first_contact_resolution").locator(".trend polyline").first).to_be_attached()
    await expect(page.locator("body")).to_contain_text("Days are those of Asia/Seoul")


async def test_a_number_leads_to_exactly_the_calls_that_it_counts(reports: OpenReports) -> None:
    page = await reports(f"{SPAN}&language=en")
    made = tile(page, "containment").locator("[data-fact=of] a")
    counted = int(await made.first.inner_text())
    await made.first.click()
    await expect(page.locator("call-behind h2")).to_have_text("Calls behind: Containment")
    await expect(page.locator("call-search")).to_be_hidden()
    more = page.get_by_role("button", name="Show more")
    rows = page.locator("call-list tbody tr")
    await expect(rows.first).to_be_visible()
    while await more.is_visible():
        before = await rows.count()
        await more.click()
        await expect(rows).not_to_have_count(before)
    await expect(rows).to_have_count(counted)
    await expect(page.locator("call-list")).not_to_contain_text("Korean")
    await page.get_by_role("link", name="Back to the report").click()
    await expect(page.locator("report-detail h1")).to_have_text("Containment")
    await expect(page.get_by_label("Language", exact=True)).to_have_value("en")


async def test_a_figure_is_told_apart_and_each_row_leads_on(reports: OpenReports) -> None:
    page = await reports()
    await tile(page, "containment").get_by_role("link", name="Containment").click()
    await expect(page.locator("report-detail h1")).to_be_focused()
    await expect(page.locator("report-detail tbody tr")).to_have_count(14)
    await expect(page.locator(".chart-dot")).to_have_count(14)
    await expect(page).to_have_url(re.compile("kpi=containment"))
    await page.get_by_role("button", name="Queue").click()
    await expect(page.locator("report-detail tbody tr")).to_have_count(4)
    await expect(page.locator(".chart-bar")).to_have_count(4)
    await expect(page.locator("report-detail tbody")).to_contain_text("Orders and delivery")
    await expect(page.locator("report-detail tbody")).to_contain_text("In no queue")
    await page.get_by_role("button", name="Language").click()
    korean = page.locator("report-detail tbody tr", has_text="Korean")
    await expect(korean.locator("[data-fact=contacts] a")).to_have_attribute(
        "href", f"/calls?from={FROM}&to={TO}&language=ko&kpi=containment&counted=all"
    )
    await page.go_back()
    await expect(page.locator("report-detail tbody")).to_contain_text("Billing")
    await page.get_by_role("link", name="All figures").click()
    await expect(page.locator(TILE).first).to_be_visible()


async def test_reasons_are_shares_that_lead_to_their_calls(reports: OpenReports) -> None:
    page = await reports(f"{SPAN}&kpi=escalation_reasons&by=part")
    rows = page.locator("report-detail tbody tr")
    await expect(rows).to_have_count(4)
    asked = rows.filter(has_text="An action failed")
    count = await asked.locator("[data-fact=contacts]").inner_text()
    await asked.locator("[data-fact=contacts] a").click()
    await expect(page.locator("call-list tbody tr")).to_have_count(int(count))
    await expect(page.locator("call-behind")).to_contain_text("An action failed")


async def test_what_is_downloaded_is_what_is_shown(reports: OpenReports, tmp_path: Path) -> None:
    page = await reports(f"{SPAN}&kpi=service_level_4&by=queue")
    await page.wait_for_selector("report-detail tbody tr")
    shown = await page.locator("report-detail tbody [data-fact=value]").all_inner_texts()
    files = {}
    for form, name in (("excel", "CSV for Excel"), ("parquet", "Parquet")):
        async with page.expect_download() as starting:
            await page.get_by_role("link", name=name, exact=True).click()
        files[form] = tmp_path / form
        await (await starting.value).save_as(files[form])
    content = files["excel"].read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [f"{float(row['value']):.1%}".replace(".0%", "%") for row in rows] == shown
    read = duckdb.sql(f"SELECT key, value FROM read_parquet('{files['parquet']}')").fetchall()
    assert read == [(row["key"], float(row["value"])) for row in rows]


async def test_filters_narrow_every_figure_and_stand_in_the_address(reports: OpenReports) -> None:
    page = await reports()
    whole = await number(page, "average_handling_time", "of")
    await page.get_by_label("Agent").select_option(label="김민지")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(tile(page, "average_handling_time").locator("[data-fact=of]")).not_to_have_text(whole)
    await expect(page).to_have_url(re.compile("agent=minji"))
    await expect(tile(page, "abandonment").locator(".figure")).to_have_text("0%")
    await page.get_by_label("From", exact=True).fill("2026-12-01")
    await page.get_by_label("To", exact=True).fill("2026-12-02")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(tile(page, "containment").locator(".figure")).to_have_text("–")
    await expect(tile(page, "containment")).to_contain_text("No contacts")


async def test_topics_are_called_by_callers_own_words_and_lead_to_their_calls(reports: OpenReports) -> None:
    page = await reports("from=2026-11-16&to=2026-11-22")
    await page.get_by_role("button", name="Look in Korean").click()
    topics = page.locator(".topic")
    await expect(topics.filter(has_text="배송").first).to_be_visible(timeout=180_000)  # as long as the page waits
    await expect(topics.filter(has_text="배송").filter(has_text="Rising").first).to_be_visible()
    await expect(topics.filter(has_text="배송").first.locator("[data-fact=share]")).to_contain_text("before:")
    await expect(page.locator("report-topics [role=status]")).to_contain_text("contacts and")
    await expect(page.locator("report-topics [role=status]")).to_contain_text("since Oct 19, 2026")
    await topics.first.locator("summary").click()
    await keep_picture(page, "topics-en")
    await expect(topics.first.locator("li a").first).to_have_attribute("href", "/calls?call=c" + (await _first(topics)))


async def _first(topics: Any) -> str:
    address: str = await topics.first.locator("li a").first.get_attribute("href")
    return address.rpartition("c")[2]


async def test_a_report_that_is_refused_says_why(reports: OpenReports, watch: Watch) -> None:
    watch.expect("422")
    page = await reports("from=2026-11-20&to=2026-11-10")
    await expect(page.locator("aicc-entrance")).to_contain_text("There is no such report")
    await expect(page.get_by_role("button", name="Show", exact=True)).to_be_visible()


async def test_who_may_not_see_reports_is_told_and_who_is_nobody_signs_in(
    office: Office, page_for: PageFor, watch: Watch
) -> None:
    watch.expect("40[13]")
    page = await page_for(f"{office.base}/reports?{SPAN}")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    async def as_agent(context: Any) -> None:
        await office.sign_in(context, Role.AGENT)

    page = await page_for(f"{office.base}/reports?{SPAN}", sign_in=as_agent)
    await expect(page.locator("aicc-entrance")).to_contain_text("for supervisors and analysts")
    await expect(page.locator(".reports")).to_be_hidden()


@pytest.mark.parametrize(("locale", "scheme"), [("ko-KR", "light"), ("en-US", "dark")])
async def test_nobody_is_kept_out(reports: OpenReports, axe: Axe, locale: str, scheme: str) -> None:
    page = await reports(locale=locale, scheme=scheme, size=(1440, 1180))
    await page.wait_for_selector(TILE)
    assert await axe(page) == []
    await keep_picture(page, f"reports-{locale[:2]}-{scheme}")
    page = await reports(f"{SPAN}&kpi=service_level_4&by=queue", locale=locale, scheme=scheme)
    await page.wait_for_selector("report-detail tbody tr")
    assert await axe(page) == []
    await keep_picture(page, f"report-{locale[:2]}-{scheme}")


async def test_at_twice_the_size_everything_is_still_there(reports: OpenReports) -> None:
    for query in (SPAN, f"{SPAN}&kpi=escalation_reasons&by=part"):
        page = await reports(query, size=(640, 400), locale="ko-KR")
        await page.wait_for_selector(f"{TILE}:visible, report-detail tbody tr:visible")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), query


async def test_the_language_changes_without_losing_anything(reports: OpenReports) -> None:
    page = await reports(f"{SPAN}&kpi=containment&by=queue")
    await page.wait_for_selector("report-detail tbody tr")
    await page.locator("[data-locale=ko]").click()
    await expect(page.locator("report-detail h1")).to_have_text("자동 응대 해결률")
    await expect(page.locator("report-detail tbody")).to_contain_text("주문·배송·반품")
    assert await page.title() == "자동 응대 해결률 · 리포트 · AICC"


async def test_addresses_keep_days_as_days(serve_pages: Any, page_for: PageFor) -> None:
    page = await page_for(f"{await serve_pages(empty_page())}/empty")
    told = await page.evaluate("""async () => {
      const { callsAddress, fileAddress, fresh, fromAddress, toAddress, viewOf } =
        await import('/static/reports/filters.js');
      const now = new Date(2026, 2, 3, 12);
      const filters = {...fresh(now), queue: 'a & b'};
      const view = {kpi: 'containment', by: 'queue'};
      return {
        again: fromAddress(toAddress(filters, view), now), view: viewOf(toAddress(filters, view)),
        odd: viewOf('?kpi=x&by=moon'), none: viewOf('').kpi, days: [filters.from, filters.to],
        day: callsAddress(filters, 'containment', {counted: 'yes', by: 'day', key: '2026-03-01'}),
        nowhere: [{by: 'hour', key: '09'}, {by: 'queue', key: null}].map((which) => callsAddress(filters, 'x', which)),
        file: fileAddress(filters, view, 'excel'), all: fileAddress(filters, {kpi: null, by: 'day'}, 'parquet'),
      };
    }""")
    assert told["again"] == {
        "from": "2026-02-25",
        "to": "2026-03-03",
        "queue": "a & b",
        "line": "",
        "language": "",
        "agent": "",
    }
    assert (told["view"], told["odd"], told["none"]) == (
        {"kpi": "containment", "by": "queue"},
        {"kpi": "x", "by": "day"},
        None,
    )
    assert told["days"] == ["2026-02-25", "2026-03-03"]
    assert told["day"] == "/calls?from=2026-03-01&to=2026-03-01&queue=a+%26+b&kpi=containment&counted=yes"
    assert told["nowhere"] == [None, None]
    days = "from=2026-02-25&to=2026-03-03&queue=a+%26+b"
    assert told["file"] == f"/v1/reports/containment/table?{days}&by=queue&format=csv&bom=true"
    assert told["all"] == f"/v1/reports/table?{days}&by=day&format=parquet"


async def test_a_chart_ends_on_a_round_number_and_leaves_gaps_where_nothing_was(
    serve_pages: Any, page_for: PageFor
) -> None:
    page = await page_for(f"{await serve_pages(empty_page())}/empty")
    told = await page.evaluate("""async () => {
      const { scale, stretches } = await import('/static/reports/chart.js');
      const points = [0.5, null, 1, 0.25].map((value) => ({label: '', value}));
      return {
        tops: [[0.83, 0.2], [], [1], [0.07]].map((values) => scale(values, true).top),
        counts: [[137, 20], [null, 0]].map((values) => scale(values, false).top),
        lines: stretches(points, 1).map((line) => line.map(({x, y, at}) => [Math.round(x), Math.round(y), at])),
        one: stretches([{label: '', value: 1}], 2).length,
      };
    }""")
    assert (told["tops"], told["counts"]) == ([1, 1, 1, 0.1], [200, 1])
    assert [[at for _, _, at in line] for line in told["lines"]] == [[0], [2, 3]]
    assert told["lines"][1][0][1] < told["lines"][0][0][1] < told["lines"][1][1][1]
    assert told["one"] == 1
