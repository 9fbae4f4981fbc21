"""Known answers: every figure over contacts whose every moment is known."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.analytics.errors import ReportRefused, TooManyReports
from gateway.analytics.kpis.kpi import KPIS, Amount, By, Counted
from gateway.analytics.kpis.reports import (
    AT_ONCE,
    MOST_WAITING,
    Behind,
    Reports,
    Said,
    Sampled,
    Selection,
    open_reports,
    rows_of,
)
from gateway.analytics.kpis.rules import Prices, Rules
from gateway.session.tenant import Tenant
from infra.storage.database import Database
from tests.gateway.analytics.kpis.contacts import (
    NOON,
    Contacts,
    abandoned,
    agent_said,
    asked,
    queued,
    taken,
    told,
    understood,
)
from tests.gateway.analytics.past_calls import new_tenant

FRIDAY = date(2026, 11, 20)
DAY = Selection(FRIDAY, FRIDAY)


@pytest.fixture
async def contacts(database: Database) -> Contacts:
    return Contacts(database, await new_tenant(database))


@pytest.fixture
def reports(database: Database) -> Reports:
    return Reports(database)


async def total(reports: Reports, tenant: str, kpi: str, asked_for: Selection = DAY) -> Amount:
    """One figure of a day, by its own view; the view of all of them has to agree."""
    rows = await reports.amounts(tenant, asked_for, By.DAY, kpi)
    everything = await reports.amounts(tenant, asked_for, By.DAY)
    assert [row for row in everything if row.kpi == kpi] == rows
    return sum((row.amount for row in rows), Amount())


@pytest.mark.parametrize(
    ("variant", "percent"),
    [("service_level_1", 83.0), ("service_level_2", 86.0), ("service_level_3", 81.1), ("service_level_4", 82.7)],
)
async def test_the_four_service_levels_of_the_textbook(
    reports: Reports, contacts: Contacts, variant: str, percent: float
) -> None:
    """1,000 answered, of which 860 within 20 s; 60 abandoned, of which 20 within 20 s."""
    for number in range(1000):
        wait = 20 if number < 860 else 21
        contacts.add(f"a{number}", [queued(1), *taken(1 + wait, 50, wrap_up=10)])
    for number in range(60):
        contacts.add(f"l{number}", [queued(1), abandoned(21 if number < 20 else 22)], seconds=30)
    await contacts.write()
    amount = await total(reports, contacts.tenant, variant)
    assert amount.value is not None
    assert round(100 * amount.value, 1) == percent


async def test_waiting_counts_whom_people_answered_and_who_left_the_queue_by_themselves(
    reports: Reports, contacts: Contacts
) -> None:
    contacts.add("soon", [queued(5), *taken(15, 50)])
    contacts.add("late", [queued(5), *taken(35, 50)])
    contacts.add("left", [queued(5), abandoned(25)])
    contacts.add("back", [queued(5), (30, "callback.requested", {"handoff": "h1", "number": "[phone]"})])
    contacts.add("bot", [*asked(3), *told(5, 8)])
    contacts.add("waits", [queued(5)], seconds=None)
    await contacts.write()
    answered = await total(reports, contacts.tenant, "average_speed_of_answer")
    assert answered == Amount(40, 2, 2)  # 10 s and 30 s
    assert await total(reports, contacts.tenant, "abandonment") == Amount(1, 3, 3)


async def test_a_queue_is_measured_by_its_own_goal(reports: Reports, contacts: Contacts) -> None:
    await reports.keep_rules(contacts.tenant, Rules(answer_within={"orders": 60}))
    contacts.add("orders", [queued(0), *taken(50, 55)])
    contacts.add("other", [queued(0, queue="general"), *taken(50, 55)])
    await contacts.write()
    rows = await reports.amounts(contacts.tenant, DAY, By.QUEUE, "service_level_4")
    assert {row.key: row.value for row in rows} == {"orders": 1.0, "general": 0.0}


async def test_handling_is_talk_hold_and_wrap_up(reports: Reports, contacts: Contacts) -> None:
    held = [(30, "call.held", {"by": "minji"}), (40, "call.resumed", {"by": "minji", "seconds": 10})]
    contacts.add("one", [queued(5), *taken(10, 60, wrap_up=20), *held])
    contacts.add("two", [queued(5), *taken(10, 40, wrap_up=None)])
    await contacts.write()
    assert await total(reports, contacts.tenant, "average_handling_time") == Amount(50 + 20 + 30, 2, 2)


async def test_a_wrap_up_that_may_still_come_makes_a_figure_provisional(reports: Reports, contacts: Contacts) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    contacts.add("fresh", [queued(5), *taken(10, 60)], begun=now)
    await contacts.write()
    today = Selection(now.date(), now.date() + timedelta(days=1))
    amount = await total(reports, contacts.tenant, "average_handling_time", today)
    assert (amount.contacts, amount.provisional) == (1, 1)


async def test_containment_takes_evidence_and_what_ended_without_it_is_told_apart(
    reports: Reports, contacts: Contacts
) -> None:
    contacts.add("solved", [*asked(3), *told(5, 8)])
    contacts.add("cut", [*asked(3), *told(5, 8, complete=False)])
    contacts.add("silent", [*told(1, 4, decision="converse")])
    contacts.add("person", [*asked(3), queued(10), *taken(20, 50)])
    contacts.add("ours", [*asked(3), *told(5, 8)], direction="outbound")
    contacts.add("live", [*asked(3), *told(5, 8)], seconds=None)
    await contacts.write()
    figures = {
        kpi: (await total(reports, contacts.tenant, kpi)).numerator
        for kpi in ("containment", "ended_in_bot_unresolved", "transfer_to_people")
    }
    assert figures == {"containment": 1, "ended_in_bot_unresolved": 2, "transfer_to_people": 1}
    assert (await total(reports, contacts.tenant, "containment")).denominator == 4


async def test_transfers_between_people_are_others_than_those_to_them(reports: Reports, contacts: Contacts) -> None:
    contacts.add("one", [queued(5), *taken(10, 60)])
    contacts.add("two", [queued(5), *taken(10, 30), *taken(30, 60, agent="jiu")])
    left = (40, "call.transferred", {"destination": "x", "mode": "blind", "target": "support", "way": "refer"})
    contacts.add("out", [queued(5), *taken(10, 40), left], end="transferred")
    await contacts.write()
    assert await total(reports, contacts.tenant, "transfer_between_people") == Amount(2, 3, 3)


async def test_summaries_count_where_one_was_written(reports: Reports, contacts: Contacts) -> None:
    contacts.add("kept", [queued(5), *taken(10, 50, wrap_up=5)])
    edited = (50, "wrap_up.done", {"agent": "minji", "disposition": "solved", "seconds": 5, "unedited": False})
    contacts.add("edited", [queued(5), *taken(10, 50), edited])
    contacts.add("none", [queued(5), *taken(10, 50)])
    await contacts.write()
    assert await total(reports, contacts.tenant, "unedited_summaries") == Amount(1, 2, 2)


async def test_reasons_are_shares_of_all_that_were_handed_over(reports: Reports, contacts: Contacts) -> None:
    for number, reason in enumerate(("caller_asked", "caller_asked", "caller_asked", "low_confidence")):
        contacts.add(f"c{number}", [queued(5, reason=reason), *taken(10, 50)])
    await contacts.write()
    rows = await reports.amounts(contacts.tenant, DAY, By.PART, "escalation_reasons")
    assert {row.key: row.value for row in rows} == {"caller_asked": 0.75, "low_confidence": 0.25}
    with pytest.raises(ReportRefused, match="no parts"):
        await reports.amounts(contacts.tenant, DAY, By.PART, "containment")


async def test_silence_and_overlap_are_told_apart_by_who_makes_them(reports: Reports, contacts: Contacts) -> None:
    """A call of 60 s: greeting 0 to 4, words 6 to 8, seven seconds of ours, an answer 15 to 20 that is spoken over from
    18 to 21, six seconds of the caller's after an answer 25 to 30, words 36 to 40 over which we begin at 39."""
    contacts.add(
        "one",
        [
            *told(0, 4, reply=1),
            *asked(8, start=6, end=8),
            *told(15, 20, reply=2),
            *asked(21, start=18, end=21),
            *told(25, 30, reply=3),
            *asked(40, start=36, end=40),
            *told(39, 60, reply=4),
        ],
    )
    contacts.add("nobody knows when", [*told(0, 4), *asked(10)])
    await contacts.write()
    shares = {"silence_ours": 7, "silence_callers": 6, "overlap_callers": 2, "overlap_ours": 1}
    for kpi, seconds in shares.items():
        assert await total(reports, contacts.tenant, kpi) == Amount(seconds, 60, 1), kpi
    await reports.keep_rules(contacts.tenant, Rules(silence_seconds=6.5))
    assert (await total(reports, contacts.tenant, "silence_callers")).numerator == 0


