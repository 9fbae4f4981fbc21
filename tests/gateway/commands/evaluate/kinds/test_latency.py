from typing import cast

from gateway.api.chats import Chats
from gateway.commands.evaluate.kinds.latency import Options, conversation


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
