"""The page of quality in a real browser, with real judgements of a real database behind it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from gateway.access.identity import Role
from tests.browser.chromium import Watch, keep_picture
from tests.browser.conftest import PageFor
from tests.browser.quality_stage import SPAN, Court, a_court
from tests.browser.wall_stage import HOSTILE, empty_page
from tests.postgres import opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

OpenQuality = Callable[..., Awaitable[Page]]
Axe = Callable[[Page], Awaitable[list[dict[str, Any]]]]

ROWS = "quality-list tbody tr"


# What one test decides the others would see: each has a week of its own.
@pytest_asyncio.fixture(loop_scope="module")
async def court(database_url: str) -> AsyncIterator[Court]:
    async with opened(database_url) as database, a_court(database) as court:
        yield court


@pytest_asyncio.fixture(loop_scope="module")
async def quality(court: Court, page_for: PageFor) -> OpenQuality:
    async def open_quality(query: str = "", *roles: Role, user: str = "sooah", **how: Any) -> Page:
        async def sign_in(context: Any) -> None:
            await court.sign_in(context, *roles, user="" if roles else user)

        return await page_for(f"{court.base}/quality?{SPAN}&{query}", sign_in=sign_in, **how)

    return open_quality


def row(page: Page, text: str) -> Any:
    return page.locator(ROWS, has_text=text)


async def test_who_is_judged_sees_their_own_and_what_shows_it_and_objects(quality: OpenQuality) -> None:
    page = await quality("rubric=agents", user="minji")
    await expect(page.locator(ROWS)).to_have_count(6)
    await expect(page.locator("quality-list")).not_to_contain_text("박서준")
    await expect(page.get_by_label("Agent", exact=True)).to_be_hidden()
    await expect(page.locator("main")).to_contain_text("How contacts that you served were judged")
    await expect(page.locator(".total")).to_contain_text("6 contacts")
    await page.locator(f"{ROWS} a").first.click()
    await expect(page.locator("quality-contact h1")).to_be_focused()
    await expect(page).to_have_url(re.compile("call=c10"))
    silence = page.locator("call-quality li", has_text="No silence over ten seconds").first
    await expect(silence).to_contain_text("Missed")
    await expect(silence).to_contain_text("12.5 s")
    await expect(silence.locator("q")).to_have_text("택배사에 확인해 보니 오늘 저녁에 도착한다고 합니다.")
    await expect(silence.locator(".proof")).to_contain_text("김민지")
    await expect(page.locator("quality-contact a[href^='/calls']:visible")).to_have_count(0)
    await expect(page.get_by_role("button", name="Decide about")).to_have_count(0)
    await page.get_by_role("button", name="Object to: No silence over ten seconds").click()
    await page.get_by_label("Reason, which is kept").fill("the caller looked for their card")
    await page.get_by_role("button", name="Keep it").click()
    await expect(silence).to_contain_text("Objection by 김민지, not answered yet: the caller looked for their card")
    await page.get_by_role("link", name="Back to the list").click()
    await expect(page.locator(ROWS).first).to_contain_text("1 waits")


async def test_a_supervisor_goes_from_what_waits_to_the_place_in_the_call_and_decides(
    quality: OpenQuality, court: Court
) -> None:
    page = await quality("rubric=agents")
    await expect(page.locator(ROWS)).to_have_count(10)
    await expect(row(page, "Decided by a person")).to_have_count(1)
    await page.get_by_role("button", name="2 objections wait").click()
    await expect(page.locator(ROWS)).to_have_count(2)
    await expect(page).to_have_url(re.compile("standing=objected"))
    await expect(page.get_by_label("Stands as")).to_have_value("objected")
    await row(page, "김민지").locator("a").click()
    await expect(page.locator("call-quality h2").first).to_have_text("Agents' service")
    silence = page.locator("call-quality li", has_text="No silence over ten seconds").first
    await expect(silence).to_contain_text("고객이 주문 번호를 찾고 있었습니다.")
    place = silence.locator(".proof a")
    await expect(place).to_have_attribute("href", "/calls?call=c03&event=19")
    await page.get_by_role("button", name="Answer the objection to: No silence over ten seconds").click()
    await page.get_by_label("Reason, which is kept").fill("they did")
    await page.get_by_role("button", name="Keep it").click()
    await expect(silence).to_contain_text("Missed → Met, by Sooah Kim: they did")
    await expect(silence).not_to_contain_text("not answered yet")
    await page.go_back()
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(page.locator(".total")).to_contain_text("1 objection waits")


async def test_words_of_others_stay_words(quality: OpenQuality) -> None:
    page = await quality("standing=objected&agent=seojun")
    await page.locator(f"{ROWS} a").first.click()
    await expect(page.locator("call-quality")).to_contain_text(HOSTILE)
    assert await page.locator("main :is(img, script, iframe)").count() == 0


async def test_filters_stand_in_the_address_and_narrow_what_is_shown(quality: OpenQuality) -> None:
    page = await quality()
    await expect(page.locator(ROWS)).to_have_count(30)
    await expect(page.locator(".total")).to_have_count(3)
    await page.get_by_label("Agent", exact=True).select_option(label="박서준")
    await page.get_by_label("Rubric", exact=True).select_option(label="Agents' service")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.locator(ROWS)).to_have_count(4)
    await expect(page).to_have_url(re.compile("rubric=agents.*agent=seojun"))
    await page.get_by_role("button", name="1 failed").click()
    await expect(page.locator(ROWS)).to_have_count(1)
    await page.go_back()
    await expect(page.locator(ROWS)).to_have_count(4)
    await page.get_by_label("From", exact=True).fill("2026-12-01")
    await page.get_by_label("To", exact=True).fill("2026-12-02")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.locator("quality-list")).to_contain_text("No judged contact fits")


async def test_everything_is_done_by_keyboard(quality: OpenQuality) -> None:
    page = await quality("rubric=agents&standing=objected", user="minji")
    await expect(page.locator(ROWS)).to_have_count(1)
    await page.locator(f"{ROWS} a").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("quality-contact h1")).to_be_focused()
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent") == "Object":
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("#quality-reason")).to_be_focused()
    await page.keyboard.type("I did greet")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("call-quality")).to_contain_text("not answered yet: I did greet")
    await expect(page.locator("[data-criterion='agents greeting']")).to_be_focused()


async def test_who_may_look_and_who_may_not(
    quality: OpenQuality, court: Court, page_for: PageFor, watch: Watch
) -> None:
    watch.expect("40[134]")
    page = await quality("call=c03", Role.ANALYST)
    await expect(page.locator("call-quality section")).to_have_count(3)
    await expect(page.get_by_role("button", name="Decide about")).to_have_count(0)
    await expect(page.get_by_role("link", name="Hear the call")).to_have_attribute("href", "/calls?call=c03")
    page = await quality("call=c02", user="minji")
    await expect(page.locator("aicc-entrance")).to_contain_text("no such contact that you may see")
    page = await quality("", Role.CONTENT)
    await expect(page.locator("aicc-entrance")).to_contain_text("for agents, supervisors and analysts")
    await expect(page.locator(".listing")).to_be_hidden()
    page = await page_for(f"{court.base}/quality")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.locator("desk-sign-in .brand small")).to_have_text("Quality")


@pytest.mark.parametrize(("locale", "scheme"), [("ko-KR", "light"), ("en-US", "dark")])
async def test_nobody_is_kept_out(quality: OpenQuality, axe: Axe, locale: str, scheme: str) -> None:
    page = await quality(locale=locale, scheme=scheme, size=(1440, 1000))
    await page.wait_for_selector(ROWS)
    assert await axe(page) == []
    await keep_picture(page, f"quality-list-{locale[:2]}")
    await page.goto(f"{page.url}&standing=objected&agent=minji")
    await page.locator(f"{ROWS} a").click()
    await page.wait_for_selector("call-quality .proof")
    assert await axe(page) == []
    await keep_picture(page, f"quality-{locale[:2]}")
    await page.locator("call-quality button").first.click()
    await expect(page.locator("dialog")).to_be_visible()
    assert await axe(page) == []


async def test_at_twice_the_size_everything_is_still_there(quality: OpenQuality) -> None:
    for query, shown in (("", ROWS), ("call=c03", "call-quality .proof")):
        page = await quality(query, size=(640, 400), locale="ko-KR")
        await page.wait_for_selector(shown)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), query


async def test_a_search_survives_its_address(serve_pages: Any, page_for: PageFor) -> None:
    page = await page_for(f"{await serve_pages(empty_page())}/empty")
    told = await page.evaluate("""async () => {
      const { fresh, fromAddress, toAddress, toQuery } = await import('/static/quality/filters.js');
      const now = new Date(2026, 2, 3, 12);
      const filters = {...fresh(now), agent: 'a & b', standing: 'objected'};
      return [fromAddress(toAddress(filters, 'c 1'), now), toQuery(filters), fromAddress('?standing=failed', now).from];
    }""")
    days = {"from": "2026-02-04", "to": "2026-03-03"}
    assert told[0] == {**days, "rubric": "", "agent": "a & b", "standing": "objected"}
    moments = {"from": "2026-02-03T15:00:00.000Z", "to": "2026-03-03T15:00:00.000Z"}
    assert told[1] == {**moments, "agent": "a & b", "standing": "objected"}
    assert told[2] == "2026-02-04"
