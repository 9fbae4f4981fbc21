"""Helping agents on a node: one card or none in time, what is written down and what desktops see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from dialog.assist.guide import Guide, read_guide
from dialog.assist.suggesting import Suggesting
from dialog.manager import DialogueManager
from gateway.access.masking import masked_text
from gateway.desk import assist
from gateway.desk.assist import AssistDesk, CallAssist, FollowedLine, NoSuchCard, TenantAssist
from gateway.session.records import EventKind
from knowledge.document import Hit
from knowledge.errors import KnowledgeUnavailable
from knowledge.query import Query
from tests.dialog.surroundings import ScriptedBackEnd, SmallSearch
from tests.house import EXAMPLE, example_release

TENANT = "hanbit-store"
QUESTION = "how long is the warranty on a television"
OTHER = "how long does overseas delivery take"


@dataclass
class Call:
    """What a call lends: it keeps what it is given, and tells assist of its own events as the record would."""

    written: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    published: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def append(self, kind: EventKind, payload: Mapping[str, object]) -> None:
        self.written.append((kind.value, dict(payload)))

    def publish(self, event: str, data: Mapping[str, object]) -> None:
        self.published.append((event, dict(data)))

    def seen(self, event: str) -> list[dict[str, Any]]:
        return [data for name, data in self.published if name == event]


@dataclass
class SlowSearch(SmallSearch):
    """Answers when its gate is opened; some questions are never answered."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def search(self, query: Query) -> list[Hit]:
        self.asked.append(query)
        await self.gate.wait()
        return await SmallSearch.search(self, query)


@dataclass
class Stage:
    desk: AssistDesk
    followed: CallAssist
    call: Call
    search: SmallSearch
    seconds: list[float]

    def caller(self, text: str, number: int = 1, language: str = "en", **more: object) -> None:
        payload = {"turn": number, "text": text, "language": language, "confidence": 1.0, **more}
        self.followed.happened("caller.turn", payload)

    async def settled(self) -> None:
        """All that is looked for is found, or given up."""
        while tasks := [task for task in asyncio.all_tasks() if task.get_name().startswith("assist ")]:
            await asyncio.wait(tasks)


@asynccontextmanager
async def stage(search: SmallSearch | None = None, guide: Guide | None = None) -> AsyncIterator[Stage]:
    seconds = [100.0]
    used = search or SmallSearch()
    tenant = TenantAssist(Suggesting.of(example_release, used), guide or read_guide(EXAMPLE, example_release()))
    desk, call = AssistDesk({TENANT: tenant}, lambda: seconds[0]), Call()
    followed = desk.follow(TENANT, FollowedLine("c1", "en", "hanbit-en"), call)
    yield Stage(desk, followed, call, used, seconds)
    await desk.close()


async def test_a_question_brings_one_card_which_is_written_down_and_published() -> None:
    async with stage() as room:
        room.caller(QUESTION)
        await room.settled()
        [card] = room.call.seen("card")
        assert (card["card"], card["kind"], card["utterance"]) == ("1", "answer", 1)
        assert card["source"]["title"] == "Warranty questions" and "two years" in card["source"]["excerpt"]
        assert set(card["source"]) == {"title", "document", "excerpt", "effective_from", "internal"}
        assert 0.5 <= card["confidence"] <= 1.0
        [(kind, shown)] = room.call.written
        assert (kind, shown["card"], shown["kind"], shown["utterance"]) == ("assist.shown", "1", "answer", 1)
        assert shown["sources"][0]["document"] == "en/warranty.csv"
        assert room.call.seen("latency")[0]["stage"] == "card"
        assert room.followed.card == card


async def test_an_action_is_a_card_with_what_was_said_filled_in() -> None:
    async with stage() as room:
        room.caller("i want to cancel my order")
        room.caller("it is 2 0 2 6 1 0 4 2", 2)
        await room.settled()
        cards = room.call.seen("card")
        assert [card["action"]["missing"] for card in cards] == [["order_number"], []]
        assert cards[-1]["action"]["arguments"] == {"order_number": "20261042"} == room.followed.values
        assert room.call.written[-1][1]["name"] == "cancel_order"


