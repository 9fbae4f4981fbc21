from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from gateway.commands.ask import _Local, chat
from tests.gateway.api.test_chats import House


class Typist(Console):
    """A console at which somebody types prepared lines."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(file=io.StringIO(), width=120, color_system=None)
        self.lines = lines

    def input(self, *_: Any, **__: Any) -> str:
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)


async def test_a_chat_goes_on_until_the_dialog_is_over() -> None:
    async with House() as house:
        console = Typist(["how long", "bye", "never typed"])
        await chat(_Local(house.chats), "shop", "en", console)
        text = console.file.getvalue()  # type: ignore[attr-defined]
        assert text.index("Hello I am a machine") < text.index("Two days") < text.index("Bye")
        assert "answer, confidence 0.90" in text
        assert console.lines == ["never typed"]


async def test_who_leaves_a_chat_has_their_record_closed() -> None:
    async with House() as house:
        await chat(_Local(house.chats), "shop", "en", Typist([]))
        assert [call.end_reason for call in await house.ledger.calls("shop")] == ["caller_hung_up"]


async def test_a_single_question_here_is_answered_as_over_http() -> None:
    async with House() as house:
        here = await _Local(house.chats).ask("shop", "how long", "en")
        there = (await house.post("ask", text="how long", language="en")).json()
        assert here == there
