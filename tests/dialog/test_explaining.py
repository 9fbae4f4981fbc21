"""Why our rules refused something: told once it is asked, by the rule, and never out of the blue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dialog.actions.rules import Refusal
from dialog.conversation import PersonOffered, Refused
from dialog.explaining import FRESH, Explaining, note_refusal
from dialog.releases.release import Release
from dialog.reply import EscalationReason, Expectation
from dialog.turn import CallerTurn
from tests.dialog.surroundings import Talk

WHY = {"en": "why is that", "ko": "왜 그렇게 됐나요"}
LATER = {"en": "how much is delivery", "ko": "배송비가 얼마예요"}


@pytest.mark.parametrize("code", ["en", "ko"])
@pytest.mark.parametrize("refusal", list(Refusal))
async def test_every_rule_that_can_refuse_has_a_reason_in_words(
    talk: Callable[..., Talk], release: Release, code: str, refusal: Refusal
) -> None:
    talking = talk(code)
    talking.conversation.refused = Refused("cancel_order", refusal, 0)
    reply = await talking.one(WHY[code])
    assert release.texts(code).render(f"explain.{refusal}") in reply.text
    assert reply.expects is Expectation.YES_NO
    assert isinstance(talking.conversation.question, PersonOffered)
    await talking.conversation.scribe.settle()
    told = talking.payload("decision.explained")
    assert (told["action"], told["refusal"], told["offered"]) == ("cancel_order", refusal, "person")


@pytest.mark.parametrize(("code", "yes"), [("en", "yes please"), ("ko", "네")])
async def test_who_wants_the_person_gets_one(talk: Callable[..., Talk], code: str, yes: str) -> None:
    talking = talk(code)
    talking.conversation.refused = Refused("cancel_order", Refusal.STATE, 0)
    await talking.one(WHY[code])
    reply = await talking.one(yes)
    assert reply.escalation is not None
    assert reply.escalation.reason is EscalationReason.POLICY_DENIED


@pytest.mark.parametrize("code", ["en", "ko"])
async def test_where_nothing_was_refused_why_means_something_else(talk: Callable[..., Talk], code: str) -> None:
    talking = talk(code)
    await talking.say(WHY[code])
    assert "decision.explained" not in talking.kinds()


@pytest.mark.parametrize("code", ["en", "ko"])
async def test_a_refusal_long_ago_is_not_what_a_bare_why_asks_about(talk: Callable[..., Talk], code: str) -> None:
    talking = talk(code)
    talking.conversation.refused = Refused("cancel_order", Refusal.STATE, 0)
    for _ in range(FRESH):
        await talking.say(LATER[code])
    await talking.say(WHY[code])
    assert "decision.explained" not in talking.kinds()


async def test_what_no_rule_refused_has_no_reason_to_tell(talk: Callable[..., Talk]) -> None:
    conversation = talk("en").conversation
    note_refusal(conversation, "cancel_order", None)
    assert conversation.refused is None
    note_refusal(conversation, "cancel_order", Refusal.OWNER)
    assert conversation.refused == Refused("cancel_order", Refusal.OWNER, 0)


async def test_a_tenants_own_words_for_one_action_are_said(talk: Callable[..., Talk], release: Release) -> None:
    conversation = talk("en").conversation
    conversation.refused = Refused("cancel_order", Refusal.STATE, 0)
    texts = release.templates["en"]
    own = replace(texts, texts={**texts.texts, "explain.cancel_order.state": ("The parcel has left our warehouse.",)})
    explaining = Explaining(replace(release, templates={**release.templates, "en": own}))
    reply = explaining.explain(conversation, CallerTurn(1, WHY["en"], "en"))
    assert reply is not None
    assert "left our warehouse" in reply.text