async def test_the_newest_question_wins_and_a_remark_takes_no_questions_place() -> None:
    search = SlowSearch()
    async with stage(search) as room:
        room.caller(OTHER)
        await asyncio.sleep(0)
        room.caller(QUESTION, 2)
        while len(search.asked) < 2:
            await asyncio.sleep(0)
        room.caller("my mother bought that television in the store", 3)
        room.caller("yes", 4)
        for _ in range(20):
            await asyncio.sleep(0)
        search.gate.set()
        await room.settled()
        assert [card["utterance"] for card in room.call.seen("card")] == [2]


async def test_values_of_a_turn_are_taken_although_newer_words_come_at_once() -> None:
    async with stage() as room:
        room.caller("i want to cancel my order 2 0 2 6 1 0 4 2")
        room.caller("and hurry up please because i have to leave", 2)
        await room.settled()
        assert room.followed.values == {"order_number": "20261042"}


async def test_a_card_that_would_come_late_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assist, "WITHIN", 0.02)
    async with stage(SlowSearch()) as room:
        room.caller(QUESTION)
        await room.settled()
        assert room.call.published == [] or not room.call.seen("card")
        assert room.call.written == []


async def test_what_waited_already_counts_against_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage() as room:
        room.caller(QUESTION)
        room.seconds[0] += assist.WITHIN + 0.1
        await room.settled()
        assert not room.call.seen("card")


async def test_knowledge_that_fails_costs_a_card_and_nothing_else() -> None:
    search = SmallSearch(failure=KnowledgeUnavailable("down"))
    async with stage(search) as room:
        room.caller(QUESTION)
        await room.settled()
        search.failure = None
        room.caller(QUESTION, 2)
        await room.settled()
        assert [card["utterance"] for card in room.call.seen("card")] == [2]


async def test_the_same_again_is_not_shown_again_until_it_was_put_away() -> None:
    async with stage() as room:
        for number in (1, 2):
            room.caller(QUESTION, number)
            await room.settled()
        assert len(room.call.seen("card")) == 1
        room.followed.dismissed("1", "agent-7")
        room.caller(QUESTION, 3)
        await room.settled()
        assert [card["card"] for card in room.call.seen("card")] == ["1", "2"]


async def test_what_an_agent_does_with_a_card_is_written_down_once() -> None:
    async with stage() as room:
        for number, text in enumerate((QUESTION, OTHER, "how long does standard delivery take"), 1):
            room.caller(text, number)
            await room.settled()
        room.seconds[0] += 4.0
        room.followed.used("1", "agent-7")
        room.followed.edited("2", "agent-7", "Seven to ten days, roughly.")
        room.followed.dismissed("3", "agent-7")
        done = {kind: payload for kind, payload in room.call.written if kind != "assist.shown"}
        assert set(done) == {"assist.used", "assist.edited", "assist.dismissed"}
        used = done["assist.used"]
        assert (used["card"], used["agent"], used["seconds"]) == ("1", "agent-7", 4.0)
        assert used["sources"][0]["document"] == "en/warranty.csv"
        assert done["assist.edited"]["text"] == "Seven to ten days, roughly."
        assert 0.0 < done["assist.edited"]["kept"] < 1.0
        for again in ("1", "99"):
            with pytest.raises(NoSuchCard):
                room.followed.used(again, "agent-7")
        assert room.followed.card is None


async def test_script_lines_of_the_calls_queue_are_ticked_as_they_are_said() -> None:
    async with stage() as room:
        everywhere = ["greeting", "recording", "anything_else"]
        assert [line["id"] for line in room.followed.script] == everywhere
        room.followed.happened("handoff.queued", {"queue": "orders"})
        room.followed.happened("handoff.accepted", {"queue": "billing", "agent": "a"})
        billing = ["greeting", "recording", "read_back", "refund_time", "anything_else"]
        assert [line["id"] for line in room.followed.script if not line["said"]] == billing
        room.followed.happened("agent.turn", {"agent": "a", "text": "this call is recorded for quality okay"})
        assert room.call.seen("script") == [{"id": "recording", "said": True}]
        assert [line["id"] for line in room.followed.script if line["said"]] == ["recording"]


