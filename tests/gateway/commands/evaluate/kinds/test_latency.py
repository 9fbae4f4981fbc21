from typing import cast

from dialog.journal import MemoryJournal
from dialog.turn import CallerTurn
from gateway.api.chats import Chats
from gateway.commands.evaluate.kinds.latency import Echo, Options, above, conversation, slowed


class Counter:
    """Conversations that are over after the second turn."""

    def __init__(self) -> None:
        self.begun = 0
        self.said: list[str] = []

    async def begin(self, tenant: str, language: str) -> tuple[str, None]:
        self.begun += 1
        return f"{tenant}-{language}-{self.begun}", None

    async def turn(self, tenant: str, chat: str, text: str) -> tuple[tuple[()], bool]:
        self.said.append(f"{chat} {text}")
        return (), len(self.said) % 2 == 0


async def test_every_turn_is_timed_and_a_conversation_that_is_over_begins_anew() -> None:
    chats = Counter()
    seconds = await conversation(cast(Chats, chats), "shop", "en", ["a", "b", "c"])
    assert len(seconds) == 3
    assert all(second >= 0 for second in seconds)
    assert chats.said == ["shop-en-1 a", "shop-en-1 b", "shop-en-2 c"]


def test_a_crowd_is_of_more_than_one() -> None:
    assert Options.model_validate({"tenant": "shop", "turns": {"en": ["hello"]}}).callers == 20


def test_times_stand_beside_the_floor_of_the_same_run() -> None:
    figures = above([0.02] * 20, [0.001] * 20)
    assert (figures["p95_ms"].value, figures["p95_ms"].baseline) == (20.0, 1.0)
    assert figures["p95_floors"].value == 20.0
    assert above([], [])["p95_floors"].value is None


async def test_the_floor_says_what_it_hears() -> None:
    echo = Echo()
    conversation = echo.begin(call_id="c", language="en", caller=None, journal=MemoryJournal())
    replies = [reply.text async for reply in echo.respond(conversation, CallerTurn(1, "hello", "en"))]
    assert replies == ["hello"]


def test_no_work_is_done_faster_than_the_processor_does_it() -> None:
    assert slowed() > 0.9
