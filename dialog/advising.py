"""A language model's part in one conversation: an opinion of turns, and words for answers, out of one share of it.

It is asked what a turn means only where the embedded heads are unsure, never for words that a turn may still go on
from, and its opinion is one more guess for the arbiter. What it was asked and what became of it stands in the record.

Refuses: deciding anything, and languages that nobody has written instructions in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialog.answers.composer import Composer
from dialog.answers.ladder import Patience
from dialog.clock import Clock
from dialog.command import describe
from dialog.errors import LanguageNotSpoken
from dialog.journal import Scribe
from dialog.models.generator import Usage
from dialog.models.guarded_generator import MeteredGenerator
from dialog.models.language_model import LanguageModel, answer_limits
from dialog.models.prompt import Menu, prompts
from dialog.releases.release import Release
from dialog.turn import CallerTurn, Speaker, Utterance
from dialog.understanding.model_understander import AdvisedUnderstander, ModelUnderstander
from dialog.understanding.understander import Listening, Understander, Understanding


@dataclass(frozen=True, slots=True)
class Advising:
    """The language model for all conversations of one release; ``menus`` is what callers can have, by language."""

    release: Release
    model: LanguageModel
    clock: Clock
    menus: Mapping[str, Menu]

    @classmethod
    def of(cls, release: Release, model: LanguageModel, clock: Clock) -> Advising:
        """For the languages of the release that there are instructions in."""
        return cls(
            release, model, clock, {code: _menu(release, code) for code in release.templates if _instructed(code)}
        )

    def begin(self) -> Adviser:
        """A conversation's share of the model."""
        share = self.model.share()
        embedded = self.release.understander
        opinion = ModelUnderstander(share, self.menus, seconds=self.model.settings.understand_timeout)
        advised = AdvisedUnderstander(embedded, opinion)
        return Adviser(self.model, share, self.clock, frozenset(self.menus), embedded, advised)


@dataclass(frozen=True, slots=True)
class Adviser:
    """The language model in one conversation, as far as its ``share`` goes."""

    model: LanguageModel
    share: MeteredGenerator
    clock: Clock
    languages: frozenset[str]
    embedded: Understander
    advised: AdvisedUnderstander

    async def understand(
        self, turn: CallerTurn, listening: Listening, history: Sequence[Utterance], scribe: Scribe
    ) -> Understanding:
        """What a turn means, the model's opinion among it where the heads are unsure. Raises ``LanguageNotSpoken``."""
        if turn.language not in self.languages:
            return await self.embedded.understand(turn, listening)
        before = [line for line in history if (line.speaker, line.turn) != (Speaker.CALLER, turn.number)]
        began = self.clock.monotonic()
        advised = await self.advised.understand(turn, listening, before)
        reading = advised.reading
        if reading is not None:
            scribe.note(
                "turn.advised",
                {
                    "turn": turn.number,
                    **self.signature(turn.language),
                    "commands": [describe(command) for command in reading.commands],
                    "dropped": [reason.value for reason in reading.dropped],
                    "seconds": round(self.clock.monotonic() - began, 4),
                },
            )
        return advised.understanding

    def composer(self, patience: Patience) -> Composer:
        """Words one answer."""
        return Composer(self.share, answer_limits(self.model.settings), patience)

    def signature(self, code: str) -> dict[str, object]:
        """Which model it is, with which instructions, and how much of it this conversation has had so far."""
        spent: Usage = self.share.spent
        return {
            "model": self.model.identity,
            "prompts": prompts(code).digest[:12],
            "spent": {"tokens": spent.tokens, "cost": round(spent.cost, 6)},
        }


def _instructed(code: str) -> bool:
    try:
        prompts(code)
    except LanguageNotSpoken:
        return False
    return True


def _menu(release: Release, code: str) -> Menu:
    """What callers can have done, as the tenant calls it."""
    texts = release.texts(code)
    return Menu({flow: texts.render(f"{flow}.wish") for flow in release.flows})
