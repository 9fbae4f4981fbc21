"""A live call as the desk has it in hand: who has it, who is in it, and what can be done with it.

Every command says on which epoch it was decided, where that matters; a stale one is refused. What a command does to the
life of the call is told to the call's own machine, and what it does to whom one hears, to the conference.

Refuses: routing, permission, and the wire.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dialog.identification import Acquaintance
from dialog.reply import Summary
from gateway.session import call as calls
from gateway.session.conference import Mode
from gateway.session.control import Control, Grip, Owner
from gateway.session.errors import LedgerError, OnlyOverheard
from gateway.session.ledger import CallLog
from gateway.session.live import Live
from gateway.session.minutes import Minutes
from gateway.session.people import Departure, People, Person
from gateway.session.records import EventKind
from gateway.telephony.leg import MediaLeg

log = logging.getLogger(__name__)


class Inquiring(Protocol):
    """What a room asks targets outside by; see ``Inquiry``."""

    @property
    def told(self) -> Mapping[str, str] | None:
        """How far it has come."""

    @property
    def reached(self) -> str | None:
        """The target at which somebody has answered."""

    def begin(self, target: str) -> None:
        """Call there."""

    def end(self, why: str) -> None:
        """Ask no more."""


@dataclass(slots=True)
class Room:
    """One call's. ``tell`` takes what happens to its life; ``summarize`` is what a human would have to
    know now, ``acquaintance`` who calls as far as it was shown."""

    minutes: Minutes
    people: People
    live: Live
    tell: Callable[[calls.Event], None]
    summarize: Callable[[], Summary]
    acquaintance: Callable[[], Acquaintance]
    speaks: Callable[[], str]
    recorded: Callable[[], bool]
    line: str
    """The alias of the line that was called."""
    caller: str | None
    handoff: str | None = None
    """The hand-over that it waits in, or was taken from."""
    target: str | None = None
    """Where outside it goes, is, or was last tried to be moved to."""
    overheard: bool = field(default=False, init=False)
    """Whether the call is another platform's: it can be listened to, and no more."""
    over: bool = field(default=False, init=False)
    inquiry: Inquiring | None = field(default=None, init=False)
    """What asks at targets outside whether they take the call; none where nothing can be moved."""

    @property
    def log(self) -> CallLog:
        """The call's record."""
        return self.minutes.log

    @property
    def control(self) -> Control:
        """Who has it."""
        return self.minutes.control

    @property
    def language(self) -> str:
        """In which it goes on."""
        return self.speaks()

    def consult(self, target: str, *, by: str) -> None:
        """Ask at a target outside whether they take the call; the caller is on hold meanwhile, until they are taken
        back. Raises ``InquiryUnderWay``, and ``OnlyOverheard`` where nothing is ever moved."""
        self.require_ours()
        assert self.inquiry is not None, "every call of our own can be moved"
        self.inquiry.begin(target)
        self.hold(True, by=by)

    def stop_consulting(self) -> None:
        """Ask nobody any more. The caller stays on hold: whoever has the call takes them back when they are ready."""
        if self.inquiry is not None:
            self.inquiry.end("they were told not to wait")

    async def enter(self, leg: MediaLeg, person: Person, mode: Mode) -> Departure:
        """Let a person be in the call until they leave it or it is over."""
        return await self.people.enter(leg, person, mode)

    def check(self, seen: int | None) -> None:
        """Raise ``StaleGrip`` for whoever has not seen the last change of hands; None is not asked. Raise
        ``OnlyOverheard`` where nothing can be done anyhow."""
        self.require_ours()
        self.control.pass_to(self.control.grip.owner, self.control.grip.who, seen=seen)

    def take(self, person: Person, *, seen: int | None = None, why: str = "") -> Grip:
        """The call is that person's from now on: not one more word or action of whoever had it gets out.

        Raises ``StaleGrip``.
        """
        grip = self._pass_to(person.role, person.id, seen=seen, why=why)
        self.tell(calls.PersonTook())
        return grip

    def give_back(self, instruction: str, *, seen: int | None = None) -> None:
        """The bot goes on, and does as the person says. Raises ``StaleGrip``."""
        self._pass_to(Owner.BOT, seen=seen, why="given back", instruction=instruction)
        self.hold(False, by="")
        self.tell(calls.GivenBack(instruction))

    async def conclude(self) -> None:
        """Whoever had it has ended it, and is out of it; the bot has a last question to the caller."""
        self._pass_to(Owner.BOT, why="concluded")
        self.hold(False, by="")
        await self.people.close("the contact was concluded")

    def pass_on(self, *, seen: int | None = None) -> None:
        """Somebody else will go on; the caller waits for them. Raises ``StaleGrip``."""
        self._pass_to(Owner.BOT, seen=seen, why="passed on")
        self.hold(False, by="")
        self.tell(calls.PassedOn())

    def send(self, target: str, handoff: str, *, seen: int | None = None) -> None:
        """Move the call to a target outside, under that hand-off. Raises ``StaleGrip``."""
        self._pass_to(Owner.BOT, seen=seen, why="sent elsewhere", asked=target)
        self.hold(False, by="")
        self.target, self.handoff = target, handoff
        self.tell(calls.SentElsewhere())

    def lose(self) -> None:
        """Whoever had it is gone; the caller waits again."""
        self._pass_to(Owner.BOT, why="lost")
        self.hold(False, by="")
        self.tell(calls.PersonLost())

    def hang_up(self, *, by: str, seen: int | None = None) -> None:
        """End the call. Raises ``StaleGrip``."""
        self.check(seen)
        self.minutes.write(EventKind.CALL_HUNG_UP, by=by)
        self.tell(calls.PersonEnded())

    def hold(self, held: bool, *, by: str) -> None:
        """Put the caller on hold, or take them back: then nobody is waited for any more who is asked and has not
        answered. Raises ``OnlyOverheard``."""
        self.require_ours()
        if not held and self.inquiry is not None and self.inquiry.reached is None:
            self.inquiry.end("the caller was taken back")
        if held != self.people.held:
            self.people.hold(held)
            self.minutes.write(EventKind.CALL_HELD if held else EventKind.CALL_RESUMED, by=by)
            self.tell(calls.HoldChanged(held))

    def require_ours(self) -> None:
        """Raise ``OnlyOverheard`` for what can be done only with a call of our own."""
        if self.overheard:
            raise OnlyOverheard(f"call {self.log.call_id} is another platform's: it can only be listened to")

    def note(self, kind: EventKind, /, **payload: object) -> None:
        """Write something that the desk did into the call's record, also behind its end."""
        if not self.over:
            self.minutes.write(kind, **payload)
            return
        try:
            self.log.append(kind, payload)
        except LedgerError as error:
            log.error("%s of call %s is not in its record: %s", kind, self.log.call_id, error)

    async def close(self, why: str) -> None:
        """The call is over: everybody's part ends."""
        language = self.language
        self.over, self.speaks = True, lambda: language  # the session behind it goes
        await self.people.close(why)
        self.live.close()

    def _pass_to(
        self,
        owner: Owner,
        who: str = "",
        *,
        seen: int | None = None,
        why: str,
        instruction: str = "",
        asked: str = "",
    ) -> Grip:
        """``asked``: the target whose answer is waited for no more, because the call goes there."""
        self.require_ours()
        before = self.control.epoch
        grip = self.control.pass_to(owner, who, seen=seen)
        if owner is Owner.BOT and self.inquiry is not None and not (asked and self.inquiry.reached == asked):
            self.inquiry.end(why)  # nobody is left who asks
        if grip.epoch != before:
            told = {"instruction": instruction} if instruction else {}
            self.minutes.write(
                EventKind.CONTROL_CHANGED, owner=grip.owner, agent=grip.who, epoch=grip.epoch, why=why, **told
            )
        return grip