async def test_the_human_part_of_a_call_sounds_as_well(reports: Reports, contacts: Contacts) -> None:
    """Talk from 10 to 70, ten seconds of it on hold: the agent speaks first at 16 (six seconds of theirs), the caller
    at 25 (seven of the caller's), over whom the agent begins at 28; the caller speaks over the agent from 45 to 46."""
    held: list[Any] = [(50, "call.held", {"by": "minji"}), (60, "call.resumed", {"by": "minji", "seconds": 10})]
    contacts.add(
        "one",
        [
            *(*told(0, 4), queued(5), *taken(10, 70, wrap_up=None), *held),
            *agent_said(18, 16, 18),
            *(*asked(30, start=25, end=30), *agent_said(34, 28, 34)),
            *(*agent_said(46, 38, 46), *asked(49, start=45, end=49)),
            *(*agent_said(64, 62, 64), *asked(68, start=65, end=68)),
        ],
        seconds=70,
    )
    contacts.add("nobody knows when", [queued(5), *taken(10, 60), *agent_said(20, None), *asked(30, start=25, end=30)])
    contacts.add("nobody hears the caller", [queued(5), *taken(10, 60), *agent_said(20, 15, 20), *asked(30)])
    await contacts.write()
    shares = {
        "silence_agents": 6,
        "silence_callers_with_agents": 7,
        "overlap_agents": 2,
        "overlap_callers_with_agents": 1,
    }
    for kpi, seconds in shares.items():
        assert await total(reports, contacts.tenant, kpi) == Amount(seconds, 50, 1), kpi
    assert (await total(reports, contacts.tenant, "silence_ours")).denominator == pytest.approx(5), "the bot's part"
    await reports.keep_rules(contacts.tenant, Rules(silence_seconds=6.5))
    assert (await total(reports, contacts.tenant, "silence_agents")).numerator == 0


