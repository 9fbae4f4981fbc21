"""Why something was refused: whoever asks gets the rule that decided, and a person who may look at it again.

What our rules decided by themselves they must be able to account for. The rule's reason is one of a few approved texts,
``explain.<refusal>``; where a tenant has words for one action (``explain.<action>.<refusal>``) those are said.

Refuses: values of the record that decided; whoever asks may not be its owner, which may be the very reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dialog.actions.rules import Refusal
from dialog.conversation import Conversation, PersonOffered, Refused
from dialog.parsers.why import asks_why
from dialog.phrasing import hearing, say
from dialog.releases.release import Release
from dialog.reply import Decision, Expectation, Reply
from dialog.turn import CallerTurn

FRESH = 3
"""Turns after a refusal within which a bare "why" asks about it."""


@dataclass(frozen=True, slots=True)
class Explaining:
    """For all conversations of one release. Keeps no state of its own."""

    release: Release

    def explain(self, conversation: Conversation, turn: CallerTurn) -> Reply | None:
        """The reason, and the offer of a person, where the turn asks why something was refused; None where not."""
        refused = conversation.refused
        if refused is None or conversation.flow is not None or conversation.turn > refused.turn + FRESH:
            return None
        if not asks_why(turn.text, conversation.language):
            return None
        texts = self.release.texts(conversation.language)
        own = f"explain.{refused.action}.{refused.refusal}"
        reason = own if own in texts.texts else f"explain.{refused.refusal}"
        reply = say(texts, "explain.automatic", reason, "explain.person", confidence=hearing(turn))
        conversation.question = PersonOffered()
        conversation.progressed()
        conversation.scribe.note(
            "decision.explained",
            {
                "turn": conversation.turn,
                "action": refused.action,
                "refusal": refused.refusal,
                "text": reply.text,
                "offered": "person",
            },
        )
        return replace(reply, decision=Decision.CONVERSE, expects=Expectation.YES_NO)


def note_refusal(conversation: Conversation, action: str, refusal: Refusal | None) -> None:
    """Keep which rule refused, for whoever asks. What no rule of ours refused has no reason to tell."""
    conversation.refused = None if refusal is None else Refused(action, refusal, conversation.turn)
