"""The wallboard in a real browser, against a server that speaks the contract."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, WebSocketRoute, expect

from tests.browser.chromium import PATIENCE, Watch
from tests.browser.conftest import PageFor
from tests.browser.wall_stage import HOSTILE, WallStage, agent, ago, call, empty_page, queue

pytestmark = pytest.mark.asyncio(loop_scope="module")

expect.set_options(timeout=15_000)  # a machine that others use as well is slow, not wrong

OpenWall = Callable[..., Awaitable[Page]]
Axe = Callable[[Page], Awaitable[list[dict[str, Any]]]]


class Lines:
    """The telephone lines that the page opened: what was said on each."""

    def __init__(self) -> None:
        self.routes: list[WebSocketRoute] = []
        self.closed: list[int] = []
        self.frames = 0

    def open(self, route: WebSocketRoute) -> None:
        number = len(self.routes)
        self.routes.append(route)
        route.on_message(lambda message: self._heard(route, message))
        route.on_close(lambda code, reason: self._over(route, number, code, reason))

    def _heard(self, route: WebSocketRoute, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self.frames += 1
        elif '"hello"' in message:
            route.send('{"type":"ready","rate":16000,"call":"c1"}')

    def _over(self, route: WebSocketRoute, number: int, code: int | None, reason: str | None) -> None:
        self.closed.append(number)


@pytest.fixture
def stage() -> WallStage:
    return WallStage()


@pytest.fixture
def lines() -> Lines:
    return Lines()


# The server is asked for first, so that the pages are gone before it is: their feeds would miss it.
@pytest_asyncio.fixture(loop_scope="module")
async def wall(serve_pages: Any, page_for: PageFor, stage: WallStage, lines: Lines) -> OpenWall:
    base = await serve_pages(stage.router)

    async def open_wall(**how: Any) -> Page:
        page = await page_for("about:blank", **how)
        await page.route_web_socket("**/v1/softphone", lines.open)
        await page.goto(f"{base}/wall")
        await page.wait_for_selector(".call", state="attached")
        return page

    return open_wall


async def live(stage: WallStage) -> None:
    """Wait until the page follows the feed."""
    await wait_for(lambda: bool(stage.streams))


async def wait_for(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not done():
            await asyncio.sleep(0.01)


async def test_it_shows_queues_agents_and_calls(wall: OpenWall) -> None:
    page = await wall()
    await expect(page.locator("[data-total=waiting] .figure")).to_have_text("5")
    orders = page.locator(".queue", has_text="Orders and delivery")
    await expect(orders).to_contain_text("2 min 20 sec (from 37 calls)")
    await expect(orders).to_contain_text("72%")
    await expect(orders.locator(".late-word")).to_be_visible()
    billing = page.locator(".queue", has_text="Billing")
    await expect(billing).to_contain_text("unknown (from 3 calls)")
    await expect(billing.locator("[data-fact=level]")).to_have_text("unknown")
    states = page.locator(".agent [data-fact=state]")
    await expect(states).to_have_text(["Not responding", "Ringing", "Talking", "Wrap-up", "Available", "Break"])
    await expect(page.locator(".agent", has_text="Hana")).to_contain_text("next: Meal")
    falling = page.locator("[data-call=c1]")
    await expect(falling).to_contain_text("Falling")
    await expect(falling).to_contain_text("33%")
    await expect(page.locator("[data-call=c4]")).to_contain_text("no answer yet")
    await expect(page.locator("[data-call=c4]")).to_contain_text("Waiting for a person")
    assert await page.locator("[data-call=c1] polyline").get_attribute("points")
    assert await page.locator(".call").first.get_attribute("data-call") == "c1"


async def test_offline_agents_are_counted_and_shown_when_asked_for(wall: OpenWall) -> None:
    page = await wall()
    await expect(page.locator(".agent", has_text="오태호")).to_have_count(0)
    await page.get_by_role("button", name="Show 1 offline").click()
    await expect(page.locator(".agent", has_text="오태호")).to_contain_text("Offline")


async def test_deltas_change_what_is_shown_and_nothing_comes_twice(wall: OpenWall, stage: WallStage) -> None:
    page = await wall()
    await live(stage)
    stage.tell("agent.routing", {"at": ago(0), "subject": "seojun", **agent("seojun", "박서준", routing="on_contact")})
    await expect(page.locator(".agent", has_text="박서준")).to_contain_text("Talking")
    stage.tell("queues", {"queues": [{"id": "general", "waiting": 9, "oldest_since": ago(3)}]}, numbered=False)
    await expect(page.locator(".queue")).to_have_count(1)
    await expect(page.locator(".queue")).to_contain_text("General")
    await expect(page.locator("[data-total=waiting] .figure")).to_have_text("9")
    stage.tell("call", call("c3", confidence=[0.9, 0.6, 0.4], falling=True), numbered=False)
    await expect(page.locator("[data-call=c3]")).to_contain_text("Falling")
    await expect(page.locator("[aria-live=polite]")).to_contain_text("Confidence is falling")
    stage.tell("call", {"call": "c3", "ended_at": ago(0)}, numbered=False)
    await expect(page.locator("[data-call=c3]")).to_have_count(0)
    stage.tell("agent.left", {"at": ago(0), "subject": "seojun", **agent("seojun", "박서준", presence="offline")})
    await expect(page.locator(".agent", has_text="박서준")).to_have_count(0)


async def test_a_cut_network_is_said_and_the_feed_goes_on_behind_the_last_number(
    wall: OpenWall, stage: WallStage, watch: Watch
) -> None:
    watch.expect("ERR_")
    page = await wall()
    await live(stage)
    last = stage.tell("agent.presence", {"at": ago(0), "subject": "doyun", **agent("doyun", "이도윤")})
    await expect(page.locator(".agent", has_text="이도윤")).to_contain_text("Available")
    stage.cut()
    await expect(page.locator("wall-link .connection")).to_have_attribute("data-state", "reconnecting")
    stage.mend()
    await live(stage)
    await expect(page.locator("wall-link .connection")).to_have_attribute("data-state", "live")
    assert stage.asked_after == ["100", str(last)]


async def test_one_press_listens_without_a_microphone_and_says_so(
    wall: OpenWall, stage: WallStage, lines: Lines
) -> None:
    stage.call_events = [(5, "caller.turn", {"text": "상담원 바꿔 주세요"})]
    page = await wall()
    await page.locator("[data-call=c1] [data-way=listen]").click()
    bar = page.locator("wall-monitor section")
    await expect(bar).to_contain_text("Listening")
    await expect(bar).to_contain_text("Nobody hears you")
    await expect(bar).to_contain_text("상담원 바꿔 주세요")
    await expect(bar).to_contain_text("김민지 (talking) and Sooah Kim (listening)")
    await expect(page.locator("[data-call=c1]")).to_contain_text("Listening")
    assert [what for what, _ in stage.asked] == ["c1/listen", "tickets"]
    assert stage.asked[1][1] == {"purpose": "softphone", "subject": "c1"}
    assert (len(lines.routes), lines.frames) == (1, 0)
    await page.locator("[data-act=leave]").click()
    await expect(bar).to_be_hidden()
    await wait_for(lambda: stage.asked[-1][0] == "c1/leave")
    await wait_for(lambda: lines.closed == [0])


async def test_whispering_and_barging_in_are_heard_by_whom_they_say(
    wall: OpenWall, stage: WallStage, lines: Lines
) -> None:
    page = await wall()
    await expect(page.locator("[data-call=c1] [data-way=whisper]")).to_be_disabled()  # a bot hears no whisper
    await page.locator("[data-call=c2] [data-way=whisper]").click()
    bar = page.locator("wall-monitor section")
    await expect(bar).to_contain_text("Only the agent hears you")
    await expect(bar).to_have_attribute("data-heard", "agent")
    await expect(page.locator("[data-call=c2] [data-way=whisper]")).to_have_attribute("aria-pressed", "true")
    await bar.locator("[data-mode=barge]").click()
    await expect(bar).to_contain_text("The caller hears you")
    await bar.locator("[data-mode=listen]").click()
    await expect(bar).to_contain_text("Nobody hears you")
    commands = [what for what, _ in stage.asked if what != "tickets"]
    assert commands == ["c2/listen", "c2/whisper", "c2/barge", "c2/listen"]
    assert len(lines.routes) == 2  # one to listen, and one with a microphone, which stays
    await wait_for(lambda: lines.closed == [0] and lines.frames > 0)


async def test_taking_over_takes_two_steps_within_a_few_seconds(wall: OpenWall, stage: WallStage) -> None:
    page = await wall()
    take = page.locator("[data-call=c1] [data-way=take-over]")
    await take.click()
    await expect(take).to_contain_text("Press again to take over")
    assert "c1/take-over" not in dict(stage.asked)
    await page.keyboard.press("Escape")
    await expect(take).to_contain_text("Take over")
    await take.click()
    await take.click()
    bar = page.locator("wall-monitor section")
    await expect(bar).to_contain_text("Taken over")
    assert ("c1/take-over", {"epoch": 3}) in stage.asked
    await expect(bar.locator("[data-act=leave]")).to_be_hidden()
    await bar.get_by_label("What the bot is to do next").fill("환불 절차를 안내해 주세요")
    await bar.locator("[data-act=return]").click()
    await expect(bar).to_contain_text("Nobody hears you")
    assert ("c1/return", {"instruction": "환불 절차를 안내해 주세요", "epoch": 3}) in stage.asked


async def test_who_has_taken_a_call_says_that_they_are_there_until_it_is_over(wall: OpenWall, stage: WallStage) -> None:
    page = await wall()
    await page.locator("[data-call=c1] [data-way=listen]").click()
    bar = page.locator("wall-monitor section")
    await expect(bar).to_have_attribute("data-state", "listen")
    await live(stage)
    stage.tell("heartbeat", {}, numbered=False)
    stage.tell("call", {"call": "c4", "ended_at": ago(0)}, numbered=False)
    await expect(page.locator("[data-call=c4]")).to_have_count(0)  # so it has heard the heartbeat as well
    assert stage.heartbeats == 0
    for _ in range(2):
        await bar.locator("[data-act=take-over]").click()
    await expect(bar).to_contain_text("Taken over")
    for beats in (1, 2):
        stage.tell("heartbeat", {}, numbered=False)
        await wait_for(lambda beats=beats: stage.heartbeats == beats)
    for _ in range(2):
        await bar.locator("[data-act=hang-up]").click()
    await expect(bar).to_contain_text("Finish its wrap-up on the desk page")
    assert ("c1/hang-up", {"epoch": 3}) in stage.asked
    await bar.get_by_role("button", name="Close").click()
    await expect(bar).to_be_hidden()


async def test_who_uses_the_wall_stays_signed_in_and_who_only_leaves_it_open_does_not(
    wall: OpenWall, stage: WallStage
) -> None:
    page = await wall()
    await page.clock.install()
    await page.reload()
    await expect(page.locator(".queue")).to_have_count(3)
    await page.clock.run_for(61_000)  # whoever opened it is there
    await wait_for(lambda: stage.heartbeats == 1)
    await page.clock.run_for(121_000)
    assert stage.heartbeats == 1
    await page.mouse.click(5, 5)
    await page.clock.run_for(61_000)
    await wait_for(lambda: stage.heartbeats == 2)


async def test_a_stale_take_over_is_refused_in_words_and_the_new_epoch_is_used_next(
    wall: OpenWall, stage: WallStage, watch: Watch
) -> None:
    watch.expect("409")
    page = await wall()
    take = page.locator("[data-call=c1] [data-way=take-over]")
    stage.refuse["take-over"] = (409, "stale_epoch")
    await take.click()
    await expect(take).to_contain_text("Press again")
    stage.epoch, stage.parties = 8, stage.parties[:2]
    await take.click()
    await expect(page.locator(".monitor .notice")).to_contain_text("The call changed hands meanwhile")
    await expect(page.locator("wall-monitor [data-fact=parties]")).not_to_contain_text("Sooah Kim")  # it was read again
    stage.refuse.clear()
    await take.click()
    await take.click()
    await expect(page.locator("wall-monitor section")).to_contain_text("Taken over")
    assert [body["epoch"] for what, body in stage.asked if what == "c1/take-over"] == [3, 8]


async def test_a_call_is_sent_to_a_place_outside_from_the_bar_with_the_epoch_that_is_shown(
    wall: OpenWall, stage: WallStage, watch: Watch
) -> None:
    watch.expect("409")
    page = await wall()
    await page.locator("[data-call=c1] [data-way=listen]").click()
    place = page.get_by_label("Send to…")
    await page.get_by_role("button", name="Send outside").click()
    assert not any("transfer" in path for path, _ in stage.asked), "nothing was chosen"
    await place.select_option(label="Support <b>team</b>")
    stage.refuse["transfer"] = (409, "stale_epoch")
    await page.get_by_role("button", name="Send outside").click()
    await expect(page.locator("wall-monitor [role=alert]")).not_to_be_empty()
    await expect(place).to_have_value("support")
    stage.refuse.clear()
    await page.get_by_role("button", name="Send outside").click()
    await expect(place).to_have_value("")
    assert stage.asked[-1] == ("c1/transfer", {"target": "support", "epoch": 3})


async def test_a_call_that_ends_is_left(wall: OpenWall, lines: Lines) -> None:
    page = await wall()
    await page.locator("[data-call=c1] [data-way=listen]").click()
    await expect(page.locator("wall-monitor section")).to_have_attribute("data-state", "listen")
    await lines.routes[0].close(code=1000, reason="over")
    await expect(page.locator("wall-monitor section")).to_contain_text("The call is over")
    await expect(page.locator("[data-call=c1]")).not_to_contain_text("Listening")


async def test_nothing_moves_under_the_pointer(wall: OpenWall, stage: WallStage) -> None:
    page = await wall()
    await live(stage)
    await page.locator("[data-call=c3]").hover()
    stage.tell("call", call("c4", confidence=[0.9, 0.2], falling=True, since=ago(900)), numbered=False)
    await expect(page.locator("[data-call=c4]")).to_contain_text("Falling")
    order = "[...document.querySelectorAll('.call')].map((one) => one.dataset.call)"
    assert (await page.evaluate(order))[0] == "c1"
    await page.mouse.move(5, 5)
    await expect(page.locator(".call").first).to_have_attribute("data-call", "c4")


async def test_calls_are_filtered(wall: OpenWall) -> None:
    page = await wall()
    for choice, shown in (("Falling", 1), ("With people", 1), ("With the bot", 3), ("All", 4)):
        await page.get_by_role("button", name=choice, exact=True).click()
        await expect(page.locator(".call")).to_have_count(shown)


async def test_it_can_be_worked_with_the_keyboard_alone(wall: OpenWall, stage: WallStage) -> None:
    page = await wall()
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.matches('[data-call=c1] [data-way=listen]')"):
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("wall-monitor section")).to_have_attribute("data-state", "listen")
    await expect(page.locator("wall-monitor section")).to_contain_text("Nobody hears you")
    assert await page.evaluate("document.activeElement.matches('[data-call=c1] [data-way=listen]')")
    assert stage.asked[0][0] == "c1/listen"


async def test_hostile_names_stay_text(serve_pages: Any, page_for: PageFor) -> None:
    snapshot = {
        "watermark": 1,
        "queues": [queue("q", HOSTILE, HOSTILE)],
        "agents": [agent("a", HOSTILE, presence="away", reason=HOSTILE, queues=[HOSTILE])],
        "calls": [call("c1", line=HOSTILE, queue=HOSTILE, owner="agent", agent="a")],
    }
    stage = WallStage(snapshot)
    page = await page_for(f"{await serve_pages(stage.router)}/wall")
    await page.wait_for_selector(".call")
    assert await page.locator("main :is(img, script, iframe)").count() == 0
    assert "broken" not in await page.title()
    await expect(page.locator(".queue h3")).to_have_text(HOSTILE)
    await expect(page.locator(".agent")).to_contain_text("<img src=x")


async def test_who_is_not_signed_in_signs_in_and_who_may_not_is_told(
    serve_pages: Any, page_for: PageFor, stage: WallStage, watch: Watch
) -> None:
    watch.expect("40[13]|404")
    stage.refuse["wall"] = (401, "not_signed_in")
    page = await page_for(f"{await serve_pages(stage.router)}/wall")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.locator("desk-sign-in .brand small")).to_have_text("Wallboard")
    await expect(page.locator(".queue")).to_have_count(0)
    stage.refuse["wall"] = (403, "not_allowed")
    await page.reload()
    await expect(page.get_by_role("alert").filter(has_text="for supervisors")).to_be_visible()
    stage.refuse.clear()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".queue")).to_have_count(3)


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_kept_out(wall: OpenWall, axe: Axe, locale: str, scheme: str) -> None:
    page = await wall(locale=locale, scheme=scheme)
    assert await axe(page) == []
    await page.locator("[data-call=c2] [data-way=whisper]").click()
    await expect(page.locator("wall-monitor section")).to_have_attribute("data-heard", "agent")
    await page.locator("[data-call=c2] [data-way=take-over]").click()
    assert await axe(page) == []


async def test_at_twice_the_size_everything_is_still_there(wall: OpenWall) -> None:
    page = await wall(size=(640, 400), locale="ko-KR")  # 1280 × 800 at 200 %
    await page.locator("[data-call=c1] [data-way=listen]").click()
    await expect(page.locator("wall-monitor section")).to_contain_text("아무도 내 목소리를 듣지 못합니다")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    outside = """[...document.querySelectorAll('main button, #monitor button')].filter((one) => {
      const {left, right, width} = one.getBoundingClientRect();
      return width > 0 && (left < 0 || right > innerWidth + 0.5);
    }).map((one) => one.textContent)"""
    assert await page.evaluate(outside) == []


async def test_the_language_changes_without_losing_anything(wall: OpenWall) -> None:
    page = await wall()
    await page.locator("[data-locale=ko]").click()
    await expect(page.locator("h2", has_text="대기열")).to_be_visible()
    await expect(page.locator("[data-call=c1]")).to_contain_text("하락 중")
    await expect(page.locator(".queue")).to_have_count(3)
    assert await page.title() == "현황판 · AICC"


async def test_the_part_in_a_call_is_a_machine_that_arms_before_it_takes(serve_pages: Any, page_for: PageFor) -> None:
    page = await page_for(f"{await serve_pages(empty_page())}/empty")
    told = await page.evaluate("""async () => {
      const { ARMED_FOR, IDLE, heardBy, step } = await import('/static/wall/monitor.js');
      const run = (events) => events.reduce((state, [now, event]) => step(state, event, now), IDLE);
      const into = [[0, {kind: 'join', call: 'c1'}], [0, {kind: 'ready'}]];
      const arm = [10, {kind: 'arm', deed: 'take-over'}];
      const show = (state) => [state.state, state.wanted, heardBy(state)];
      return {
        joined: show(run(into)),
        unarmed: show(run([...into, [20, {kind: 'commit'}]])),
        armed: show(run([...into, arm, [20, {kind: 'commit'}]])),
        late: show(run([...into, arm, [10 + ARMED_FOR, {kind: 'commit'}]])),
        taken: show(run([...into, arm, [20, {kind: 'commit'}], [30, {kind: 'done'}]])),
        disarmed: show(run([...into, arm, [15, {kind: 'disarm'}], [20, {kind: 'commit'}]])),
        forgotten: run([...into, arm, [10 + ARMED_FOR, {kind: 'tick'}]]).armed,
        refused: show(run([[0, {kind: 'join', call: 'c1'}], [1, {kind: 'refused', code: 'x'}]])),
        outside: show(run([[0, {kind: 'arm', deed: 'take-over'}], [1, {kind: 'want', mode: 'barge'}]])),
      };
    }""")
    assert told == {
        "joined": ["listen", None, "nobody"],
        "unarmed": ["listen", None, "nobody"],
        "armed": ["listen", "take-over", "nobody"],
        "late": ["listen", None, "nobody"],
        "taken": ["taken", None, "everybody"],
        "disarmed": ["listen", None, "nobody"],
        "forgotten": None,
        "refused": ["idle", None, "nobody"],
        "outside": ["idle", None, "nobody"],
    }


async def test_the_trend_stays_within_its_picture(serve_pages: Any, page_for: PageFor) -> None:
    page = await page_for(f"{await serve_pages(empty_page())}/empty")
    drawn = await page.evaluate("""async () => {
      const { points } = await import('/static/wall/sparkline.js');
      return [points([]), points([0.5]), points([1, 0, 2, -1], 100, 20)];
    }""")
    assert drawn[0] == []
    assert drawn[1] == [{"x": 93, "y": 14}]
    assert [(round(p["x"], 1), p["y"]) for p in drawn[2]] == [(3, 3), (34.3, 17), (65.7, 3), (97, 17)]