async def test_the_summary_and_the_customers_mood_follow_the_call() -> None:
    async with stage() as room:
        handed = {"wish": "a late parcel", "known": {}, "tried": [], "promised": [], "text": "", "earlier": []}
        room.followed.happened("handoff.queued", {"reason": "caller_asked", "summary": handed})
        room.caller("this is ridiculous i am so annoyed")
        room.followed.happened("agent.turn", {"text": "this is terrible i am fed up. I will call you back."})
        told = room.call.seen("summary")[-1]
        assert "a late parcel" in told["live_summary"] and "I will call you back." in told["summary"]["promised"]
        assert told["sentiment"]["label"] == "negative"
        assert "fed up" not in told["sentiment"]["why"], "what the agent says is never read for feelings"


async def test_what_was_before_brings_summary_and_thread_and_no_cards() -> None:
    async with stage() as room:
        understood = {
            "commands": [
                {"command": "StartFlow", "flow": "cancel_order"},
                {"command": "SetSlot", "slot": "order_number", "value": "20261042"},
            ]
        }
        room.followed.happened("caller.turn", {"turn": 1, "text": QUESTION, "language": "en"}, replayed=True)
        room.followed.happened("turn.understood", understood, replayed=True)
        await room.settled()
        assert (room.call.published, room.call.written) == ([], [])
        assert room.followed.values == {"order_number": "20261042"}
        assert room.followed.told()["live_summary"] == "The caller wants: cancelling an order."


async def test_turns_that_pile_up_are_bounded() -> None:
    async with stage() as room:
        for number in range(3 * assist.MOST_WAITING):
            room.caller(f"i want to cancel order 2 0 2 6 1 0 {number:02d}", number)
        await room.settled()
        assert len(room.call.seen("card")) <= assist.MOST_WAITING


async def test_a_value_that_a_page_was_shown_masked_stands_for_what_was_said() -> None:
    async with stage() as room:
        room.caller("i would like to book a visit to your store")
        room.caller("my number is 0 1 0 1 2 3 4 5 6 7 8", 2)
        await room.settled()
        assert room.followed.values["phone"] == "01012345678"
        shown = masked_text(room.followed.values["phone"])
        assert shown == "010****5678"
        given = {"phone": shown, "people": 2, "at": "2026-11-24T15:00"}
        assert room.followed.meant(given, masked_text) == {**given, "phone": "01012345678"}
        assert room.followed.meant({"phone": "010****9999", "more": [1]}, masked_text) == {
            "phone": "010****9999",
            "more": [1],
        }


async def test_a_call_is_followed_once_and_no_more_after_it_was_left() -> None:
    async with stage(SlowSearch()) as room:
        assert room.desk.follow(TENANT, FollowedLine("c1", "en", "hanbit-en"), Call()) is room.followed
        room.caller(QUESTION)
        await asyncio.sleep(0)
        await room.desk.leave(TENANT, "c1")
        await room.desk.leave(TENANT, "c1")
        assert room.desk.call(TENANT, "c1") is None
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("assist ")]


async def test_an_agents_own_search_is_told_as_pages_take_it() -> None:
    async with stage() as room:
        [first, *_] = await room.desk.tenant(TENANT).search("warranty television", "en")
        assert set(first) == {"title", "document", "excerpt", "effective_from", "internal", "score"}
        assert first["title"] == "Warranty questions"


def test_a_tenants_assist_goes_by_the_release_that_is_served_now() -> None:
    manager = DialogueManager(example_release(), SmallSearch(), ScriptedBackEnd([]))
    made = TenantAssist.of(manager, SmallSearch(), Guide())
    manager.renew(replace(example_release(), understander=manager.release.understander))
    assert made.suggesting.release() is manager.release
