"""What an agent sees of a call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.desk.cards import call_card, offer_card
from gateway.desk.floor.events import packed
from gateway.desk.floor.work_item import waiting_item
from gateway.session.conference import Mode
from gateway.session.records import Handoff
from gateway.telephony.leg import LegInfo
from tests.gateway.desk.center import Center, waiting
from tests.gateway.session.desk_stage import KIM, seat

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def handoff(**summary: object) -> Handoff:
    return Handoff("shop", "h", "c", "low_confidence", "orders", (), dict(summary), "queued", NOW)


def test_what_rings_says_why_how_long_and_for_whom_and_shows_no_whole_number() -> None:
    item = packed(waiting_item("h", "c", "orders", "ko", NOW))
    wish = "call me at +82 10-1234-5678 about my order"
    card = offer_card(handoff(wish=wish), item, "+821012345678", NOW + timedelta(seconds=42))
    assert (card["queue"], card["language"], card["reason"], card["waited"]) == ("orders", "ko", "low_confidence", 42)
    assert "1234" not in card["caller"]
    assert card["caller"].endswith("5678")
    assert "1234" not in card["wish"]
    assert "about my order" in card["wish"]


def test_a_caller_who_withholds_their_number_has_none() -> None:
    item = packed(waiting_item("h", "c", "orders", "ko", NOW))
    assert offer_card(handoff(), item, None, NOW)["caller"] == ""


def test_what_the_network_says_of_a_caller_is_on_the_card_where_it_says_more() -> None:
    async def script(center: Center) -> None:
        room = center.session.room
        plan = center.tenant.numbering

        def card(**headers: str) -> dict[str, Any]:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            room.minutes.answered(LegInfo("leg", "sid", "+821012345678", "1588", "sip", 8000, headers=named), plan)
            return call_card(room, center.tenant, None, None, None, None, "en")

        assert (card()["asserted"], card()["diverted"]) == (None, None)
        assert card(p_asserted_identity="<tel:+821012345678>")["asserted"] is None, "it is who calls anyway"
        told = card(
            p_asserted_identity="<sip:+82215881588@carrier.example>",
            diversion="<tel:+82-2-1234-9900>;reason=no-answer",
        )
        assert told["asserted"] == "+822****1588"
        assert told["diverted"] == {"number": "+822****9900", "why": "no-answer"}
        center.hang_up()

    waiting(script)


def test_the_card_of_a_call_without_help_or_hand_over_is_whole_all_the_same() -> None:
    async def script(center: Center) -> None:
        room = center.session.room
        await seat(center, KIM, Mode.LISTEN)
        card = call_card(room, center.tenant, None, None, None, None, "en")
        assert (card["owner"], card["epoch"], card["queue"], card["reason"]) == ("bot", 1, None, None)
        assert card["summary"]["wish"] == "a person"
        assert (card["script"], card["actions"], card["card"]) == ([], [], None)
        assert card["sentiment"]["label"] == "unknown"
        assert [(party["who"], party["mode"]) for party in card["parties"]] == [("caller", "talk"), ("kim", "listen")]
        assert not card["recording"]
        center.hang_up()

    waiting(script)