async def test_who_comes_back_about_the_same_was_not_helped_the_first_time(
    reports: Reports, contacts: Contacts
) -> None:
    later = {"again": ("a", "refund", 2), "other": ("a", "delivery", 3), "late": ("b", "refund", 8)}
    for contact, (customer, about, days) in {
        "first": ("a", "refund", 0),
        "else": ("b", "refund", 0),
        **later,
        "ours": ("b", "refund", 1),
    }.items():
        begun = NOON + timedelta(days=days - 30)
        direction = "outbound" if contact == "ours" else "inbound"
        contacts.add(contact, [*asked(3), *told(5, 8)], begun=begun, direction=direction, caller=None)
        contacts.remember(contact, customer, about, begun)
    contacts.add("unknown", [*asked(3)], begun=NOON - timedelta(days=30), caller=None)
    await contacts.write()
    first_day = Selection(FRIDAY - timedelta(days=30), FRIDAY - timedelta(days=30))
    whole = Selection(FRIDAY - timedelta(days=40), FRIDAY)
    assert await total(reports, contacts.tenant, "first_contact_resolution", first_day) == Amount(1, 2, 2)
    assert await total(reports, contacts.tenant, "first_contact_resolution", whole) == Amount(4, 5, 5)
    await reports.keep_rules(contacts.tenant, Rules(repeat_days=8))
    assert (await total(reports, contacts.tenant, "first_contact_resolution", first_day)).numerator == 0


async def test_who_is_not_remembered_is_known_by_their_number(reports: Reports, contacts: Contacts) -> None:
    calls: dict[str, tuple[str | None, str | None, float]] = {
        "first": ("+8210", "refund", 0),
        "other matter": ("+8210", "delivery", 1),
        "same matter": ("+8210", "refund", 2),
        "unclear": ("+8211", None, 0),
        "unclear again": ("+8211", "refund", 6.9),
        "late": ("+8212", "refund", 0),
        "too late": ("+8212", "refund", 7.1),
        "withheld": (None, "refund", 0),
        "withheld too": (None, "refund", 1),
        "we called": ("+8213", "refund", 0),
    }
    for contact, (caller, intent, days) in calls.items():
        begun = NOON + timedelta(days=days - 30)
        turns = [] if intent is None else [understood(3, intent), understood(9, "thanks")]
        contacts.add(contact, turns, begun=begun, caller=caller)
    ours = {"begun": NOON - timedelta(days=29), "direction": "outbound", "caller": "+8213"}
    contacts.add("ours", [understood(3, "refund")], **ours)
    await contacts.write()
    days = Selection(FRIDAY - timedelta(days=31), FRIDAY)

    async def behind(counted: Counted) -> set[str]:
        found = await reports.contacts(contacts.tenant, days, "first_contact_resolution", Behind(counted), 20)
        return set(found)

    # An intent that was understood as the second counts for nothing; of who withholds the number nobody knows anything.
    assert await behind(Counted.NO) == {"first", "unclear"}
    assert await behind(Counted.YES) == set(calls) - {"first", "unclear", "withheld", "withheld too"}


