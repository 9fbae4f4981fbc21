"""Agents have things done as callers do: proposed, read back, confirmed, once; and who calls must be known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dialog.actions.action import Action, Failed, FailureKind, Outcome, Succeeded, Unknown
from dialog.actions.requests import Requests
from dialog.actions.rules import Identity
from dialog.actions.runner import ActionRunner
from dialog.actions.store import MemoryActionStore
from dialog.identification import Acquaintance
from dialog.journal import MemoryJournal
from gateway.desk.agent_actions import (
    ActingCall,
    ActionRefused,
    AgentActions,
    ArgumentsRefused,
    NoSuchAction,
    NoSuchProposal,
)
from tests.gateway.api.mcp_stage import PREPARING, SHIPPED, Shop
from tests.house import example_release

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
AGENT = "agent-7"
NUMBER = {"order_number": PREPARING}


class AnsweringShop(Shop):
    """A shop that also knows whose order it is, if the postcode is right."""

    async def perform(self, action: Action, arguments: object, *, key: str) -> Outcome:
        if action.id != "check_owner":
            return await super().perform(action, arguments, key=key)  # type: ignore[arg-type]
        assert isinstance(arguments, dict) or hasattr(arguments, "get")
        right = arguments.get("postcode") == "48058"
        return Succeeded({"customer_id": "C-1002"}) if right else Failed(FailureKind.NOT_FOUND)


class Desk:
    """One tenant's actions, and one call."""

    def __init__(self, *, vouching: Identity = Identity.NONE, known: Acquaintance | None = None) -> None:
        self.shop, self.journal = AnsweringShop(), MemoryJournal()
        store = MemoryActionStore()
        runner = ActionRunner(self.shop, store=store, now=lambda: NOW)
        self.actions = AgentActions(Requests(example_release(), runner, store, lambda: NOW), vouching)
        self.call = ActingCall("call-1", "ko", self.journal, known or Acquaintance(Identity.KNOWLEDGE, "C-1002"))

    async def propose(self, name: str = "cancel_order", **arguments: object) -> dict[str, object]:
        return await self.actions.propose(self.call, AGENT, name, arguments or NUMBER, "en")

    async def confirm(self, proposal: object, call: ActingCall | None = None) -> dict[str, object]:
        return await self.actions.confirm(call or self.call, AGENT, str(proposal), "en")

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.journal.events]


async def test_a_change_is_read_back_in_the_callers_language_and_done_once() -> None:
    desk = Desk()
    proposed = await desk.propose()
    assert (proposed["action"], proposed["arguments"], desk.shop.done) == ("cancel_order", NUMBER, [])
    assert "2 0 2 6, 1 0 4 2" in str(proposed["read_back"]) and "취소" in str(proposed["read_back"])
    first = await desk.confirm(proposed["proposal"])
    assert (first["status"], first["result"]) == ("succeeded", {**NUMBER, "status": "cancelled"})
    assert await desk.confirm(proposed["proposal"]) == first
    assert desk.shop.done == [("cancel_order", PREPARING)]
    confirmed = next(payload for kind, payload in desk.journal.events if kind == "action.confirmed")
    assert str(confirmed["words"]).startswith(AGENT), "under the agent's name"


async def test_what_only_reads_is_done_at_once() -> None:
    looked = await Desk().propose("order_status", order_number=SHIPPED)
    assert (looked["status"], looked["result"]) == ("succeeded", {"order_number": SHIPPED, "status": "shipped"})


async def test_a_proposal_of_the_bots_or_of_another_call_is_not_confirmed() -> None:
    desk = Desk()
    proposed = await desk.propose()
    other = ActingCall("call-12", "ko", desk.journal, desk.call.caller)
    for call in (other, ActingCall("call", "ko", desk.journal, desk.call.caller)):
        with pytest.raises(NoSuchProposal):
            await desk.confirm(proposed["proposal"], call)
    desk.call.turn = 3
    by_the_bot = await desk.propose()
    with pytest.raises(NoSuchProposal):
        await desk.confirm(by_the_bot["proposal"])


async def test_what_is_withdrawn_is_not_done() -> None:
    desk = Desk()
    proposed = await desk.propose()
    assert await desk.actions.withdraw(desk.call, AGENT, str(proposed["proposal"]), "en") == {"status": "withdrawn"}
    refused = await desk.confirm(proposed["proposal"])
    assert (refused["status"], refused["reason"], desk.shop.done) == ("failed", "not_confirmed", [])


