"""Assist follows the calls that people are in, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from gateway.desk.assist import FollowedCall, FollowedLine
from gateway.desk.assistance import Assistance
from gateway.session.records import EventKind
from gateway.telephony.leg import HangUpCause, HungUp
from tests.gateway.desk.center import KIM, Center, waiting
from tests.gateway.session.stage import Ear
from tests.gateway.session.test_monitored import Overheard


class Followed:
    """What is followed of a call: it notes what it is told, and shows a card for every word of the caller's."""

    def __init__(self, line: FollowedLine, call: FollowedCall) -> None:
        self.line = line
        self.call = call
        self.told: list[tuple[str, bool]] = []

    def happened(self, kind: str, payload: Mapping[str, Any], *, replayed: bool = False) -> None:
        self.told.append((kind, replayed))
        if kind == EventKind.CALLER_TURN and not replayed:
            self.call.append(EventKind.ASSIST_SHOWN, {"card": "1", "kind": "answer", "utterance": 2, "sources": []})
            self.call.publish("card", {"card": "1", "kind": "answer"})


class Assist:
    """An assist desk that follows without helping."""

    def __init__(self) -> None:
        self.followed: dict[str, Followed] = {}

    def follow(self, tenant: str, line: FollowedLine, call: FollowedCall) -> Followed:
        return self.followed.setdefault(line.call, Followed(line, call))

    def call(self, tenant: str, call: str) -> Followed | None:
        return self.followed.get(call)

    async def leave(self, tenant: str, call: str) -> None:
        self.followed.pop(call, None)

    async def close(self) -> None:
        self.followed.clear()


def test_a_call_is_followed_from_its_beginning_to_its_end_and_what_was_before_brings_no_cards() -> None:
    seen: list[Any] = []

    async def script(center: Center) -> None:
        assist = Assist()
        helping = Assistance(assist, center.ledger)  # type: ignore[arg-type]
        await center.sits_down(KIM)
        await center.accepts(KIM)
        room = center.session.room
        async with room.live.look_on() as onlooker:
            helping.follow(room)
            helping.follow(room)  # once is enough
            await center.speak(1.2)
            await asyncio.sleep(3.0)
            while (sight := await anext(onlooker)).name != "card":
                pass
            seen.append(dict(sight.data))
        followed = helping.call("shop", "call-1")
        assert isinstance(followed, Followed)
        assert (followed.line.language, followed.line.line) == ("en", "shop")
        assert ("handoff.queued", True) in followed.told
        assert [replayed for kind, replayed in followed.told if kind == "caller.turn"] == [True, False]
        center.hang_up()
        await asyncio.sleep(2.0)
        assert followed.told[-1][0] == "call.ended"
        assert helping.call("shop", "call-1") is followed  # its wrap-up needs it
        await helping.forget("shop", "call-1")
        assert helping.call("shop", "call-1") is None
        await helping.close()

    center = waiting(script, said="how long does it take")
    assert seen == [{"card": "1", "kind": "answer"}]
    assert [event["card"] for event in center.of("assist.shown")] == ["1"]


def test_a_call_that_is_followed_anew_at_once_is_followed_by_one() -> None:
    async def script(center: Center) -> None:
        helping = Assistance(Assist(), center.ledger)  # type: ignore[arg-type]
        room = center.session.room
        helping.follow(room)
        await asyncio.sleep(0.1)
        await helping.forget("shop", "call-1")
        helping.follow(room)  # while the one before is still being ended
        await asyncio.sleep(0.1)
        helping.follow(room)
        followed = helping.call("shop", "call-1")
        assert isinstance(followed, Followed)
        center.hang_up()
        await asyncio.sleep(2.0)
        assert [kind for kind, _ in followed.told].count("call.ended") == 1
        await helping.close()

    waiting(script)


def test_the_agent_of_a_call_that_is_only_overheard_is_helped_while_it_goes_on() -> None:
    assist = Assist()

    async def script(call: Overheard) -> None:
        await asyncio.sleep(0.5)
        await call.says(call.customer)
        [followed] = assist.followed.values()
        assert [kind for kind, replayed in followed.told if not replayed][-1] == "assist.shown"
        call.customer.tell(HungUp("over", HangUpCause.FAR_END))

    call = Overheard(Ear(["how long does it take"]), follow=lambda ledger: Assistance(assist, ledger).helping)  # type: ignore[arg-type]
    call.play(script)
    assert [event["card"] for event in call.of("assist.shown")] == ["1"]
    assert assist.followed == {}
