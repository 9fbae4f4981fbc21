"""Tool calls of MCP clients: the promises of a call hold for programs as well."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from dialog.actions.action import Unknown, propose
from dialog.actions.intent import State, intent_of
from gateway.api import mcp_calls
from gateway.api.mcp_contacts import Visitor
from infra.storage.errors import DatabaseUnavailable
from infra.telemetry.metrics import metrics
from knowledge.errors import KnowledgeUnavailable
from tests.dialog.surroundings import SmallSearch
from tests.gateway.api.mcp_stage import ANYBODY, DELIVERED, OWNER, PREPARING, SHIPPED, STRANGER, TENANT, stage


async def test_what_only_reads_is_done_at_once_and_stands_in_the_record() -> None:
    async with stage() as house:
        answer = await house.call(ANYBODY, "order_status", order_number=SHIPPED)
        assert (answer.status, answer.good) == ("succeeded", True)
        assert answer.body["result"] == {"order_number": SHIPPED, "status": "shipped"}, "nothing that nobody described"
        assert await house.kinds() == ["call.offered", "action.proposed", "action.started", "action.succeeded"]
        [record] = await house.ledger.calls(TENANT)
        assert (record.channel, record.caller) == ("mcp", "website-assistant")


async def test_what_changes_something_is_only_proposed() -> None:
    async with stage() as house:
        answer = await house.call(OWNER, "cancel_order", order_number=PREPARING)
        assert (answer.status, house.shop.done) == ("proposed", [])
        assert answer.body["arguments"] == {"order_number": PREPARING}
        assert answer.body["read_back"] == "Shall I cancel order 2 0 2 6, 1 0 4 2? This cannot be undone."
        assert answer.body["expires_at"] == "2026-11-22T03:02:00+00:00"
        assert str(answer.body["read_back"]) in answer.words


async def test_a_confirmation_commits_once_and_says_the_same_ever_after() -> None:
    async with stage() as house:
        proposal = await house.proposed()
        first = await house.call(OWNER, "confirm", proposal=proposal, words="yes, cancel it")
        assert (first.status, first.body["result"]) == ("succeeded", {"order_number": PREPARING, "status": "cancelled"})
        again = await house.call(OWNER, "confirm", proposal=proposal)
        assert again == first
        assert house.shop.done == [("cancel_order", PREPARING)]
        intent = await house.store.get(proposal)
        assert intent is not None and intent.confirmation is not None
        assert (intent.state, intent.confirmation.evidence) == (State.SUCCEEDED, "desk-assistant: yes, cancel it")
        assert intent.key == house.shop.keys[0], "one key for the intent"


async def test_two_confirmations_at_once_have_one_effect() -> None:
    async with stage() as house:
        proposal = await house.proposed()
        answers = await asyncio.gather(*(house.call(OWNER, "confirm", proposal=proposal) for _ in range(5)))
        assert {answer.status for answer in answers} == {"succeeded"}
        assert len(house.shop.done) == 1


async def test_a_proposal_that_is_too_old_is_worth_nothing() -> None:
    async with stage() as house:
        proposal = await house.proposed()
        house.pass_by(121)
        answer = await house.call(OWNER, "confirm", proposal=proposal)
        assert (answer.status, answer.body["reason"], house.shop.done) == ("failed", "not_confirmed", [])


async def test_what_is_withdrawn_is_never_done() -> None:
    async with stage() as house:
        proposal = await house.proposed()
        assert (await house.call(OWNER, "withdraw", proposal=proposal)).status == "withdrawn"
        answer = await house.call(OWNER, "confirm", proposal=proposal)
        assert (answer.body["reason"], house.shop.done) == ("not_confirmed", [])
        assert "action.declined" in await house.kinds()


async def test_what_was_done_cannot_be_withdrawn_and_nobody_says_so() -> None:
    async with stage() as house:
        proposal = await house.proposed()
        await house.call(OWNER, "confirm", proposal=proposal)
        assert (await house.call(OWNER, "withdraw", proposal=proposal)).status == "succeeded"


@pytest.mark.parametrize(
    "other",
    [
        STRANGER,
        ANYBODY,
        Visitor("website-assistant", OWNER.standing, "en"),
        Visitor(OWNER.client, OWNER.standing, "en", contact="another"),
    ],
)
async def test_nobody_confirms_or_withdraws_anothers_proposal(other: Visitor) -> None:
    async with stage() as house:
        proposal = await house.proposed()
        for tool in ("confirm", "withdraw"):
            answer = await house.call(other, tool, proposal=proposal)
            assert (answer.status, answer.body) == ("failed", {"reason": "no_such_proposal"})
        assert house.shop.done == []


async def test_what_became_of_it_can_be_learned_after_the_contact_is_over() -> None:
    async with stage() as house:
        proposal = await house.proposed()
        await house.call(OWNER, "confirm", proposal=proposal)
        house.pass_by(1000)
        assert (await house.call(OWNER, "confirm", proposal=proposal)).status == "succeeded"
        assert (await house.call(STRANGER, "confirm", proposal=proposal)).body == {"reason": "no_such_proposal"}
        assert len(house.shop.done) == 1


async def test_what_one_node_proposed_another_confirms_once() -> None:
    async with stage() as here, stage(store=here.store, shop=here.shop) as there:
        for _ in range(3):
            await here.call(OWNER, "order_status", order_number=SHIPPED)
        proposal = await here.proposed()
        assert (await there.call(STRANGER, "confirm", proposal=proposal)).body == {"reason": "no_such_proposal"}
        answers = await asyncio.gather(*(node.call(OWNER, "confirm", proposal=proposal) for node in (there, here)))
        assert {answer.status for answer in answers} <= {"succeeded", "unknown"}
        assert [(await node.call(OWNER, "confirm", proposal=proposal)).status for node in (here, there)] == [
            "succeeded",
            "succeeded",
        ]
        assert here.shop.done == [("cancel_order", PREPARING)]


async def test_a_proposal_of_another_release_is_worth_nothing() -> None:
    async with stage() as house:
        proposal = await house.proposed()
        house.calls.release = replace(house.calls.release, id="another")
        assert (await house.call(OWNER, "confirm", proposal=proposal)).body == {"reason": "no_such_proposal"}
        assert house.shop.done == []


async def test_a_proposal_of_what_is_no_longer_offered_is_worth_nothing() -> None:
    async with stage() as house:
        proposal = await house.proposed()
        house.calls.offer = replace(house.offer, tools={})
        assert (await house.call(OWNER, "confirm", proposal=proposal)).body == {"reason": "no_such_proposal"}


async def test_what_a_caller_was_read_back_no_program_confirms() -> None:
    async with stage() as house:
        action = house.calls.release.actions["cancel_order"]
        of_a_call = propose(action, {"order_number": PREPARING}, call_id="call-1", turn=1, standing=OWNER.standing)
        await house.store.enter(intent_of(of_a_call), house.now)
        assert (await house.call(OWNER, "confirm", proposal=of_a_call.id)).body == {"reason": "no_such_proposal"}


async def test_without_a_customer_the_reason_says_what_is_missing() -> None:
    async with stage() as house:
        for tool in ("order_record", "cancel_order"):
            answer = await house.call(ANYBODY, tool, order_number=PREPARING)
            assert (answer.status, answer.good) == ("refused", False)
            assert answer.body == {"reason": "identity", "needed": "knowledge", "given": "none"}
            assert "acts_for_customers" in answer.words
        assert house.shop.done == []
        assert "action.failed" in await house.kinds(), "what was refused stands in the record, too"


async def test_a_customer_reaches_only_what_is_theirs() -> None:
    async with stage() as house:
        assert (await house.call(OWNER, "order_record", order_number=PREPARING)).status == "succeeded"
        answer = await house.call(STRANGER, "order_record", order_number=PREPARING)
        assert answer.status == "refused" and "result" not in answer.body
        answer = await house.call(STRANGER, "cancel_order", order_number=PREPARING)
        assert (answer.status, answer.body["reason"]) == ("refused", "owner")


async def test_an_identity_that_is_not_enough_is_not_stretched() -> None:
    async with stage() as house:
        answer = await house.call(STRANGER, "refund_order", order_number=DELIVERED, amount=1000, reason="damaged")
        assert answer.body == {"reason": "identity", "needed": "code", "given": "knowledge"}


async def test_rules_about_the_record_hold_at_the_proposal_and_at_its_confirmation() -> None:
    async with stage() as house:
        answer = await house.call(STRANGER, "cancel_order", order_number=SHIPPED)
        assert (answer.status, answer.body["reason"]) == ("refused", "state")
        proposal = await house.proposed()
        house.shop.orders[PREPARING]["status"] = "shipped"
        assert (await house.call(OWNER, "confirm", proposal=proposal)).status == "refused"
        assert house.shop.done == []


async def test_how_often_is_counted_in_a_contact() -> None:
    async with stage() as house:
        for _ in range(3):
            house.shop.orders[PREPARING]["status"] = "preparing"
            assert (await house.call(OWNER, "confirm", proposal=await house.proposed())).status == "succeeded"
        house.shop.orders[PREPARING]["status"] = "preparing"
        assert (await house.call(OWNER, "confirm", proposal=await house.proposed())).status == "refused"
        assert len(house.shop.done) == 3


async def test_an_outcome_that_nobody_knows_is_called_unknown_and_is_not_repeated() -> None:
    async with stage() as house:
        house.shop.answers, house.shop.shows = [Unknown("no answer")], False
        proposal = await house.proposed()
        answer = await house.call(OWNER, "confirm", proposal=proposal)
        assert (answer.status, answer.good) == ("unknown", False)
        assert (await house.call(OWNER, "confirm", proposal=proposal)).status == "unknown"
        assert len(house.shop.done) == 1


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("order_status", {}),
        ("order_status", {"order_number": "123"}),
        ("order_status", {"order_number": SHIPPED, "tenant": "another"}),
        ("book_visit", {"phone": "01012345678", "at": "2026-11-24T03:00", "people": 2}),
        ("book_visit", {"phone": "01012345678", "at": "2026-11-20T15:00", "people": 2}),
        ("book_visit", {"phone": "01012345678", "at": "2026-13-99T15:00", "people": 2}),
        ("confirm", {}),
        ("confirm", {"proposal": 3}),
        ("withdraw", {"proposal": "x", "words": "no"}),
        ("search_knowledge", {"query": ""}),
        ("search_knowledge", {"query": "x" * 501}),
        ("search_knowledge", {"query": "delivery", "limit": 6}),
        ("search_knowledge", {"query": "delivery", "language": "fi"}),
    ],
)
async def test_values_that_do_not_fit_are_refused_before_anything_is_opened(
    tool: str, arguments: dict[str, object]
) -> None:
    async with stage() as house:
        answer = await house.call(ANYBODY, tool, **arguments)
        assert (answer.status, answer.body) == ("failed", {"reason": "invalid"})
        assert await house.ledger.calls(TENANT) == []


async def test_a_number_written_as_text_is_the_number() -> None:
    async with stage() as house:
        arguments = {"phone": "01012345678", "at": "2026-11-24T15:00", "people": "2"}
        answer = await house.call(ANYBODY, "book_visit", **arguments)
        assert answer.body["arguments"] == {**arguments, "people": 2}


@pytest.mark.parametrize(("language", "document"), [("en", "en/delivery.md"), ("ko", "ko/delivery.md")])
async def test_knowledge_is_found_with_its_source(language: str, document: str) -> None:
    question = {"en": "standard delivery costs", "ko": "기본 배송비"}[language]
    async with stage() as house:
        answer = await house.call(ANYBODY, "search_knowledge", query=question, language=language, limit=1)
        [passage] = answer.body["passages"]  # type: ignore[misc]
        assert (passage["document"], answer.status) == (document, "succeeded")
        [query] = house.search.asked
        assert (query.tenant, query.channel, query.limit) == (TENANT, "mcp", 1)
        assert "retrieval.done" in await house.kinds()


async def test_what_in_a_document_speaks_to_a_program_is_left_out() -> None:
    async with stage() as house:
        answer = await house.call(ANYBODY, "search_knowledge", query="gift card valid", limit=1)
        [passage] = answer.body["passages"]  # type: ignore[misc]
        assert passage["text"] == "A gift card is valid for five years."


async def test_knowledge_that_cannot_be_searched_is_said_so() -> None:
    async with stage(search=SmallSearch(failure=KnowledgeUnavailable("gone"))) as house:
        answer = await house.call(ANYBODY, "search_knowledge", query="delivery")
        assert (answer.status, answer.body) == ("failed", {"reason": "unavailable"})


async def test_what_cannot_be_recorded_is_not_done() -> None:
    async with stage() as house:
        proposal = await house.proposed()
        await house.ledger.close()
        for tool, arguments in (("cancel_order", {"order_number": PREPARING}), ("confirm", {"proposal": proposal})):
            answer = await house.call(OWNER, tool, **arguments)
            assert (answer.status, answer.body) == ("failed", {"reason": "not_recorded"})
        assert house.shop.done == []


async def test_what_may_have_been_done_and_cannot_be_looked_up_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(intent: str) -> None:
        raise DatabaseUnavailable("the database is away")

    async with stage() as house:
        proposal = await house.proposed()
        monkeypatch.setattr(house.store, "get", away)
        assert (await house.call(OWNER, "confirm", proposal=proposal)).status == "unknown"


async def test_more_than_so_many_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_calls, "MOST_AT_ONCE", 1)
    async with stage() as house:
        house.shop.gate.clear()
        first = asyncio.create_task(house.call(ANYBODY, "order_status", order_number=SHIPPED))
        await asyncio.sleep(0)
        assert (await house.call(ANYBODY, "order_status", order_number=SHIPPED)).body == {"reason": "busy"}
        house.shop.gate.set()
        assert (await first).status == "succeeded"


async def test_a_client_is_answered_in_time_and_a_change_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage() as house:
        proposal = await house.proposed()
        house.shop.gate.clear()
        with monkeypatch.context() as impatient:
            impatient.setattr(mcp_calls, "ANSWER_WITHIN", 0.05)
            assert (await house.call(OWNER, "confirm", proposal=proposal)).status == "unknown"
            assert (await house.call(ANYBODY, "order_status", order_number=SHIPPED)).body == {"reason": "timed_out"}
        house.shop.gate.set()
        assert (await house.call(OWNER, "confirm", proposal=proposal)).status == "succeeded"
        assert len(house.shop.done) == 1


async def test_calls_are_counted_by_kind_and_outcome() -> None:
    def counted() -> float:
        return metrics.value("aicc_mcp_tool_calls_total", {"kind": "read", "outcome": "succeeded"})

    async with stage() as house:
        before = counted()
        await house.call(ANYBODY, "order_status", order_number=SHIPPED)
        assert counted() == before + 1


async def test_only_what_is_offered_is_there() -> None:
    async with stage() as house:
        assert all(map(house.calls.offers, ("order_status", "confirm", "withdraw", "search_knowledge")))
        assert not any(map(house.calls.offers, ("check_owner", "customer_contact", "send_code", "")))