async def test_a_remembered_customer_is_not_mixed_up_with_who_calls_from_the_same_number(
    reports: Reports, contacts: Contacts
) -> None:
    for contact, customer, days in (("a", "a", 0), ("b", "b", 1), ("a again", None, 2)):
        begun = NOON + timedelta(days=days - 30)
        contacts.add(contact, [], begun=begun, caller="+8210")
        if customer is not None:
            contacts.remember(contact, customer, "refund", begun)
    await contacts.write()
    days = Selection(FRIDAY - timedelta(days=30), FRIDAY - timedelta(days=30))
    assert (await total(reports, contacts.tenant, "first_contact_resolution", days)) == Amount(0, 1, 1)
    stranger = await new_tenant(reports._database)
    alone = Contacts(reports._database, stranger)
    for contact, customer, ago in (("a", "a", 30), ("b", "b", 29)):
        begun = NOON - timedelta(days=ago)
        alone.add(contact, [], begun=begun, caller="+8210")
        alone.remember(contact, customer, "refund", begun)
    await alone.write()
    assert (await total(reports, stranger, "first_contact_resolution", days)) == Amount(1, 1, 1)


async def test_a_resolution_is_provisional_until_the_days_have_passed(reports: Reports, contacts: Contacts) -> None:
    begun = datetime.now(UTC) - timedelta(days=3)
    contacts.add("one", [*asked(3)], begun=begun)
    contacts.remember("one", "a", "refund", begun)
    await contacts.write()
    days = Selection(begun.date() - timedelta(days=1), begun.date() + timedelta(days=1))
    assert (await total(reports, contacts.tenant, "first_contact_resolution", days)).provisional == 1
    await reports.keep_rules(contacts.tenant, Rules(repeat_days=2))
    assert (await total(reports, contacts.tenant, "first_contact_resolution", days)).provisional == 0


async def test_satisfaction_comes_with_how_many_answered(reports: Reports, contacts: Contacts) -> None:
    for contact, score in (("a", 5), ("b", 4), ("c", 2), ("d", None), ("e", None)):
        survey: list[tuple[float, str, dict[str, Any]]] = [(50, "survey.asked", {"question": "csat", "with": "bot"})]
        if score is not None:
            survey.append((55, "survey.answered", {"question": "csat", "score": score, "by": "keys", "with": "bot"}))
        contacts.add(contact, [*asked(3), *survey])
    await contacts.write()
    assert await total(reports, contacts.tenant, "csat_score") == Amount(11, 3, 3)
    assert await total(reports, contacts.tenant, "csat_satisfied") == Amount(2, 3, 3)
    assert await total(reports, contacts.tenant, "csat_response") == Amount(3, 5, 5)


async def test_a_contact_with_two_questions_is_one_contact_with_two_scores(
    reports: Reports, contacts: Contacts
) -> None:
    survey: list[tuple[float, str, dict[str, Any]]] = [
        (50, "survey.asked", {"question": "csat", "with": "bot"}),
        (52, "survey.answered", {"question": "csat", "score": 5}),
        (53, "survey.asked", {"question": "effort", "with": "bot"}),
        (55, "survey.answered", {"question": "effort", "score": 2}),
        (56, "survey.asked", {"question": "again", "with": "bot"}),
    ]
    contacts.add("one", [*asked(3), *survey])
    await contacts.write()
    assert await total(reports, contacts.tenant, "csat_score") == Amount(7, 2, 1)
    assert await total(reports, contacts.tenant, "csat_satisfied") == Amount(1, 2, 1)
    assert await total(reports, contacts.tenant, "csat_response") == Amount(2, 3, 1)


