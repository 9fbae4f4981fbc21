from __future__ import annotations

from types import SimpleNamespace

from dialog.reply import Expectation
from gateway.session.handing_over import HandingOver
from gateway.session.waiting import Waiting
from tests.gateway.session.stage import handover


class Desk:
    """An ``AgentDesk`` that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def queue(self, log: object, escalation: object, language: str) -> str:
        self.asked.append("queue")
        return "h1"

    async def send_elsewhere(self, log: object, escalation: object) -> str:
        self.asked.append("send elsewhere")
        return "h2"

    async def take_back(self, log: object, handoff: str) -> None:
        self.asked.append(f"take back {handoff}")

    async def call_back(self, log: object, handoff: str, number: str | None) -> None:
        self.asked.append(f"call back {handoff} {number}")

    async def waiting(self, log: object, handoff: str) -> Waiting | None:
        return Waiting(3, None)

    async def leave(self, log: object, handoff: str) -> None:
        self.asked.append(f"leave {handoff}")


class Talk:
    language = "en"
    next_reply = 7

    def __init__(self, desk: Desk) -> None:
        self.said: list[tuple[str, Expectation]] = []
        self._desk = desk

    async def announce(self, text: str, expects: Expectation) -> None:
        self.said.append((text, expects))
        self._desk.asked.append("say")


def stand() -> tuple[HandingOver, Desk, Talk, SimpleNamespace]:
    desk = Desk()
    talk, room = Talk(desk), SimpleNamespace(log=None, handoff=None, caller="+15550100")
    return HandingOver(desk, room, talk), desk, talk, room  # type: ignore[arg-type]


async def test_a_call_without_a_hand_over_leaves_nothing() -> None:
    handing, desk, _, room = stand()
    await handing.queue(elsewhere=False)
    await handing.leave()
    await handing.call_back()
    assert (desk.asked, room.handoff) == ([], None)


async def test_a_call_that_goes_elsewhere_is_written_down_and_asks_nobody_here() -> None:
    for elsewhere, asked, handoff in ((False, "queue", "h1"), (True, "send elsewhere", "h2")):
        handing, desk, _, room = stand()
        handing.escalation = handover().escalation
        await handing.queue(elsewhere=elsewhere)
        assert (desk.asked, room.handoff) == ([asked], handoff)


async def test_a_call_back_stands_before_the_caller_is_told_of_it() -> None:
    handing, desk, talk, room = stand()
    room.handoff = "h1"
    await handing.promise_callback(message=False)
    assert desk.asked == ["take back h1", "call back h1 +15550100", "say"]
    assert handing.farewell == 7
    await handing.promise_callback(message=True)
    assert [expects for _, expects in talk.said] == [Expectation.NOTHING] * 2
    assert "passed on your message" in talk.said[1][0]


async def test_whoever_waits_is_told_their_place() -> None:
    handing, _, talk, room = stand()
    room.handoff = "h1"
    await handing.comfort()
    assert "number 3 in line" in talk.said[0][0]
