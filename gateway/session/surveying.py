"""The question after a contact: how content the caller is, from one to five, by key or in words.

Asked once, and once more where the answer was none; then the caller is thanked and the call ends. Whoever asks for a
person instead gets one.

Refuses: asking where the tenant does not, and keeping the words: only the number is written down.
"""

from __future__ import annotations

from enum import Enum, auto

from dialog.parsers.rating import HIGHEST, LOWEST, read_rating
from dialog.parsers.wishes import wants_person
from dialog.reply import Entry, Expectation
from gateway.session.minutes import Minutes
from gateway.session.phrases import Phrase, say
from gateway.session.records import EventKind
from gateway.session.talk import Talk
from gateway.session.tenant import SurveyPolicy
from gateway.session.turn_taking import TurnEnded

TIMES_ASKED = 2
"""How often the question is said to a caller of whom nothing comes that is a rating."""

SURE = 0.5
"""How surely (0..1) a rating in words must have been heard."""

PERSON_KEY = "0"
"""The key that asks for a person."""

_ENTRY = Entry(length=1, terminators="", anew=True)


class Next(Enum):
    """What follows from a turn while the question stands."""

    AGAIN = auto()
    THANK = auto()
    """It was answered, or will not be."""
    PERSON = auto()


class Surveying:
    """One call's."""

    def __init__(self, policy: SurveyPolicy, minutes: Minutes, talk: Talk) -> None:
        self._policy = policy
        self._minutes = minutes
        self._talk = talk
        self._asked = 0
        self._person = False
        self.farewell: int | None = None
        """The number of the reply that ends the call."""

    @property
    def _with(self) -> str:
        return "person" if self._person else "bot"

    async def ask(self, *, person: bool = False) -> None:
        """Ask, after a contact that a ``person`` or the automatic service has ended."""
        if not self._asked:
            self._person = person
            self._note(EventKind.SURVEY_ASKED)
        self._asked += 1
        await self._talk.announce(say(Phrase.HOW_CONTENT, self._talk.language), Expectation.SPEAKING, _ENTRY)
        self._talk.rest()

    def answered(self, turn: TurnEnded) -> Next:
        """Take a turn as the answer; a rating is written down."""
        language = self._talk.language
        if turn.digits == PERSON_KEY or wants_person(turn.text, language):
            return Next.PERSON
        score = _pressed(turn.digits) if turn.digits else self._spoken(turn)
        if score is not None:
            self._note(EventKind.SURVEY_ANSWERED, score=score, by="keys" if turn.digits else "words")
            return Next.THANK
        return Next.AGAIN if self._asked < TIMES_ASKED else Next.THANK

    def _spoken(self, turn: TurnEnded) -> int | None:
        """The rating in words; what was badly heard is asked for again."""
        return read_rating(turn.text, self._talk.language) if turn.confidence >= SURE else None

    async def thank(self) -> None:
        """The last words of the call."""
        self.farewell = self._talk.next_reply
        await self._talk.announce(say(Phrase.THANKS, self._talk.language), Expectation.NOTHING)

    def _note(self, kind: EventKind, /, **payload: object) -> None:
        self._minutes.write(kind, question=self._policy.question, **payload, **{"with": self._with})


def _pressed(digits: str) -> int | None:
    """The rating of one key."""
    return int(digits) if digits.isdecimal() and LOWEST <= int(digits) <= HIGHEST else None