async def test_cost_is_what_the_price_list_says_and_unknown_without_one(reports: Reports, contacts: Contacts) -> None:
    contacts.add("bot", [*asked(3), *told(5, 8)], seconds=120)
    contacts.add("person", [*asked(3), queued(30), *taken(60, 120, wrap_up=60)], seconds=120)
    await contacts.write()
    assert await total(reports, contacts.tenant, "cost_per_contact") == Amount()
    prices = Prices(currency="KRW", per_contact=10, per_line_minute=20, per_bot_minute=30, per_agent_minute=400)
    await reports.keep_rules(contacts.tenant, Rules(prices=prices))
    # 10 + 2 min of line and bot; 10 + 2 min of line, 30 s of the bot, 2 min of a person.
    assert await total(reports, contacts.tenant, "cost_per_contact") == Amount(
        (10 + 40 + 60) + (10 + 40 + 15 + 800), 2, 2
    )
    assert (await reports.rules(contacts.tenant)).currency == "KRW"


async def test_a_day_is_the_tenants_and_not_the_servers(reports: Reports, contacts: Contacts) -> None:
    await reports.keep_rules(contacts.tenant, Rules(time_zone="Asia/Seoul"))
    contacts.add("before", [*asked(3)], begun=datetime(2026, 11, 19, 14, 59, tzinfo=UTC))
    contacts.add("first", [*asked(3)], begun=datetime(2026, 11, 19, 15, 0, tzinfo=UTC))
    contacts.add("last", [*asked(3)], begun=datetime(2026, 11, 20, 14, 59, tzinfo=UTC))
    contacts.add("after", [*asked(3)], begun=datetime(2026, 11, 20, 15, 0, tzinfo=UTC))
    await contacts.write()
    found = await reports.contacts(contacts.tenant, DAY, "containment", Behind(), 10)
    assert found == ["last", "first"]
    hours = await reports.amounts(contacts.tenant, DAY, By.HOUR, "containment")
    assert [row.key for row in hours] == ["00", "23"]


async def test_the_calls_behind_a_number_are_those_that_it_counts(reports: Reports, contacts: Contacts) -> None:
    for number in range(5):
        begun = NOON + timedelta(minutes=number)
        contacts.add(f"good{number}", [*asked(3), *told(5, 8)], begun=begun)
        contacts.add(f"bad{number}", [*asked(3), *told(5, 8, complete=False)], begun=begun, language="en")
    await contacts.write()

    async def behind(counted: Counted, asked_for: Selection = DAY, **how: Any) -> list[str]:
        return await reports.contacts(contacts.tenant, asked_for, "containment", Behind(counted, **how), 100)

    assert await behind(Counted.YES) == [f"good{number}" for number in (4, 3, 2, 1, 0)]
    assert set(await behind(Counted.NO)) == {f"bad{number}" for number in range(5)}
    assert len(await behind(Counted.ALL)) == 10
    assert await behind(Counted.YES, before=(NOON + timedelta(minutes=2), "good2")) == ["good1", "good0"]
    assert await behind(Counted.YES, Selection(FRIDAY, FRIDAY, language="en")) == []
    amount = await total(reports, contacts.tenant, "containment")
    assert (amount.numerator, amount.contacts) == (5, 10)


async def test_who_may_see_some_queues_counts_those(reports: Reports, contacts: Contacts) -> None:
    contacts.add("orders", [queued(0), *taken(5, 50)])
    contacts.add("billing", [queued(0, queue="billing"), *taken(5, 50, agent="jiu")], line="+18005550100")
    contacts.add("bot", [*asked(3), *told(5, 8)])
    await contacts.write()
    tenant = contacts.tenant
    assert (await total(reports, tenant, "containment", Selection(FRIDAY, FRIDAY, within=("orders",)))).contacts == 1
    for narrowed in ({"queue": "billing"}, {"agent": "jiu"}, {"line": "+18005550100"}):
        selection = Selection(FRIDAY, FRIDAY, **narrowed)
        assert await reports.contacts(tenant, selection, "containment", Behind(), 9) == ["billing"], narrowed
    choices = await reports.choices(tenant, DAY)
    assert choices["agent"] == {"minji": "Minji", "jiu": "Jiu"}
    assert set(choices["line"]) == {"+827080001000", "+18005550100"}


async def test_nobody_sees_another_tenants_figures(reports: Reports, contacts: Contacts, database: Database) -> None:
    contacts.add("one", [*asked(3), *told(5, 8)])
    await contacts.write()
    await reports.keep_rules(contacts.tenant, Rules(repeat_days=3))
    stranger = await new_tenant(database)
    assert await reports.amounts(stranger, DAY, By.DAY) == []
    assert (await reports.rules(stranger)).repeat_days == 7


