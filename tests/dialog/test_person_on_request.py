"""A person, on request, in every state that a dialog can be in: each is put there, and asks.

The states are enumerated, not chosen: every flow of the example at every step and slot, every question that can be
open, and nothing at all. A state that is added has to answer as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import get_args

import pytest

from dialog.conversation import AnythingElse, Conversation, MemoryQuestion, OpenQuestion, PersonOffered, TopicQuestion
from dialog.flows import flow as flows
from dialog.flows.flow import FlowState, Step
from dialog.releases.release import Release
from dialog.reply import EscalationReason, Reply
from tests.dialog.surroundings import Talk

ASKED = {
    "en": ("I want to talk to an agent", "no, a person please", "can I speak to a human"),
    "ko": ("상담원 연결해 주세요", "아니요 상담원이요", "사람이랑 통화할게요"),
}
QUESTIONS: dict[type, OpenQuestion] = {
    AnythingElse: AnythingElse(),
    MemoryQuestion: MemoryQuestion(),
    PersonOffered: PersonOffered(),
    TopicQuestion: TopicQuestion("delivery", (), ()),
}


def states(release: Release) -> Iterator[FlowState]:
    """Every flow at every step, and at every slot where one is asked for."""
    for flow in release.flows.values():
        begun = flows.begin(flow)
        for step in Step:
            if step is Step.ENDED:
                continue
            slots = [slot.name for slot in flow.slots] if step in {Step.ASKING, Step.CONFIRMING} else [begun.slot]
            yield from (replace(begun, step=step, slot=slot, heard="1") for slot in slots if slot)


async def asks(begin: Callable[..., Talk], code: str, words: str, put: Callable[[Conversation], None]) -> Reply:
    """The last reply to whoever asks for a person in that state."""
    talking = begin(code)
    put(talking.conversation)
    return (await talking.say(words))[-1]


def granted(reply: Reply) -> bool:
    return reply.escalation is not None and reply.escalation.reason is EscalationReason.CALLER_ASKED


@pytest.mark.parametrize(("code", "words"), [(code, words) for code, every in ASKED.items() for words in every])
async def test_at_every_step_of_every_flow(talk: Callable[..., Talk], release: Release, code: str, words: str) -> None:
    refused = []
    for state in states(release):

        def put(conversation: Conversation, state: FlowState = state) -> None:
            conversation.flow = state

        if not granted(await asks(talk, code, words, put)):
            refused.append((state.flow, state.step.value, state.slot))
    assert refused == []


@pytest.mark.parametrize(("code", "words"), [(code, words) for code, every in ASKED.items() for words in every])
@pytest.mark.parametrize("question", [None, *QUESTIONS.values()], ids=lambda one: type(one).__name__)
async def test_whatever_question_is_open(
    talk: Callable[..., Talk], code: str, words: str, question: OpenQuestion | None
) -> None:
    def put(conversation: Conversation) -> None:
        conversation.question = question

    assert granted(await asks(talk, code, words, put))


def test_every_question_that_can_be_open_is_among_them() -> None:
    assert set(QUESTIONS) == set(get_args(OpenQuestion))


@pytest.mark.parametrize("code", ["en", "ko"])
async def test_by_key_wherever_no_number_is_asked_for(talk: Callable[..., Talk], code: str) -> None:
    talking = talk(code)
    assert granted((await talking.say(digits="0"))[-1])


@pytest.mark.parametrize("code", ["en", "ko"])
async def test_however_badly_it_was_heard(talk: Callable[..., Talk], code: str) -> None:
    talking = talk(code)
    assert granted((await talking.say(ASKED[code][0], confidence=0.2))[-1])
