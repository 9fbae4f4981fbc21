from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.analytics.errors import SearchRefused, SearchTooWide
from gateway.analytics.search import CallSearch, Outline, Wanted, digits_wanted, patterns
from gateway.session.records import Direction
from infra.storage.database import Database
from tests.gateway.analytics.past_calls import MORNING, answered, handed_over, ledger, new_tenant, past_call, said
from tests.sealed_numbers import numbers


async def a_morning(database: Database) -> str:
    """A tenant with three calls: one that the bot dealt with, one that a person did, one in English that said 100 %."""
    tenant = await new_tenant(database)
    async with ledger(database) as log:
        calls = [
            past_call(log, tenant, "bot", said("배송이 언제 오나요"), *answered("이틀 안에 도착합니다", 0.91)),
            past_call(
                log,
                tenant,
                "person",
                said(""),
                said("환불하고 싶어요"),
                *answered("확인해 보겠습니다", 0.4),
                *handed_over("billing", "minji", "refunded"),
                ("recording.stored", {"path": "x", "seconds": 9}),
                caller="+821099990000",
            ),
            past_call(log, tenant, "english", said("Is it 100% cotton_wool"), caller=None, language="en"),
        ]
        for call in calls:
            await call.acknowledged()
    return tenant


async def names(search: CallSearch, tenant: str, wanted: Wanted) -> list[str]:
    return [found.record.call_id for found in await search.find(tenant, wanted)]


async def test_every_filter_finds_what_it_is_for(database: Database) -> None:
    tenant, search = await a_morning(database), CallSearch(database, numbers)
    everything = ["english", "person", "bot"]
    begun = {found.record.call_id: found.record.started_at for found in await search.find(tenant, Wanted())}
    for wanted, expected in (
        (Wanted(), everything),
        (Wanted(text="배송"), ["bot"]),
        (Wanted(text="배송 언제"), ["bot"]),
        (Wanted(text="배송 도착"), []),  # in two utterances, not in one
        (Wanted(text="도착합니다"), ["bot"]),
        (Wanted(text="상담원"), ["person"]),
        (Wanted(text="COTTON"), ["english"]),
        (Wanted(text="100%"), ["english"]),
        (Wanted(text="1%0"), []),
        (Wanted(text="n_w"), ["english"]),
        (Wanted(text="c_t"), []),
        (Wanted(text="  "), everything),
        (Wanted(caller="010-9999-0000"), ["person"]),
        (Wanted(caller="+82 10 1234 5678"), ["bot"]),
        (Wanted(caller="0000"), ["person"]),
        (Wanted(caller="90000"), ["person"]),
        (Wanted(caller="80000"), []),  # ends alike, and is another
        (Wanted(agent="minji"), ["person"]),
        (Wanted(agent="min"), []),
        (Wanted(queue="billing"), ["person"]),
        (Wanted(queue="orders"), []),
        (Wanted(disposition="refunded"), ["person"]),
        (Wanted(language="en"), ["english"]),
        (Wanted(language="ko", text="배송"), ["bot"]),
        (Wanted(since=begun["person"]), ["english", "person"]),
        (Wanted(until=begun["person"]), ["bot"]),
        (Wanted(within=("billing", "orders")), ["person"]),
        (Wanted(within=()), []),
        (Wanted(since=MORNING + timedelta(days=1)), []),
    ):
        assert await names(search, tenant, wanted) == expected, wanted


async def test_a_list_says_of_each_call_what_it_came_to(database: Database) -> None:
    tenant, search = await a_morning(database), CallSearch(database, numbers)
    person = await search.one(tenant, "person")
    assert person is not None
    assert person.outline == Outline(
        turns=1,
        opening="환불하고 싶어요",
        confidence=0.4,
        queue="billing",
        reason="caller_asked",
        agents=("minji",),
        disposition="refunded",
        recorded=True,
    )
    bot = await search.one(tenant, "bot")
    assert bot is not None
    assert bot.outline == Outline(turns=1, opening="배송이 언제 오나요", confidence=0.91)


async def test_pages_follow_one_another_without_gap_or_repetition(database: Database) -> None:
    tenant, search = await a_morning(database), CallSearch(database, numbers)
    [first] = await search.find(tenant, Wanted(), limit=1)
    [second] = await search.find(tenant, Wanted(), limit=1, before=first.record)
    [third] = await search.find(tenant, Wanted(), limit=5, before=second.record)
    assert [one.record.call_id for one in (first, second, third)] == ["english", "person", "bot"]
    assert await search.find(tenant, Wanted(), before=third.record) == []


async def test_nothing_of_another_tenant_is_found_and_nothing_outside_the_queues_one_may_see(
    database: Database,
) -> None:
    tenant, search = await a_morning(database), CallSearch(database, numbers)
    other = await new_tenant(database)
    assert await search.find(other, Wanted()) == []
    assert await search.one(other, "bot") is None
    assert await search.one(tenant, "bot", within=("billing",)) is None
    assert await search.one(tenant, "person", within=("billing",)) is not None


async def test_an_ending_that_too_many_numbers_have_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, search = await a_morning(database), CallSearch(database, numbers)
    monkeypatch.setattr("gateway.analytics.search.MOST_NUMBERS", 0)
    with pytest.raises(SearchTooWide, match="too many numbers"):
        await search.find(tenant, Wanted(caller="5678"))


async def test_a_customer_is_found_by_calls_from_them_and_by_ours_to_them(database: Database) -> None:
    tenant, search = await new_tenant(database), CallSearch(database, numbers)
    async with ledger(database) as log:
        theirs = past_call(log, tenant, "theirs")
        ours = log.open_call(
            tenant=tenant, call_id="ours", line="+827080001000", language="ko", direction=Direction.OUTBOUND,
            caller="+827080001000", called="+821012345678",
        )  # fmt: skip
        ours.end("completed")
        for call in (theirs, ours):
            await call.acknowledged()
    for number in ("5678", "010-1234-5678", "+821012345678"):
        assert sorted(await names(search, tenant, Wanted(caller=number))) == ["ours", "theirs"]
    assert await names(search, tenant, Wanted(caller="70-8000-1000")) == []
    [found] = [one for one in await search.find(tenant, Wanted()) if one.record.call_id == "ours"]
    assert (found.record.caller, found.record.called) == ("+827080001000", "+821012345678")


async def test_a_search_that_takes_too_long_is_told_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.analytics import search as module

    slow = replace(module.QUERIES["find"], sql=b"SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)")
    monkeypatch.setattr(module, "QUERIES", {**module.QUERIES, "find": slow})
    with pytest.raises(SearchTooWide, match="shorter time"):
        await CallSearch(database, numbers).find(await new_tenant(database), Wanted())


def test_a_number_is_found_by_its_digits_however_written() -> None:
    assert digits_wanted("010-1234-5678") == "1012345678"
    assert digits_wanted("+82 10 1234 5678") == "821012345678"
    assert digits_wanted("００１２") == "0012"
    for few in ("", "123", "12-3"):
        with pytest.raises(SearchRefused, match="4 digits"):
            digits_wanted(few)


def test_a_pattern_stands_for_nothing_but_its_words() -> None:
    assert patterns(r"50% a_b c\d") == [r"%50\%%", r"%a\_b%", r"%c\\d%"]
    assert patterns("\u1112\u1161\u11ab") == ["%한%"]  # typed as separate letters
    with pytest.raises(SearchRefused, match="words"):
        patterns("a " * 9)