async def test_the_rules_hold_for_agents_as_well() -> None:
    with pytest.raises(ActionRefused, match="verified customers") as nobody:
        await Desk(known=Acquaintance()).propose()
    assert nobody.value.reason == "identity"
    with pytest.raises(ActionRefused) as stranger:
        await Desk(known=Acquaintance(Identity.KNOWLEDGE, "C-1001")).propose()
    assert stranger.value.reason == "owner"


async def test_an_agent_who_asks_the_identifying_questions_learns_who_calls() -> None:
    desk = Desk(known=Acquaintance())
    told = await desk.propose("check_owner", order_number=PREPARING, postcode="48058")
    assert told["status"] == "succeeded"
    assert (desk.call.caller.identity, desk.call.caller.customer) == (Identity.KNOWLEDGE, "C-1002")
    assert "caller.identified" in desk.kinds()
    assert "48058" not in str(desk.journal.events), "what identifies is written down nowhere"
    assert "proposal" in await desk.propose()


async def test_guessing_at_who_calls_has_an_end() -> None:
    desk = Desk(known=Acquaintance())
    for tries in (1, 2, 3):
        told = await desk.propose("check_owner", order_number=PREPARING, postcode="00000")
        assert (told["reason"], desk.call.caller.wrong_answers) == ("not_found", tries)
    with pytest.raises(ActionRefused) as ended:
        await desk.propose("check_owner", order_number=PREPARING, postcode="48058")
    assert ended.value.reason == "too_often"


async def test_an_agent_vouches_only_where_the_tenant_lets_them_and_signs_for_it() -> None:
    closed = Desk(known=Acquaintance())
    with pytest.raises(ActionRefused):
        await closed.actions.vouch(closed.call, AGENT, "C-1002", "passport shown by video", "en")
    desk = Desk(vouching=Identity.KNOWLEDGE, known=Acquaintance())
    with pytest.raises(ArgumentsRefused):
        await desk.actions.vouch(desk.call, AGENT, "C-1002", " ", "en")
    await desk.actions.vouch(desk.call, AGENT, "C-1002", "knows the last three orders", "en")
    [(kind, payload)] = desk.journal.events
    assert (kind, payload["agent"], payload["words"]) == ("caller.verified", AGENT, "knows the last three orders")
    assert "proposal" in await desk.propose()


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("no_such", NUMBER, NoSuchAction),
        ("send_code", {"customer": "C-1002"}, NoSuchAction),
        ("cancel_order", {"order_number": "1"}, ArgumentsRefused),
        ("book_visit", {"phone": "01012345678", "at": "2026-11-24T03:00", "people": 2}, ArgumentsRefused),
    ],
)
async def test_what_cannot_be_asked_for_says_why(
    name: str, arguments: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await Desk().propose(name, **arguments)


@pytest.mark.parametrize(("locale", "word"), [("ko", "모릅니다"), ("en", "not known")])
async def test_what_nobody_knows_is_told_as_such(locale: str, word: str) -> None:
    desk = Desk()
    desk.shop.shows, desk.shop.answers = False, [Unknown("no answer")]
    proposed = await desk.propose()
    told = await desk.actions.confirm(desk.call, AGENT, str(proposed["proposal"]), locale)
    assert told["status"] == "unknown" and word in str(told["message"])


@pytest.mark.parametrize("language", ["ko", "en"])
def test_all_that_is_offered_has_words_and_secrets_are_only_written(language: str) -> None:
    offered = {str(one["name"]): one for one in Desk().actions.offered(language)}
    assert {"cancel_order", "refund_order", "change_address", "order_status", "check_owner"} <= offered.keys()
    assert not {"order_record", "visit_status", "send_code"} & offered.keys()
    assert all(one["title"] for one in offered.values())
    arguments = offered["check_owner"]["arguments"]
    assert isinstance(arguments, dict)
    assert arguments["properties"]["postcode"]["writeOnly"] is True
    assert arguments["properties"]["order_number"]["title"]
    assert (offered["cancel_order"]["changes"], offered["order_status"]["changes"]) == (True, False)
    assert offered["check_owner"]["identifies"] is True
