"""The page of custody in a real browser, with a real database behind it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from gateway.custody.erasure import is_genuine
from tests.browser.chromium import Watch, keep_picture
from tests.browser.conftest import PageFor
from tests.browser.custody_stage import Stage, a_stage
from tests.browser.wall_stage import HOSTILE, empty_page
from tests.postgres import Postgres, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

OpenCustody = Callable[..., Awaitable[Page]]
Axe = Callable[[Page], Awaitable[list[dict[str, Any]]]]

HOLDS = "hold-list tbody tr"
RECEIPTS = "receipt-list tbody tr"
LINES = "audit-list tbody tr"


# What one test holds or erases the others would see: each has a tenant of its own.
@pytest_asyncio.fixture(loop_scope="module")
async def stage(database_url: str) -> AsyncIterator[Stage]:
    async with opened(database_url) as database, a_stage(database) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def custody(stage: Stage, page_for: PageFor) -> OpenCustody:
    async def open_custody(query: str = "", user: str = "jiwon", **how: Any) -> Page:
        async def sign_in(context: Any) -> None:
            await stage.sign_in(context, user)

        return await page_for(f"{stage.base}/custody?{query}", sign_in=sign_in, **how)

    return open_custody


async def test_a_contact_is_held_and_the_hold_lifted_with_its_reasons(custody: OpenCustody, stage: Stage) -> None:
    page = await custody()
    await expect(page.locator(HOLDS)).to_have_count(2)
    await page.get_by_role("button", name="Hold a contact").click()
    await page.get_by_label("Its id, or the caller's number").fill(stage.calls["free"])
    await page.get_by_label("Reason").fill("lawsuit 2026-121")
    await page.get_by_role("button", name="Hold it").click()
    await expect(page.locator(HOLDS)).to_have_count(3)
    row = page.locator(HOLDS, has_text=stage.calls["free"])
    await expect(row).to_contain_text("lawsuit 2026-121")
    await expect(row).to_contain_text("박지원")
    await expect(row).to_contain_text("Stands")
    await expect(page.locator("custody-holds h1")).to_be_focused()
    await row.get_by_role("button", name=f"Lift the hold on {stage.calls['free']}").click()
    await page.get_by_label("Reason").fill("settled out of court")
    await page.locator("dialog").get_by_role("button", name="Lift").click()
    await expect(page.locator(HOLDS)).to_have_count(2)
    await page.get_by_label("Show", exact=True).select_option(label="Lifted ones as well")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.locator(HOLDS)).to_have_count(4)
    assert "state=all" in page.url
    await expect(row).to_contain_text("박지원: settled out of court")
    await expect(page.locator(HOLDS, has_text="소송 2026-104")).to_contain_text("합의로 종결")


async def test_all_contacts_of_a_caller_are_held_at_once(custody: OpenCustody, stage: Stage) -> None:
    page = await custody()
    await page.get_by_role("button", name="Hold a contact").click()
    await page.get_by_label("What is held").select_option(label="All contacts so far of a caller")
    await page.get_by_label("Its id, or the caller's number").fill("+82 10-5555-0001")
    await page.get_by_label("Reason").fill("lawsuit 2026-121")
    await page.get_by_role("button", name="Hold it").click()
    # two are held already, and may be once more; of the two that were erased no number is known
    await expect(page.locator(HOLDS)).to_have_count(7)
    assert "5555" not in page.url


async def test_what_is_erased_gives_a_receipt_that_is_taken_along(
    custody: OpenCustody, stage: Stage, tmp_path: Path
) -> None:
    page = await custody("view=receipts")
    await expect(page.locator(RECEIPTS)).to_have_count(2)
    await page.get_by_role("button", name="Erase a contact").click()
    dialog = page.locator("dialog")
    await expect(dialog).to_contain_text("This cannot be undone")
    await page.get_by_label("Contact's id").last.fill(stage.calls["free"])
    await page.get_by_label("The same id once more").fill(stage.calls["held"])
    await page.get_by_label("Reason").fill("asked by letter")
    await dialog.get_by_role("button", name="Erase for good").click()
    await expect(dialog.get_by_role("alert")).to_have_text("The two ids are not the same. Nothing was erased.")
    await page.get_by_label("The same id once more").fill(stage.calls["free"])
    await dialog.get_by_role("button", name="Erase for good").click()
    await expect(page.locator("custody-receipt h1")).to_be_focused()
    await expect(dialog).to_be_hidden()
    await expect(page.locator("custody-receipt .notice")).to_contain_text("the audit has the same one")
    await expect(page.locator("tr[data-what=keys] .number")).to_have_text("1")
    await expect(page.locator("tr[data-what=events] .number")).to_have_text("9")
    await expect(page.locator("custody-receipt [data-fact=contact]")).to_have_text(stage.calls["free"])
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Download JSON").click()
    file = tmp_path / "receipt.json"
    await (await waiting.value).save_as(file)
    told = json.loads(file.read_text("utf-8"))
    assert is_genuine(told)
    assert told["contact"] == stage.calls["free"]
    await page.get_by_role("link", name="Back to the list").click()
    await expect(page.locator(RECEIPTS)).to_have_count(3)
    await expect(page.locator(RECEIPTS).first).to_contain_text("This page")


async def test_what_is_held_or_goes_on_is_not_erased_and_it_is_said_why(
    custody: OpenCustody, stage: Stage, watch: Watch
) -> None:
    watch.expect("40[49]")
    page = await custody("view=receipts")
    await page.get_by_role("button", name="Erase a contact").click()
    dialog = page.locator("dialog")
    for contact, why in (
        (stage.calls["held"], "under a legal hold"),
        (stage.calls["going on"], "still to come"),
        ("nobody", "no such contact"),
    ):
        await page.get_by_label("Contact's id").last.fill(contact)
        await page.get_by_label("The same id once more").fill(contact)
        await page.get_by_label("Reason").fill("asked by letter")
        await dialog.get_by_role("button", name="Erase for good").click()
        await expect(dialog.get_by_role("alert")).to_contain_text(why)
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(page.locator(RECEIPTS)).to_have_count(2)


async def test_receipts_are_found_by_contact_day_and_who_asked(custody: OpenCustody, stage: Stage) -> None:
    page = await custody("view=receipts")
    await page.get_by_label("Asked by").select_option(label="Command line")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.locator(RECEIPTS)).to_have_count(1)
    await expect(page.locator(RECEIPTS)).to_contain_text(stage.calls["letter"])
    await page.get_by_role("button", name="Reset").click()
    await expect(page.locator(RECEIPTS)).to_have_count(2)
    await page.get_by_label("From", exact=True).fill("2026-11-07")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.locator(RECEIPTS)).to_have_count(1)
    await page.go_back()
    await expect(page.locator(RECEIPTS)).to_have_count(2)
    await page.get_by_label("Contact's id").fill(stage.calls["letter"])
    await page.keyboard.press("Enter")
    await expect(page.locator(RECEIPTS)).to_have_count(1)
    await page.locator(f"{RECEIPTS} a").click()
    await expect(page.locator("custody-receipt")).to_contain_text("11월 3일자 서면 요청")


async def test_days_dues_and_what_sweeps_let_go_of_are_shown(custody: OpenCustody) -> None:
    page = await custody("view=retention")
    recording = page.locator("tr[data-class=recording]")
    await expect(recording).to_contain_text("10 days")
    await expect(page.locator("tr[data-class=record]")).to_contain_text("For good")
    await expect(page.locator("tr[data-class=words] td").nth(2)).to_have_text("2")
    sweep = page.locator("[data-table=sweeps] tbody tr")
    await expect(sweep).to_have_count(1)
    await expect(sweep.locator("td").first).to_have_text("2")


async def test_the_audit_is_verified_and_what_was_touched_is_told(
    custody: OpenCustody, stage: Stage, postgres: Postgres, database_name: str
) -> None:
    page = await custody("view=audit")
    await expect(page.locator("[data-audit=actions]")).to_contain_text("3 lines")
    await page.get_by_role("button", name="Verify now").click()
    found = page.locator("[data-found] .notice")
    await expect(found).to_have_count(2)
    await expect(found.last).to_have_text("What actions did: 3 lines, whole.")
    await expect(page.get_by_role("button", name="Verify now")).to_be_focused()
    statement = f"UPDATE audit_entries SET why = 'nothing' WHERE number = 2 AND tenant = '{stage.office.tenant}'"
    await postgres.run_as_superuser(database_name, statement)
    await page.get_by_role("button", name="Verify now").click()
    await expect(found.first).to_have_text("What people did: broken at line 2: it does not say what was sealed.")


async def test_lines_of_the_audit_are_filtered_by_who_and_what(custody: OpenCustody) -> None:
    page = await custody("view=audit")
    await page.wait_for_selector(LINES)
    await page.get_by_label("What", exact=True).select_option(label="Lifted a hold")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.locator(LINES)).to_have_count(1)
    await expect(page.locator(LINES)).to_contain_text("합의로 종결")
    await page.get_by_role("button", name="Reset").click()
    await page.get_by_label("Who", exact=True).select_option(label="Command line")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.locator(LINES)).to_have_count(2)
    assert "who=command" in page.url


async def test_words_of_others_stay_words(custody: OpenCustody) -> None:
    page = await custody()
    await expect(page.locator(HOLDS).first).to_contain_text(HOSTILE)
    assert await page.locator("main :is(img, script, iframe)").count() == 0


async def test_everything_is_done_by_keyboard(custody: OpenCustody, stage: Stage) -> None:
    page = await custody("view=receipts")
    await expect(page.locator(RECEIPTS)).to_have_count(2)
    await page.get_by_role("button", name="Erase a contact").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#ask-contact")).to_be_focused()
    for said in (stage.calls["free"], stage.calls["free"], "asked by letter"):
        await page.keyboard.type(said)
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("custody-receipt h1")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(RECEIPTS)).to_have_count(3)
    await page.locator("nav.segments a").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(HOLDS)).to_have_count(2)


async def test_who_may_look_and_who_may_not(
    custody: OpenCustody, stage: Stage, page_for: PageFor, watch: Watch
) -> None:
    watch.expect("40[13]")
    page = await custody(user="sooah")
    await expect(page.locator(HOLDS)).to_have_count(2)
    await expect(page.get_by_role("link", name=stage.calls["held"])).to_have_attribute(
        "href", f"/calls?call={stage.calls['held']}"
    )
    await expect(page.get_by_role("button", name="Lift")).to_have_count(0)
    await expect(page.get_by_role("button", name="Hold a contact")).to_have_count(0)
    await expect(page.locator("nav.segments a:visible")).to_have_text(["Legal holds", "Erasures", "Retention"])
    await page.get_by_role("link", name="Erasures").click()
    await expect(page.locator(RECEIPTS)).to_have_count(2)
    await expect(page.get_by_role("button", name="Erase a contact")).to_have_count(0)
    page = await custody("view=audit", user="sooah")
    await expect(page.locator("aicc-entrance")).to_contain_text("for the role admin")
    await expect(page.locator(".listing")).to_be_hidden()
    page = await custody(user="minji")
    await expect(page.locator("aicc-entrance")).to_contain_text("for the role admin")
    page = await page_for(f"{stage.base}/custody")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.locator("nav.segments")).to_be_hidden()
    await expect(page.locator("desk-sign-in .brand small")).to_have_text("Custody")


@pytest.mark.parametrize(("locale", "scheme"), [("ko-KR", "light"), ("en-US", "dark")])
async def test_nobody_is_kept_out(custody: OpenCustody, axe: Axe, locale: str, scheme: str) -> None:
    language = locale[:2]
    page = await custody("state=all", locale=locale, scheme=scheme, size=(1440, 1000))
    await expect(page.locator(HOLDS)).to_have_count(3)
    assert await axe(page) == []
    await keep_picture(page, f"custody-holds-{language}")
    await page.locator("custody-holds .primary").first.click()
    await expect(page.locator("dialog")).to_be_visible()
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    for view, shown in (("receipts", RECEIPTS), ("retention", "tr[data-class]"), ("audit", LINES)):
        await page.locator(f"a[data-view={view}]").click()
        await page.locator(shown).first.wait_for()
        if view == "audit":
            await page.locator("custody-audit .primary").first.click()
            await page.wait_for_selector("[data-found] .notice")
        assert await axe(page) == [], view
        await keep_picture(page, f"custody-{view}-{language}")
    await page.locator("a[data-view=receipts]").click()
    await page.locator("custody-receipts .danger").first.click()
    await expect(page.locator("dialog")).to_be_visible()
    assert await axe(page) == []
    await keep_picture(page, f"custody-erase-{language}")
    await page.keyboard.press("Escape")
    await page.locator(f"{RECEIPTS} a").first.click()
    await page.wait_for_selector("tr[data-what=tombstone]")
    assert await axe(page) == []
    await keep_picture(page, f"custody-{language}")


async def test_at_twice_the_size_everything_is_still_there(custody: OpenCustody) -> None:
    for query, shown in (
        ("", HOLDS),
        ("view=receipts", RECEIPTS),
        ("view=retention", "tr[data-class]"),
        ("view=audit", LINES),
    ):
        page = await custody(query, size=(640, 400), locale="ko-KR")
        await page.locator(shown).first.wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), query
        if query == "view=receipts":
            await page.locator(f"{RECEIPTS} a").first.click()
            await page.locator("tr[data-what=tombstone]").wait_for()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a receipt"


async def test_a_place_survives_its_address(serve_pages: Any, page_for: PageFor) -> None:
    page = await page_for(f"{await serve_pages(empty_page())}/empty")
    told = await page.evaluate("""async () => {
      const { fromAddress, toAddress, toQuery } = await import('/static/custody/filters.js');
      const filters = {contact: 'a & b', from: '2026-03-03', to: '2026-03-03', by: 'api'};
      return [fromAddress(toAddress('receipts', filters, 'e 1')), toQuery('receipts', filters),
        fromAddress('?view=nothing&receipt=e1'), toQuery('holds', {contact: '', state: 'all'}), toAddress('audit')];
    }""")
    filters = {"contact": "a & b", "from": "2026-03-03", "to": "2026-03-03", "by": "api"}
    assert told[0] == {"view": "receipts", "filters": filters, "receipt": "e 1"}
    moments = {"from": "2026-03-02T15:00:00.000Z", "to": "2026-03-03T15:00:00.000Z"}
    assert told[1] == {**moments, "contact": "a & b", "by": "api"}
    assert told[2] == {"view": "holds", "filters": {"contact": "", "state": ""}, "receipt": None}
    assert told[3:] == [{"released": "true"}, "?view=audit"]