async def test_nothing_that_counts_is_no_value_and_not_nought(reports: Reports, contacts: Contacts) -> None:
    contacts.add("bot", [*asked(3), *told(5, 8)])
    await contacts.write()
    found = {row.kpi for row in await reports.amounts(contacts.tenant, DAY, By.DAY)}
    assert not found & {"average_speed_of_answer", "service_level_4", "abandonment", "csat_score"}
    assert Amount().value is None


async def test_what_callers_said_is_found_by_language_and_day(reports: Reports, contacts: Contacts) -> None:
    contacts.add("a", asked(3, "배송이 언제 오나요"))
    contacts.add("b", [*asked(3, "환불해 주세요"), queued(5)], begun=NOON + timedelta(minutes=1))
    contacts.add("c", asked(3, "다른 날"), begun=NOON + timedelta(days=1))
    await contacts.write()
    tenant = contacts.tenant
    most = Sampled(contacts=10, turns=10)
    assert await reports.said(tenant, DAY, "ko", most) == Said(
        [("a", FRIDAY, "배송이 언제 오나요"), ("b", FRIDAY, "환불해 주세요")], whole=True
    )
    assert await reports.said(tenant, DAY, "en", most) == Said([], whole=True)
    queued_ones = await reports.said(tenant, Selection(FRIDAY, FRIDAY, queue="orders"), "ko", most)
    assert [contact for contact, _, _ in queued_ones.turns] == ["b"]
    one = await reports.said(tenant, DAY, "ko", Sampled(contacts=1, turns=10))
    assert (len(one.turns), one.whole) == (1, False)


@pytest.mark.parametrize(("since", "until"), [("2026-11-20", "2026-11-19"), ("2025-01-01", "2026-11-20")])
def test_a_span_that_is_none_or_too_long_is_refused(since: str, until: str) -> None:
    with pytest.raises(ReportRefused):
        Selection(date.fromisoformat(since), date.fromisoformat(until))


async def test_a_figure_that_there_is_not_is_refused(reports: Reports, contacts: Contacts) -> None:
    with pytest.raises(ReportRefused, match="there is no figure"):
        await reports.contacts(contacts.tenant, DAY, "fact", Behind(), 10)


async def test_every_figure_has_a_view_with_a_definition(database: Database) -> None:
    async with database.untenanted() as connection:
        rows = await (
            await connection.execute(
                "SELECT relname, obj_description(oid) FROM pg_class"
                " WHERE relnamespace = 'kpi'::regnamespace AND relkind = 'v'"
            )
        ).fetchall()
    views = dict(rows)
    assert views.keys() >= KPIS.keys()
    assert all(views[name] for name in KPIS)
    others = {"rules", "fact", "contact_fact", "sound_fact", "csat_fact"}
    assert views.keys() - KPIS.keys() == others


def test_amounts_are_added_and_divided_last() -> None:
    rows = rows_of([("containment", "a", Amount(1, 2, 2)), ("containment", "b", Amount(9, 10, 10))], By.QUEUE)
    assert [row.value for row in rows] == [0.5, 0.9]
    assert sum((row.amount for row in rows), Amount()).value == 10 / 12


async def test_reports_are_opened_with_the_rules_that_tenants_files_have(database: Database) -> None:
    tenant = Tenant(
        id=await new_tenant(database),
        name={"en": "Shop"},
        languages=("en",),
        folder=Path(),
        time_zone="Asia/Seoul",
        reports={"repeat_days": 3},
    )
    reports = await open_reports(database, [tenant])
    rules = await reports.rules(tenant.id)
    assert (rules.time_zone, rules.repeat_days, rules.answer_within_otherwise) == ("Asia/Seoul", 3, 20)
    await open_reports(database, [tenant.model_copy(update={"reports": {}})])
    assert (await reports.rules(tenant.id)).repeat_days == 7


async def test_who_would_wait_behind_too_many_reports_is_refused(reports: Reports, contacts: Contacts) -> None:
    many = AT_ONCE + MOST_WAITING + 3
    asked_for = [reports.amounts(contacts.tenant, DAY, By.DAY, "containment") for _ in range(many)]
    found = await asyncio.gather(*asked_for, return_exceptions=True)
    assert [type(one) for one in found] == [list] * (many - 3) + [TooManyReports] * 3
    assert await reports.amounts(contacts.tenant, DAY, By.DAY) == []
