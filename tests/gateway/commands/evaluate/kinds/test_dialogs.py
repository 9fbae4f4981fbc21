from typing import cast

from dialog.reply import Confidence, Decision, Reply, Sentence
from gateway.api.chats import Chats
from gateway.commands.evaluate.dialogs import Dialog
from gateway.commands.evaluate.kinds.dialogs import played


class Parrot:
    """Says back what it hears; the word "bye" ends the conversation."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def begin(self, tenant: str, language: str) -> tuple[str, None]:
        return "chat", None

    async def turn(self, tenant: str, chat: str, text: str) -> tuple[tuple[Reply, ...], bool]:
        return (Reply(Decision.CONVERSE, "en", (Sentence(text),), Confidence(1.0)),), text == "bye"

    async def end(self, tenant: str, chat: str, reason: object) -> None:
        self.ended.append(chat)


def dialog(*turns: dict[str, object]) -> Dialog:
    return Dialog.model_validate({"id": "d", "language": "en", "turns": turns, "never": ["secret"]})


async def test_a_dialog_passes_as_a_whole_and_is_left_where_it_went_wrong() -> None:
    parrot = Parrot()
    chats = cast(Chats, parrot)
    assert await played(chats, "shop", dialog({"caller": "hello", "bot": {"says": ["hello"]}})) == []
    wrong = await played(chats, "shop", dialog({"caller": "hello"}, {"caller": "a secret"}, {"caller": "a secret"}))
    assert len(wrong) == 1
    assert "turn 2" in wrong[0]
    assert parrot.ended == ["chat", "chat"]


async def test_a_conversation_that_is_over_too_early_is_a_failure() -> None:
    wrong = await played(cast(Chats, Parrot()), "shop", dialog({"caller": "bye"}, {"caller": "hello"}))
    assert wrong == ["d, turn 1: the conversation was over too early"]
